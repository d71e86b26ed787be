import { isDeepStrictEqual } from 'node:util';
import { SerinError } from '../errors.ts';
import { hash } from '../kube/hash.ts';
import { resources } from '../kube/objects.ts';
import { readReport, type Source } from '../report/read.ts';
import type { Report } from '../report/report.ts';
import { revisionIn, tell } from '../report/tell.ts';
import type { Look } from '../report/watch.ts';
import { canaryName } from '../routing/twin-labels.ts';
import type { Asked } from './asked.ts';
import { routesOf, templatesOf } from './detail.ts';
import type { Heard } from './heard-kube.ts';
import { createHub, type Hub } from './hub.ts';
import { joined } from './joined.ts';
import type { Past, Span } from './past.ts';
import { Recording } from './series.ts';
import type { Board } from './server.ts';
import type { ClusterShown, Detail, Summary } from './wire.ts';

interface BoardOptions extends Source {
  readonly past: Past;
  /** Of the kubeconfig. */
  readonly context: string;
  readonly allowActions: boolean;
  /** What tells this server from the one that stood at the same port before. */
  readonly boot: string;
}

export interface LiveBoard extends Board {
  /** All rollouts as they are now, or why they could not be seen. */
  look(look: Look<readonly Report[]>): void;
  /** Whether the API server answers, or why not. */
  hear: Heard;
}

interface Kept {
  readonly report: Report;
  readonly recording: Recording;
}

/** The state of the page, for everybody who looks at it. */
export function createBoard({ past, context, allowActions, boot, ...source }: BoardOptions): LiveBoard {
  const { kube, clock } = source;
  let kept: ReadonlyMap<string, Kept> = new Map();
  let cluster: ClusterShown = { ok: true };
  const hub: Hub = createHub(boot, () => ({
    ...{ kind: 'all', at: clock.now(), context, allowActions, cluster },
    rollouts: [...kept.values()].map(({ report }) => summaryOf(report)),
  }));
  const hear: Heard = (trouble) => {
    if ((trouble === undefined) === cluster.ok) return;
    cluster = trouble === undefined ? { ok: true } : { ok: false, why: trouble, since: clock.now() };
    hub.tell({ kind: 'cluster', cluster });
  };
  return {
    hub,
    hear,
    look(look) {
      if ('trouble' in look) return hear(look.trouble);
      hear(undefined);
      const before = kept;
      kept = new Map(look.seen.map((report) => [keyOf(report), taken(report, before.get(keyOf(report)))]));
      for (const [key, { report }] of kept) {
        const known = before.get(key)?.report;
        if (known === undefined || !isDeepStrictEqual(summaryOf(known), summaryOf(report)))
          hub.tell({ kind: 'rollout', rollout: summaryOf(report) });
      }
      for (const [key, { report }] of before)
        if (!kept.has(key)) hub.tell({ kind: 'gone', namespace: report.namespace, name: report.name });
    },
    async detail(namespace, name) {
      const report = await readReport(source, namespace, name);
      if (report === undefined) return undefined;
      const [deployment, routes, lines] = await Promise.all([
        kube.get(resources.deployments, namespace, name),
        routesOf(kube, report),
        past.lines(spanOf(report)),
      ]);
      const recorded = taken(report, kept.get(keyOf(report))).recording.series;
      const templates = deployment === undefined ? undefined : templatesOf(deployment);
      const detail: Detail = { report, routes, series: joined(recorded, lines) };
      return templates === undefined ? detail : { ...detail, templates };
    },
    act: (asked) => act(source, asked),
  };
}

/** A report with the recording of its rollout, which has it now. */
function taken(report: Report, before: Kept | undefined): Kept {
  const recording = before?.recording ?? new Recording();
  recording.take(report);
  return { report, recording };
}

/** Of the candidate that the page showed, or of none. */
async function act({ kube }: Source, { namespace, name, revision, said }: Asked): Promise<void> {
  const main = await kube.get(resources.deployments, namespace, name);
  if (main === undefined)
    throw new SerinError('KUBE_NOT_FOUND', `there is no Deployment ${namespace}/${name} any more`);
  const now = revisionIn(main);
  if (revision !== undefined && now !== revision)
    throw new SerinError(
      'KUBE_CONFLICT',
      `nothing was said: revision ${now} has taken the place of ${revision}; look again`,
    );
  await tell(kube, main, JSON.stringify(said));
}

/** Before the trial the stable version is shown for a while, to compare. */
const leadMs = 10 * 60_000;
const longestMs = 24 * 3_600_000;

function spanOf({ namespace, name, at, startedAt, endedAt }: Report): Span {
  const to = endedAt === undefined ? at : Math.min(at, endedAt + leadMs);
  const from = Math.max((startedAt ?? at) - leadMs, to - longestMs);
  return { namespace, stable: name, canary: canaryName(name, hash), from, to };
}

/** What the list shows of a report. */
export function summaryOf(report: Report): Summary {
  const { at: _, history: __, events: ___, tree: ____, ...summary } = report;
  return summary;
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
