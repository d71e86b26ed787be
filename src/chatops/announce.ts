// What nobody has to ask for: the commit of each rollout that the settings name for a repository has its status.
import type { Logger } from 'pino';
import type { Clock, Random } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { Lanes } from '../gates/lanes.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import { type Outcome, outcomeOf } from '../plugin/outcome.ts';
import type { Report } from '../report/report.ts';
import { watchReports } from '../report/watch.ts';
import type { OpenApi } from './access.ts';
import { describe, marks } from './follow.ts';
import { openThread } from './forges.ts';
import type { Marked } from './marked.ts';
import { type ForgeSettings, forgeNames, type Settings } from './settings.ts';
import { revisionsIn } from './shipped.ts';
import { isSha, type Mark, type Place } from './thread.ts';

export interface Announcing {
  readonly settings: () => Promise<Settings>;
  readonly open: OpenApi;
  readonly marked: Marked;
  /** As the process itself, with the API server's clock. */
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Pick<Logger, 'warn'>;
}

/** A rollout that was on trial, and the commit that it was of. */
interface Trial {
  readonly revision: string;
  readonly sha: string;
}

const everyMs = 30_000;
/** How it came out while nobody looked is still told. */
const lateMs = 3_600_000;

/** Tells the commits how their rollouts stand, until `signal` aborts. Throws where Deployments may not be read. */
export async function announce(with_: Announcing, signal: AbortSignal): Promise<void> {
  const [trials, lanes] = [new Map<string, Trial>(), new Lanes()];
  for await (const look of watchReports({ ...with_, everyMs }, undefined, signal)) {
    if ('trouble' in look) continue;
    const settings = await with_.settings().catch((): Settings => ({}));
    const there = new Set(look.seen.map(keyOf));
    const gone = [...trials.keys()].filter((key) => !there.has(key));
    for (const key of gone) trials.delete(key);
    for (const report of look.seen) {
      const places = placesOf(settings, report);
      const found = places.length === 0 ? [] : await marksOf(with_, report, trials);
      for (const place of places)
        lanes.add(`${keyOf(report)} ${place.forge} ${place.repository}`, () => tell(with_, place, found));
    }
  }
}

interface At extends Place {
  readonly settings: ForgeSettings;
}

function placesOf(settings: Settings, { namespace, name }: Report): readonly At[] {
  return forgeNames.flatMap((forge) => {
    const own = settings[forge];
    if (own === undefined) return [];
    const named = [...own.repositories].filter(([, targets]) =>
      targets.some((each) => each.namespace === namespace && each.name === name),
    );
    return named.map(([repository]) => ({ forge, repository, settings: own }));
  });
}

/** How the trial that was there has ended, where it has; and how the one that is there stands. */
async function marksOf(
  with_: Announcing,
  report: Report,
  trials: Map<string, Trial>,
): Promise<readonly Mark[]> {
  const key = keyOf(report);
  const before = trials.get(key);
  const { candidate, phase, endedAt, stable, at } = report;
  const isBefore = before !== undefined && candidate?.revision !== before.revision;
  const ended = isBefore ? [markOf(report, before, outcomeOf(report, before, true))] : [];
  if (isBefore) trials.delete(key);
  const isLate = before === undefined && phase === 'Succeeded' && at - (endedAt ?? 0) < lateMs;
  if (candidate === undefined && !isLate) return ended.flatMap((mark) => mark ?? []);
  const { revision } = candidate ?? stable;
  const kept = isBefore ? undefined : before;
  const sha = kept?.sha ?? (await shaOf(with_, report));
  if (sha === undefined) return ended.flatMap((mark) => mark ?? []);
  const trial = { revision, sha };
  if (candidate !== undefined) trials.set(key, trial);
  return [...ended, markOf(report, trial, outcomeOf(report, { revision }, true))].flatMap(
    (mark) => mark ?? [],
  );
}

function markOf(report: Report, { sha }: Trial, outcome: Outcome): Mark | undefined {
  const state = marks[outcome.is];
  if (state === undefined) return undefined;
  return { sha, state, description: describe(report, outcome), environment: keyOf(report) };
}

async function shaOf({ kube }: Announcing, { namespace, name }: Report): Promise<string | undefined> {
  const main = await kube.get(resources.deployments, namespace, name).catch(() => undefined);
  return main === undefined ? undefined : revisionsIn(main).find(isSha);
}

async function tell(
  { open, marked, log }: Announcing,
  { settings, ...place }: At,
  found: readonly Mark[],
): Promise<void> {
  for (const mark of found)
    try {
      await marked.mark(place, mark, async () => openThread(open, settings, place));
    } catch (error) {
      const { repository } = place;
      log.warn({ rollout: mark.environment, repository, why: messageOf(error) }, 'is not told');
    }
}

function keyOf({ namespace, name }: Pick<Report, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
