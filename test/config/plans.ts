// What the tests of the plan share: the plan of an empty annotation, and a report as its lines.
import { type ParsedCanary, mistakesText } from '../../src/config/canary.ts';
import type { RolloutSpec } from '../../src/rollout/types.ts';

export const usual: RolloutSpec = {
  service: {},
  analysis: {
    intervalMs: 60_000,
    threshold: 5,
    strategy: { kind: 'weights', weights: [10, 20, 30, 40, 50] },
    gates: [],
    metrics: [
      { name: 'request-success-rate', intervalMs: 60_000, min: 99 },
      { name: 'request-duration', intervalMs: 60_000, max: 500 },
    ],
    compare: { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 },
  },
  skipAnalysis: false,
  suspended: false,
  promotion: 'shift',
  progressDeadlineMs: 600_000,
  onFailure: 'hold',
};

export function withAnalysis(changed: Partial<RolloutSpec['analysis']>): RolloutSpec {
  return { ...usual, analysis: { ...usual.analysis, ...changed } };
}

/** The plan of an empty annotation with another analysis, which compares nothing. */
export function withoutComparison(changed: Partial<RolloutSpec['analysis']>): RolloutSpec {
  const { compare: _, ...analysis } = usual.analysis;
  return { ...usual, analysis: { ...analysis, ...changed } };
}

export function mistakesOf(parsed: ParsedCanary): readonly string[] {
  return parsed.ok === false ? mistakesText(parsed.mistakes).split('\n') : [];
}
