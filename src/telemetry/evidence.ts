import { Gauge, type Registry } from 'prom-client';
import type { Comparison } from '../analysis/comparison.ts';
import { latencyWealth } from '../analysis/latency.ts';
import { interval } from '../analysis/odds.ts';
import { logWealth } from '../analysis/sequential.ts';
import { named } from './named.ts';

/** What the comparison of a Deployment's rollout has shown so far. */
export interface EvidenceShown {
  /** In place of what was published of it before; what is not known is not published, nor is anything of none. */
  readonly show: (namespace: string, deployment: string, comparison: Comparison | undefined) => void;
}

const parts = ['errors', 'latency'] as const;
const ends = ['least', 'most'] as const;

/** Publishes evidence and odds ratio of the rollouts that compare canary with stable. */
export function evidenceIn(registry: Registry): EvidenceShown {
  const evidence = new Gauge({
    ...named(
      registry,
      'rollout_evidence',
      'ln M that canary is worse than stable: it is rolled back at ln(2/falseRollback).',
    ),
    labelNames: ['namespace', 'deployment', 'of'],
  });
  const odds = new Gauge({
    ...named(
      registry,
      'rollout_odds_ratio',
      'Where the odds ratio of an error lies, canary against stable, at 95 %.',
    ),
    labelNames: ['namespace', 'deployment', 'end'],
  });
  const forget = (namespace: string, deployment: string): void => {
    for (const of of parts) evidence.remove({ namespace, deployment, of });
    for (const end of ends) odds.remove({ namespace, deployment, end });
  };
  return {
    show: (namespace, deployment, comparison) => {
      forget(namespace, deployment);
      if (comparison === undefined) return;
      const wealth = {
        errors: logWealth({ grid: comparison.errors }),
        latency: latencyWealth(comparison.latency),
      };
      for (const of of parts)
        if (Number.isFinite(wealth[of])) evidence.set({ namespace, deployment, of }, wealth[of]);
      const known = interval(comparison.bounds, 0.05);
      for (const end of ends) {
        const value = known[end];
        if (value !== undefined) odds.set({ namespace, deployment, end }, value);
      }
    },
  };
}
