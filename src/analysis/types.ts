import type { Verdict } from '../rollout/types.ts';

/**
 * What a judge says of one tick, with a sentence for people about each thing it looked at. Thresholds are the first
 * judge; the sequential comparison of canary with stable is to be the second, in src/analysis/sequential.ts, and either
 * can roll back.
 */
export interface Judgement {
  readonly verdict: Verdict;
  readonly evidence: readonly string[];
}
