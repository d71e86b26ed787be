// A rollout that somebody asked about, followed to its end: the one comment is kept current, and so is the commit's status.
import type { Logger } from 'pino';
import type { Random } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { type Outcome, watchedFor } from '../plugin/outcome.ts';
import { painted } from '../plugin/lines.ts';
import { changeLine } from '../plugin/render-change.ts';
import { statusLines } from '../plugin/render-status.ts';
import type { Report } from '../report/report.ts';
import { watchReport } from '../report/watch.ts';
import { block } from './markdown.ts';
import { columns, type Running } from './run-as.ts';
import type { Shipped } from './shipped.ts';
import type { Mark, Thread } from './thread.ts';

export interface Following {
  readonly target: Shipped;
  readonly thread: Pick<Thread, 'edit' | 'mark'>;
  /** The comment to keep current, and what stands in it above the screen. */
  readonly comment: string;
  readonly lead: string;
  /** What was asked, for people. */
  readonly url: string;
  /** A command was given: as it stands at first is no end, since it is still to be heeded. */
  readonly isTold: boolean;
}

export interface FollowWith {
  readonly cluster: Running['cluster'];
  readonly random: Random;
  readonly log: Pick<Logger, 'warn'>;
}

/** Forges slow down whoever writes more often. */
const everyMs = 15_000;
const heededMs = 60_000;
/** Whoever still wants to know asks again. */
const longestMs = 24 * 3_600_000;
const mostOfDescription = 140;

/** Follows until the rollout is over, `signal` aborts, or a day has passed. Throws where it may not be read any more. */
export async function follow(with_: FollowWith, following: Following, signal: AbortSignal): Promise<void> {
  const { cluster, random } = with_;
  const { namespace, name } = following.target;
  const began = cluster.clock.now();
  let last: string | undefined;
  let [outcomeIn, first]: [((report: Report) => Outcome)?, Outcome?] = [];
  for await (const look of watchReport({ ...cluster, random, everyMs }, namespace, name, signal)) {
    const now = cluster.clock.now();
    if (now - began > longestMs) return;
    if ('trouble' in look) continue;
    if (look.seen === undefined) return;
    // The version that was there at first.
    outcomeIn ??= watchedFor({ revision: (look.seen.candidate ?? look.seen.stable).revision });
    const stands = outcomeIn(look.seen);
    first ??= stands;
    const isEarly = following.isTold && now - began < heededMs && isSame(stands, first);
    const outcome: Outcome = isEarly ? { ...stands, is: 'open' } : stands;
    const line = `${outcome.is} ${painted(changeLine(look.seen, 0), false)}`;
    if (line !== last) await tell(with_, following, look.seen, outcome);
    last = line;
    if (outcome.is !== 'open') return;
    await cluster.clock.sleep(everyMs, signal);
  }
}

function isSame({ is, why }: Outcome, first: Outcome): boolean {
  return is === first.is && why === first.why;
}

/** What a forge refuses is logged: the next change is told again. */
async function tell(
  { log, cluster }: FollowWith,
  { target, thread, comment, lead, url }: Following,
  report: Report,
  outcome: Outcome,
): Promise<void> {
  const { namespace, name, sha } = target;
  const environment = `${namespace}/${name}`;
  const tried = async (doing: Promise<void>): Promise<void> =>
    doing.catch((error: unknown) => log.warn({ rollout: environment, why: messageOf(error) }, 'is not told'));
  await tried(thread.edit(comment, lead + block(screenOf(report, cluster.clock.now()))));
  const state = marks[outcome.is];
  if (sha === undefined || state === undefined) return;
  await tried(thread.mark({ sha, state, description: describe(report, outcome), environment, url }));
}

/** Of what is released without a canary there is nothing to say. */
export const marks: Readonly<Record<Outcome['is'], Mark['state'] | undefined>> = {
  open: 'pending',
  done: 'success',
  failed: 'failure',
  nothing: undefined,
};

function screenOf(report: Report, now: number): string {
  const lines = statusLines(report, { width: columns, now, wide: false });
  return lines.map((line) => painted(line, false)).join('\n');
}

/** How it came out and what showed it, as much as a status holds. */
export function describe({ checks }: Pick<Report, 'checks'>, { why }: Outcome): string {
  const evidence = (checks?.last?.evidence ?? []).filter((each) => !why.includes(each));
  const text = [why, ...evidence]
    .filter((each) => each !== '')
    .join('; ')
    .replaceAll(/\s+/g, ' ');
  const letters = Array.from(text);
  if (text.length <= mostOfDescription) return text;
  // Letters beyond the basic plane count twice at some forges.
  while (letters.join('').length > mostOfDescription - 1) letters.pop();
  return `${letters.join('')}…`;
}
