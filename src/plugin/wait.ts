import type { Report } from '../report/report.ts';
import { noSuch, nameOf } from './find.ts';
import { follow } from './follow.ts';
import { type Outcome, type Target, watchedFor } from './outcome.ts';
import { type Args, type Cluster, exit, type ExitCode, type Io } from './verb.ts';
import { lengthText } from './words.ts';

/** Half an hour. */
export const usualWaitMs = 1_800_000;

/** Waits for the end of a rollout; the exit code says how it came out. */
export async function wait(io: Io, args: Args): Promise<ExitCode> {
  const [revision, image] = [args.text('revision'), args.text('image')];
  const target: Target = {
    ...(revision === undefined ? {} : { revision }),
    ...(image === undefined ? {} : { image }),
  };
  const cluster = await io.cluster(args);
  const name = nameOf(args) ?? '';
  return waitFor(io, cluster, { name, target, timeoutMs: args.ms('timeout') ?? usualWaitMs });
}

export interface Waiting {
  readonly name: string;
  readonly target: Target;
  readonly timeoutMs: number;
}

/** Follows the rollout to the end of what is waited for, and says how it came out. */
export async function waitFor(
  io: Io,
  cluster: Cluster,
  { name, target, timeoutMs }: Waiting,
): Promise<ExitCode> {
  const outcomeIn = watchedFor(target);
  let last: Outcome | undefined;
  const settled = (report: Report | undefined): Outcome | undefined => {
    if (report === undefined) return { is: 'failed', why: '' };
    last = outcomeIn(report);
    return last.is === 'open' ? undefined : last;
  };
  const outcome = await follow(io, cluster, { name, timeoutMs }, settled);
  if (outcome === undefined) {
    const why = last === undefined ? 'it could not be read' : last.why;
    const over = io.signal.aborted ? 'stopped' : `not over after ${lengthText(timeoutMs)}`;
    io.err(`${name}: ${over}: ${why}\n`);
    return exit.undecided;
  }
  return told(io, outcome.why === '' ? await noSuch(cluster, name) : `${name}: ${outcome.why}`, outcome.is);
}

function told(io: Io, sentence: string, is: Outcome['is']): ExitCode {
  if (is === 'done') {
    io.out(`${sentence}\n`);
    return exit.done;
  }
  io.err(`${sentence}\n`);
  return is === 'failed' ? exit.failed : exit.undecided;
}
