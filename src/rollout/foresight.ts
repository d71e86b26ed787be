import { detectable } from '../analysis/power.ts';
import { weightsOf } from './strategy.ts';
import type { Plan } from './types.ts';

/** Requests to a Service and how many of them fail, of late. */
export interface Traffic {
  readonly perSecond: number;
  /** In 0..1, never quite 0: what was not seen may still be. */
  readonly errorRate: number;
}

/**
 * What the comparison can be expected to notice with the traffic there is, at the first weight within one interval: told
 * before the rollout starts, since a canary that nobody looks at passes. Empty where nothing is compared or known.
 */
export function foreseen({ spec }: Plan, traffic: Traffic | undefined): string {
  const { compare, strategy, intervalMs } = spec.analysis;
  const [weight] = weightsOf(strategy);
  if (compare === undefined || !compare.errorRate || traffic === undefined || weight === undefined) return '';
  const { perSecond, errorRate } = traffic;
  const seconds = intervalMs / 1000;
  const alpha = compare.falseRollback / (compare.latency ? 2 : 1);
  const times = detectable({ share: Math.min(weight, 99) / 100, errorRate }, perSecond * seconds, {
    alpha,
    tolerance: compare.tolerance,
  });
  const where = `at weight ${weight} within ${seconds}s (${rounded(perSecond)} requests/s)`;
  if (!Number.isFinite(times)) return `; too little traffic to notice more errors by comparison ${where}`;
  return `; ${rounded(100 * errorRate * times)} % errors are expected to be noticed ${where}, stable has ${rounded(100 * errorRate)} %`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}
