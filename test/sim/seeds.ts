// Many seeds on all cores: each worker takes the next seed as soon as it has done one.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { invariants } from './invariants/index.ts';
import type { History } from './history.ts';
import { historyOf } from './plan.ts';
import { run, type Violation } from './run.ts';

/** What one seed came to; small enough to be sent from thread to thread. */
export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly history: History;
  readonly checks: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly rollouts: Readonly<Record<string, number>>;
  readonly virtualMs: number;
  /** What it cost, in ms of one core. */
  readonly costMs: number;
}

/** Plays one seed. */
async function playSeed(seed: number): Promise<Outcome> {
  const begun = process.threadCpuUsage();
  const history = historyOf(seed);
  const { violation, checks, calls, rollouts, virtualMs } = await run(history, invariants);
  return { seed, violation, history, checks, calls, rollouts, virtualMs, costMs: costOf(begun) };
}

function costOf(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1_000;
}

export interface SeedsOptions {
  readonly from: number;
  readonly count: number;
  readonly workers?: number;
  readonly onOutcome: (outcome: Outcome) => void;
  /** No further seed is begun once it holds. */
  readonly isOver?: () => boolean;
}

/** Plays `count` seeds; resolves when all are done. */
export async function playSeeds(options: SeedsOptions): Promise<void> {
  const { from, count, workers = availableParallelism(), onOutcome, isOver = () => false } = options;
  let next = from;
  const nextSeed = (): number | undefined => (next < from + count && !isOver() ? next++ : undefined);
  const each = Array.from({ length: Math.min(workers, count) }, () => inWorker(nextSeed, onOutcome));
  await Promise.all(each);
}

function inWorker(nextSeed: () => number | undefined, onOutcome: SeedsOptions['onOutcome']): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url));
    const give = (): void => {
      const seed = nextSeed();
      worker.postMessage(seed);
      if (seed === undefined) resolve();
    };
    worker.on('message', (outcome: Outcome | 'ready') => {
      if (outcome !== 'ready') onOutcome(outcome);
      give();
    });
    worker.on('error', reject);
  });
}

/** The other side: answers each seed it is sent with its outcome. */
function answerSeeds(port: NonNullable<typeof parentPort>): void {
  port.on('message', (seed: number | undefined) => {
    if (seed === undefined) port.close();
    else void playSeed(seed).then((outcome) => port.postMessage(outcome));
  });
  port.postMessage('ready');
}

if (!isMainThread && parentPort !== null) {
  // Of thousands of errors that are part of a history nobody reads where they came from; a replay shows it.
  Error.stackTraceLimit = 0;
  answerSeeds(parentPort);
}
