// While a scaler sets main's pods, what they are says what the traffic needs: the twin need not keep what nobody asks for.
import { carriedBy } from './capacity.ts';
import { type Moment, neededNow, type Underway } from './moves.ts';
import { patience, patientFactor } from './promote.ts';
import type { Observation } from './types.ts';

/**
 * Pods that carry all the traffic of a trial. Main shrinks also because the twin serves for it: its pods are what its
 * share needs, and the rest needs as many for its own. Where users are chosen for the twin, by a condition or a cookie,
 * nobody knows its share, and then it is the most that there were, as without a scaler.
 */
export function neededOnTrial({ plan, state, seen }: Moment<Underway>): number {
  const most = neededNow({ state, seen });
  const { strategy, affinity } = plan.spec.analysis;
  const isChosen = affinity !== undefined || (strategy.kind === 'iterations' && strategy.match !== undefined);
  // Who scales main to zero says nothing of the load.
  if (!seen.main.scaler || seen.main.replicas === 0 || isChosen) return most;
  return Math.min(most, carriedBy(seen.main.replicas, 100 - state.weight));
}

/**
 * How many pods a twin keeps that has more than a fifth over the `pods` it needs; undefined where it keeps what it has.
 * A scaler had time to say what main needs at this weight, and a twin with one of its own is left to that.
 */
export function withoutSurplus(
  { plan, state, seen, now }: Moment<Underway>,
  twin: NonNullable<Observation['twin']>,
  pods: number,
): number | undefined {
  const kept = Math.ceil(pods * patientFactor);
  const { scaler, replicas, available } = seen.main;
  if (!scaler || plan.spec.scaler !== undefined || twin.replicas <= kept) return undefined;
  const since = Math.max(state.since, twin.ledger?.weightAt ?? Number.POSITIVE_INFINITY);
  return now >= since + patience * plan.settleMs && available >= replicas ? kept : undefined;
}
