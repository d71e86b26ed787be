import { type Counts, type Hypotheses, logRatios } from './hypergeometric.ts';

/**
 * Is the canary worse than stable? Each tick multiplies a wealth by a likelihood ratio whose mean is at most 1 while the
 * canary is no worse than the tolerance: by Ville's inequality it reaches 1/alpha with a chance of at most alpha, however
 * often one looks and whatever the weights were. Each tick is a stratum of its own, so an incident that hits both arms,
 * the time of day or a change of weight cannot look like a regression. Valid where requests fail independently of each
 * other; `temper` is for where they do not, and is a rule of thumb.
 */
export interface Evidence {
  /** The log of the wealth of each alternative of the grid. The products are mixed, never the single ticks. */
  readonly grid: readonly number[];
}

/** How many times the tolerance each alternative is: from barely worse to broken. */
export const alternatives: readonly number[] = [1.5, 2, 3, 5, 10, 30, 100, 300];

export const noEvidence: Evidence = { grid: alternatives.map(() => 0) };

/** The evidence with one more tick; `tolerance` is the odds ratio up to which the canary is no worse, `temper` at least 1. */
export function withTick(before: Evidence, counts: Counts, tolerance: number, temper = 1): Evidence {
  const hypotheses = alternatives.map(
    (times): Hypotheses => ({ alternative: tolerance * times, nothing: tolerance }),
  );
  const gained = logRatios(counts, hypotheses);
  return { grid: before.grid.map((log, at) => log + (gained[at] ?? 0) / temper) };
}

/** ln M: the log of the mean wealth over the grid; the canary is worse where it is at least ln(1/alpha). */
export function logWealth({ grid }: Evidence): number {
  return logSumExp(grid) - Math.log(grid.length);
}

/** log of the sum of the exponentials, without overflow; minus infinity for none. */
export function logSumExp(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0));
}

/**
 * How much more stable's own errors scatter from tick to tick than independent requests would (Pearson's chi square per
 * degree of freedom, at least 1): what comes in bursts tells less. A rule of thumb, not a theorem; 1 below three ticks.
 */
export function scatter(ticks: readonly Counts['stable'][]): number {
  const seen = ticks.filter(({ requests }) => requests > 0);
  if (seen.length < 3) return 1;
  const requests = seen.reduce((sum, tick) => sum + tick.requests, 0);
  const errors = seen.reduce((sum, tick) => sum + tick.errors, 0);
  const rate = (errors + 0.5) / (requests + 1);
  const chiSquare = seen.reduce((sum, tick) => {
    const expected = tick.requests * rate;
    return sum + (tick.errors - expected) ** 2 / (expected * (1 - rate));
  }, 0);
  return Math.max(1, chiSquare / (seen.length - 1));
}
