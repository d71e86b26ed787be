import { type Moment, stay, type Underway } from './moves.ts';
import { fail } from './rollback.ts';
import type { Action, Decision } from './decision.ts';
import type { Ledger } from './types.ts';

/**
 * Asks for the twin, its Service and what guards it, after `before`. Where that has been refused until the deadline the
 * candidate fails: what does not come to be holds nobody for ever, nor its group.
 */
export function askTwin(moment: Moment<Underway>, replicas: number, ...before: readonly Action[]): Decision {
  const { plan, state, seen, now } = moment;
  const { progressDeadlineMs } = plan.spec;
  // While the first weight is held no time runs out.
  const isHeld = state.phase === 'Starting' && state.pause !== undefined;
  const isLate = now >= runningFrom(state, seen.twin?.ledger) + progressDeadlineMs;
  if (seen.unmade === undefined || isHeld || !isLate)
    return stay(moment, ...before, { do: 'twin', replicas });
  const seconds = progressDeadlineMs / 1000;
  return fail(
    moment,
    `the canary could not be made in ${seconds}s (progressDeadlineSeconds): ${seen.unmade}`,
  );
}

/** From when the time of a trial runs: its step, or its last check. */
export function runningFrom(state: Underway, ledger: Ledger | undefined): number {
  return Math.max(state.since, ledger?.last?.at ?? 0, ledger?.weightAt ?? 0);
}
