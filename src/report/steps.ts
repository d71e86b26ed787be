import { skipsAnalysis } from '../rollout/course.ts';
import { type Strategy, weightsOf, checksOf } from '../rollout/strategy.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import type { Scene } from './objects.ts';
import type { Step } from './report.ts';

/** The steps of the plan and where the rollout is among them; empty where it is on none. */
export function stepsOf({ state, spec, ledger }: Scene, isSplit: boolean): readonly Step[] {
  if (spec === undefined) return [];
  const labels = labelsOf(spec, isSplit, skipsAnalysis({ spec, settleMs: 0 }, state));
  const last = labels.length - 1;
  switch (state.phase) {
    case 'Pending':
    case 'Starting':
      return placed(labels, -1);
    case 'Rolling':
      return placed(labels, at(weightsOf(spec.analysis.strategy), state.weight, last));
    case 'Progressing':
    case 'Waiting':
      if (state.passed === true) return placed(labels, last);
      return placed(
        labels,
        trialAt(spec.analysis.strategy, isSplit, state.weight, ledger?.passed ?? 0, last),
      );
    case 'Promoting.Shift':
      return placed(labels, last);
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return state.ending === 'Succeeded' ? placed(labels, last) : [];
    case 'Succeeded':
      return placed(labels, labels.length);
    default:
      return [];
  }
}

/** How many steps a rollout of the plan has; the last is the promotion. */
function labelsOf(
  { promotion, analysis: { strategy } }: RolloutSpec,
  isSplit: boolean,
  skips: boolean,
): readonly string[] {
  if (skips) return ['promotion'];
  const weights = weightsOf(strategy);
  if (promotion === 'inPlace') return [...weights.map((weight) => `${weight} % of the pods`), 'all pods'];
  if (strategy.kind === 'weights' && isSplit) {
    const copies = strategy.mirror === undefined ? [] : [`copies of ${strategy.mirror} %`];
    return [...copies, ...weights.map((weight) => `${weight} %`), 'promotion'];
  }
  return [...Array.from({ length: checksOf(strategy) }, (_, index) => `check ${index + 1}`), 'promotion'];
}

function placed(labels: readonly string[], now: number): readonly Step[] {
  return labels.map((label, index) => ({
    label,
    is: index < now ? 'done' : index === now ? 'now' : 'ahead',
  }));
}

function trialAt(strategy: Strategy, isSplit: boolean, weight: number, passed: number, last: number): number {
  if (strategy.kind === 'iterations' || !isSplit) return Math.min(passed, last - 1);
  const copies = strategy.mirror === undefined ? 0 : 1;
  return weight === 0 ? 0 : copies + at(strategy.weights, weight, last - copies);
}

/** The step of a weight: a plan may have been changed on the way, so it is the first that gives as much. */
function at(weights: readonly number[], weight: number, last: number): number {
  const index = weights.findIndex((each) => each >= weight);
  return index === -1 ? last : index;
}
