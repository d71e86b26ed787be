import type { ComparisonSpec } from '../analysis/comparison.ts';
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
  const noticed = noticedFrom(compare, traffic, weight, intervalMs);
  const where = `at weight ${weight} within ${seconds}s (${rounded(perSecond)} requests/s)`;
  if (noticed === undefined) return `; too little traffic to notice more errors by comparison ${where}`;
  return `; ${rounded(100 * noticed)} % errors are expected to be noticed ${where}, stable has ${rounded(100 * errorRate)} %`;
}

/** The rate of errors, in 0..1, from which on the comparison is expected to notice them; undefined where it will not. */
export function noticedFrom(
  { falseRollback, latency, tolerance }: ComparisonSpec,
  { perSecond, errorRate }: Traffic,
  weight: number,
  withinMs: number,
): number | undefined {
  const alpha = falseRollback / (latency ? 2 : 1);
  const share = Math.min(weight, 99) / 100;
  const times = detectable({ share, errorRate }, (perSecond * withinMs) / 1000, { alpha, tolerance });
  return Number.isFinite(times) ? errorRate * times : undefined;
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}
