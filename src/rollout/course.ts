// Where a trial stands on the way that its plan lays out.
import { podsFor } from './capacity.ts';
import type { Moment, Underway } from './moves.ts';
import { type Beside, checksOf, weightsOf } from './strategy.ts';
import type { Plan, State } from './types.ts';

/** True where the candidate is promoted without checks. */
export function skipsAnalysis({ spec }: Plan, state: State): boolean {
  return spec.skipAnalysis || state.known === true;
}

/** The weight with which a trial with routes begins: none where requests are only copied, matched or not sent at all. */
export function entryWeight({ spec }: Plan): number {
  const { strategy } = spec.analysis;
  if (strategy.kind === 'iterations' || strategy.mirror !== undefined) return 0;
  return weightsOf(strategy)[0] ?? 0;
}

/** The weight after a check that passed at `weight`; undefined where promotion follows. */
export function nextWeight({ spec }: Plan, weight: number): number | undefined {
  return weightsOf(spec.analysis.strategy).find((each) => each > weight);
}

/** True where the next check that passes is the last. */
export function isAtEnd({ plan, state, seen }: Moment): boolean {
  if (state.phase === 'Rolling') return (nextWeight(plan, state.weight) ?? 100) >= 100;
  if (state.phase !== 'Progressing' && state.phase !== 'Waiting') return false;
  const { strategy } = plan.spec.analysis;
  if (strategy.kind === 'weights' && seen.route.kind === 'split')
    return nextWeight(plan, state.weight) === undefined;
  return (seen.twin?.ledger?.passed ?? 0) + 1 >= checksOf(strategy);
}

/**
 * Pods the twin needs for what the plan gives it now. Nobody knows how many requests meet a condition, and who promotes
 * at once must be able to: then it is as many as carry everything.
 */
export function podsWanted(plan: Plan, state: Underway, needed: number): number {
  const { strategy } = plan.spec.analysis;
  if (skipsAnalysis(plan, state) || strategy.kind === 'iterations') return needed;
  const first = strategy.mirror ?? weightsOf(strategy)[0] ?? 1;
  return podsFor(state.weight === 0 ? first : state.weight, needed);
}

/** What the twin is given beside its weight. A rollback and the end give nothing: their weight is 0, and they are no trial. */
export function besideNow({ spec }: Plan, state: Underway): Beside | undefined {
  const { strategy, affinity } = spec.analysis;
  // While the twin grows to take everything, who came to it stays with it.
  const isTrial = ['Progressing', 'Waiting', 'Promoting.Shift'].includes(state.phase);
  const { mirror } = strategy;
  const beside: Beside = {
    ...(isTrial && mirror !== undefined && state.weight === 0 ? { mirror } : {}),
    ...(isTrial && strategy.kind === 'iterations' && strategy.match !== undefined
      ? { match: strategy.match }
      : {}),
    ...(affinity !== undefined && isTrial && state.weight > 0 && state.weight < 100
      ? { affinity: { ...affinity, value: state.revision } }
      : {}),
  };
  return Object.keys(beside).length === 0 ? undefined : beside;
}

/** True where the twin is given requests, copies of them, or those that match. */
export function hasTraffic(plan: Plan, state: Underway): boolean {
  return state.weight > 0 || besideNow(plan, state) !== undefined;
}

/** Requests that somebody chose for the canary are no fair share of all: the two cannot be compared by chance. */
export function isChosen({ spec }: Plan): boolean {
  const { strategy } = spec.analysis;
  return strategy.kind === 'iterations' && strategy.match !== undefined;
}
