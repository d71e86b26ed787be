import { logRatios } from './hypergeometric.ts';
import { logSumExp } from './sequential.ts';

/** How many requests of one arm were slower than each edge, in the order of the edges. */
interface Slower {
  readonly requests: number;
  readonly slower: readonly number[];
}

/** The durations of both arms over the same time, by the edges (ms, ascending) that both histograms have. */
export interface Durations {
  readonly edges: readonly number[];
  readonly canary: Slower;
  readonly stable: Slower;
}

/**
 * Is the canary slower than stable? At each edge "slower than this" is an error like any other, and the wealth is the
 * mean over edges and alternatives: no quantile is interpolated, and the edge that decided can be told to people.
 */
export interface LatencyEvidence {
  readonly edges: readonly number[];
  /** Per edge, the log wealth of each alternative. */
  readonly grid: readonly (readonly number[])[];
}

/** How many times the tolerance the odds of being slower are: finer than for errors, since a tail may be broad. */
const alternatives: readonly number[] = [1.1, 1.25, 1.5, 2, 3, 5, 10, 30];
/** Log wealths that are kept for each edge. */
export const edgeAlternatives = alternatives.length;

export const noLatencyEvidence: LatencyEvidence = { edges: [], grid: [] };

/**
 * The evidence with one more tick. Other edges than before (somebody reconfigured the histogram) begin anew: a wealth
 * may always be given up, and never moved to another bet.
 */
export function withDurations(
  before: LatencyEvidence,
  { edges, canary, stable }: Durations,
  tolerance: number,
  temper = 1,
): LatencyEvidence {
  const isSame = edges.length === before.edges.length && edges.every((edge, at) => edge === before.edges[at]);
  const hypotheses = alternatives.map((times) => ({ alternative: tolerance * times, nothing: tolerance }));
  const grid = edges.map((_, at) => {
    const counts = {
      canary: { requests: canary.requests, errors: canary.slower[at] ?? 0 },
      stable: { requests: stable.requests, errors: stable.slower[at] ?? 0 },
    };
    const logs = isSame ? before.grid[at] : undefined;
    return logRatios(counts, hypotheses).map((gained, each) => (logs?.[each] ?? 0) + gained / temper);
  });
  return { edges, grid };
}

/** ln M of the latency; minus infinity where no tick was counted. */
export function latencyWealth({ grid }: LatencyEvidence): number {
  return logSumExp(grid.flat()) - Math.log(Math.max(1, grid.length * alternatives.length));
}

/** The edge (ms) that speaks most against the canary; undefined where none was counted. */
export function tellingEdge({ edges, grid }: LatencyEvidence): number | undefined {
  const wealth = grid.map((logs) => logSumExp(logs));
  return edges[wealth.indexOf(Math.max(...wealth))];
}
