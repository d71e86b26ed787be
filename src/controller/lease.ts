import { hasCode } from '../errors.ts';
import { askedWaitMs } from '../kube/retry.ts';
import { isFree, type LeaseSeen } from './lease-record.ts';
import { type LeaseOptions, readOwnLease, Tenure } from './tenure.ts';

export interface LeaderOptions extends LeaseOptions {
  /**
   * The leader's work. `signal` aborts as soon as the Lease cannot be held, or all is to end: it must then return.
   * `fence` is larger for each leader than for the one before; `holds` tells at any moment whether the Lease is still
   * known to be ours.
   */
  readonly lead: (signal: AbortSignal, fence: number, holds: () => boolean) => Promise<void>;
}

const lookEachMs = 2_000;

/**
 * Leads whenever the Lease is ours, until `signal` aborts or `lead` returns of its own accord; then gives the Lease
 * free. Never leads again before `lead` has returned. Rejects only with what `lead` throws.
 */
export async function runAsLeader(options: LeaderOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const tenure = await acquire(options, signal);
    if (tenure === undefined || (await tenure.spend(options.lead, signal)) === 'done') return;
  }
}

/** Waits until the Lease is free, and takes it; undefined where `signal` came first. */
async function acquire(options: LeaderOptions, signal: AbortSignal): Promise<Tenure | undefined> {
  const { clock, random, identity, onFailure } = options;
  let last: LeaseSeen | undefined;
  // Time slept, not read off a clock: those of machines disagree, and step.
  let unchangedMs = 0;
  while (!signal.aborted) {
    let pauseMs = lookEachMs * (1 + random() / 5);
    try {
      const seen = await readOwnLease(options);
      if (seen?.renewal !== last?.renewal) unchangedMs = 0;
      last = seen;
      if (seen === undefined || isFree(seen, identity, unchangedMs)) return await Tenure.take(options, seen);
    } catch (error) {
      // A conflict is another who was quicker.
      if (!hasCode(error, 'KUBE_CONFLICT')) onFailure?.(error);
      pauseMs = Math.max(pauseMs, askedWaitMs(error));
    }
    await clock.sleep(pauseMs, signal);
    unchangedMs += pauseMs;
  }
  return undefined;
}
