// Plans on all cores: each worker plays the references once and then one plan after another.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type CrashPlan, crashPlans, playCrash } from './crash-plans.ts';
import { type Known, playReferences } from './record.ts';
import { playSieve, type SievePlan, sievePlans } from './sieve.ts';

export type Sweep = 'crash' | 'sieve';

export interface SweepOptions {
  readonly sweep: Sweep;
  readonly workers?: number;
  /** The plans to play, of so many that there are; all where absent. */
  readonly choose?: (count: number) => readonly number[];
  readonly onFound: (what: string) => void;
}

export interface Swept {
  readonly plans: number;
  readonly played: number;
  readonly references: number;
}

type Message =
  | { readonly plans: number; readonly references: number }
  | { readonly found: string | undefined };

/** Plays the plans of a sweep; resolves when all are done. */
export async function sweepAll({
  sweep,
  workers = availableParallelism(),
  choose,
  onFound,
}: SweepOptions): Promise<Swept> {
  let left: number[] | undefined;
  let swept: Swept = { plans: 0, played: 0, references: 0 };
  const take = (message: Message): number | undefined => {
    if ('plans' in message) {
      left ??= [...(choose?.(message.plans) ?? Array.from({ length: message.plans }, (_, nth) => nth))];
      swept = { ...swept, ...message };
    } else {
      swept = { ...swept, played: swept.played + 1 };
      if (message.found !== undefined) onFound(message.found);
    }
    return left?.shift();
  };
  await Promise.all(Array.from({ length: workers }, () => inWorker(sweep, take)));
  return swept;
}

function inWorker(sweep: Sweep, take: (message: Message) => number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: sweep });
    worker.on('message', (message: Message) => {
      const plan = take(message);
      worker.postMessage(plan);
      if (plan === undefined) resolve();
    });
    worker.on('error', reject);
  });
}

/** The other side: plays each plan it is sent the number of. */
async function answerPlans(port: NonNullable<typeof parentPort>, sweep: unknown): Promise<void> {
  const known = await playReferences();
  const plans = sweep === 'crash' ? crashPlans(known) : sievePlans(known);
  port.on('message', (nth: number | undefined) => {
    const plan = nth === undefined ? undefined : plans[nth];
    if (plan === undefined) port.close();
    else void play(known, plan).then((found) => port.postMessage({ found } satisfies Message));
  });
  port.postMessage({ plans: plans.length, references: known.length } satisfies Message);
}

function play(known: readonly Known[], plan: CrashPlan | SievePlan): Promise<string | undefined> {
  return 'flaw' in plan ? playCrash(known, plan) : playSieve(known, plan);
}

if (!isMainThread && parentPort !== null) await answerPlans(parentPort, workerData);
