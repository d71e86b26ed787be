import { type Comparison, type ComparisonSpec, judge } from '../analysis/comparison.ts';
import { latencyWealth } from '../analysis/latency.ts';
import { logWealth } from '../analysis/sequential.ts';
import type { Gauges } from './gauges.ts';

/** What a comparison has counted, and by what it is judged. */
export interface EvidenceSeen {
  readonly comparison: Comparison;
  readonly spec: ComparisonSpec;
}

interface EvidenceShown {
  /** What is not known is not published. */
  show(key: string, seen: EvidenceSeen): void;
  forget(key?: string): void;
}

const parts = ['errors', 'latency'] as const;
const ends = ['least', 'most'] as const;

/** Publishes evidence and odds ratio of the rollouts that compare canary with stable. */
export function evidenceIn(gauges: Gauges): EvidenceShown {
  const evidence = gauges<(typeof parts)[number]>(
    'rollout_evidence',
    'ln M that canary is worse than stable: it is rolled back where it reaches the bound.',
    'of',
  );
  const bound = gauges(
    'rollout_evidence_bound',
    'ln M at which the canary is rolled back: ln(2/falseRollback) where errors and latency are compared.',
  );
  const odds = gauges<(typeof ends)[number]>(
    'rollout_odds_ratio',
    'Where the odds ratio of an error lies, canary against stable, at 95 %.',
    'end',
  );
  return {
    forget: (key) => {
      for (const each of [evidence, bound, odds]) each.forget(key);
    },
    show: (key, { comparison, spec }) => {
      const wealth = {
        errors: logWealth({ grid: comparison.errors }),
        latency: latencyWealth(comparison.latency),
      };
      for (const of of parts) if (Number.isFinite(wealth[of])) evidence.set(key, wealth[of], of);
      const judged = judge(comparison, spec);
      bound.set(key, judged.bound);
      for (const end of ends) {
        const value = judged.odds[end];
        if (value !== undefined) odds.set(key, value, end);
      }
    },
  };
}
