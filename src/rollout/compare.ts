import { rateInterval } from '../analysis/absolute.ts';
import {
  type ComparedTick,
  type Comparison,
  comparisonFrom,
  type ComparisonSpec,
  judge,
  withTicks,
} from '../analysis/comparison.ts';
import { comparedText, oddsText } from '../analysis/sentences.ts';
import { isChosen } from './course.ts';
import type { Moment, Underway } from './moves.ts';
import type { Ledger, Plan, Verdict } from './types.ts';

/** What the comparison says at this look. */
export interface Compared {
  /** True where the canary is shown to be worse: no check is waited for. */
  readonly isWorse: boolean;
  /** What it means for a check that would pass: nothing, or that too little is known. */
  readonly verdict: Extract<Verdict, 'pass' | 'inconclusive' | 'error'>;
  /** True while stable itself fails too much: no check says anything of the canary. */
  readonly isIncident: boolean;
  /** In words, with the numbers; empty where nothing is compared. */
  readonly sentence: string;
  /** What goes into the ledger; empty where nothing was counted. */
  readonly kept: { readonly comparison?: Comparison };
}

const nothing: Compared = { isWorse: false, isIncident: false, verdict: 'pass', sentence: '', kept: {} };

/**
 * Judges what was counted since the ledger was written, on top of what is in it. It is written with the next check
 * only: until then each look counts the same scrapes again, and comes to the same.
 */
export function compare({ plan, seen, state }: Moment<Underway>, ledger: Ledger): Compared {
  const { counting } = seen;
  const how = plan.spec.analysis.compare;
  if (how === undefined || seen.route.kind === 'none') return nothing;
  if (isChosen(plan)) return { ...nothing, sentence: 'not compared: the requests are chosen by match' };
  if (state.weight === 0) return nothing;
  if (counting === undefined)
    return {
      ...nothing,
      verdict: 'inconclusive',
      sentence: 'not compared: not every proxy knows the weight yet',
    };
  switch (counting.kind) {
    case 'error':
      return { ...nothing, verdict: 'error', sentence: `not compared: ${counting.why}` };
    case 'incomplete':
      return { ...nothing, verdict: 'inconclusive', sentence: `not compared: ${counting.why}` };
    case 'absent':
      return { ...nothing, sentence: `not compared: ${counting.why}` };
    case 'ticks': {
      const comparison = withTicks(
        ledger.comparison ?? comparisonFrom(0, counting.earlier),
        counting.ticks,
        how,
      );
      const judgement = judge(comparison, how);
      const isWorse = judgement.verdict === 'worse';
      const isIncident = !isWorse && isBreached(counting.ticks, how);
      const said = comparedText(comparison, judgement);
      return {
        ...{ isWorse, isIncident, kept: { comparison } },
        verdict: isIncident ? 'inconclusive' : 'pass',
        sentence: isIncident ? `stable itself fails more than ${how.objective} %: ${said}` : said,
      };
    }
  }
}

function isBreached(ticks: readonly ComparedTick[], { objective }: ComparisonSpec): boolean {
  if (objective === undefined) return false;
  const requests = ticks.reduce((sum, { stable }) => sum + stable.requests, 0);
  const errors = ticks.reduce((sum, { stable }) => sum + stable.errors, 0);
  return rateInterval({ requests, errors }, 0.05).least > objective / 100;
}

/** What is known of the odds ratio when a candidate is let through, for people: that it passed is no proof. */
export function knownOdds({ spec }: Plan, { comparison }: Ledger): string {
  const how = spec.analysis.compare;
  if (how === undefined) return '';
  if (comparison === undefined) return ' by its timer, nothing could be compared';
  const { odds } = judge(comparison, how);
  const isShown = odds.most !== undefined && odds.most <= how.tolerance;
  return `${isShown ? '' : ' by its timer'}, ${oddsText(odds)}`;
}

/** True where the arms are to be counted for the next `step`: the weight is in force and nothing of before is under way. */
export function isCountDue({ plan, state, seen, now }: Moment<Underway>, ledger: Ledger): boolean {
  return (
    plan.spec.analysis.compare !== undefined &&
    seen.route.kind === 'split' &&
    state.weight > 0 &&
    now >= countedFrom(plan, ledger)
  );
}

/** From when requests are counted (Unix ms): every proxy knows the weight by then. */
export function countedFrom({ settleMs }: Plan, { weightAt }: Ledger): number {
  return weightAt + settleMs;
}

const longestWarmUpMs = 30_000;

/** From when durations are counted (Unix ms): with each weight come pods that have just started, and those are slow. */
export function timedFrom(plan: Plan, ledger: Ledger): number {
  return countedFrom(plan, ledger) + Math.min(longestWarmUpMs, plan.spec.analysis.intervalMs / 2);
}

const longestLookMs = 15_000;

/** When to count next, so that a regression is seen within scrapes rather than intervals; never where nothing is compared. */
export function countAgainAt(plan: Plan, ledger: Ledger, now: number): number {
  const { spec, lookMs } = plan;
  if (spec.analysis.compare === undefined) return Number.POSITIVE_INFINITY;
  const from = countedFrom(plan, ledger);
  // Who counts by looking needs a look by which to tell what is new.
  if (lookMs !== undefined) return now < from ? from : now + lookMs;
  return Math.max(from, now) + Math.min(longestLookMs, Math.max(1000, spec.analysis.intervalMs / 4));
}
