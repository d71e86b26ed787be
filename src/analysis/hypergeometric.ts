import { logFactorial } from './factorial.ts';

/** What both arms did over the same time. Whole numbers, errors no more than requests. */
export interface Counts {
  readonly canary: { readonly requests: number; readonly errors: number };
  readonly stable: { readonly requests: number; readonly errors: number };
}

/** An alternative to a null, as odds ratios of an error on canary against stable; both above 0. */
export interface Hypotheses {
  readonly alternative: number;
  readonly nothing: number;
}

/** Terms that are such a part of the largest are nothing to a double. */
const negligible = Math.exp(-45);

/**
 * The log of the likelihood ratio of each alternative to its null, given how many errors both arms had together: then
 * the split of the errors follows Fisher's noncentral hypergeometric distribution, whatever the error rate of the day
 * is. Its mean under the null is exactly 1, and at most 1 for every smaller odds ratio. 0 where nothing can be told.
 */
export function logRatios(counts: Counts, hypotheses: readonly Hypotheses[]): readonly number[] {
  const { canary, stable } = counts;
  const errors = canary.errors + stable.errors;
  if (errors === 0 || canary.requests === 0 || stable.requests === 0) return hypotheses.map(() => 0);
  const sums = new Map<number, number>();
  const logSumAt = (oddsRatio: number): number => {
    const known = sums.get(oddsRatio) ?? logSum(counts, errors, Math.log(oddsRatio));
    sums.set(oddsRatio, known);
    return known;
  };
  return hypotheses.map(
    ({ alternative, nothing }) =>
      canary.errors * (Math.log(alternative) - Math.log(nothing)) + logSumAt(nothing) - logSumAt(alternative),
  );
}

/**
 * The log of the sum of C(n_canary, j) C(n_stable, errors - j) ratio^j over every split j, up to a constant that is the
 * same for every ratio. The terms rise to one peak and fall: it is summed outwards from there, as far as terms count.
 */
function logSum({ canary, stable }: Counts, errors: number, logRatio: number): number {
  const [a, b] = [canary.requests, stable.requests];
  const least = Math.max(0, errors - b);
  const most = Math.min(a, errors);
  const ratio = Math.exp(logRatio);
  const peak = peakOf(a, b, errors, ratio);
  /** By how much the term of the next is larger than that of `j`. */
  const rise = (j: number): number => (((a - j) * (errors - j)) / ((j + 1) * (b - errors + j + 1))) * ratio;
  // As parts of the largest: they only get smaller from there.
  let sum = 1;
  for (let j = peak, term = 1; j < most && term >= negligible; j += 1) {
    term *= rise(j);
    sum += term;
  }
  for (let j = peak, term = 1; j > least && term >= negligible; j -= 1) {
    term /= rise(j - 1);
    sum += term;
  }
  return logTerm(a, b, errors, peak) + peak * logRatio + Math.log(sum);
}

/** Where the terms are largest: the terms rise as long as (a - j)(errors - j) ratio > (j + 1)(b - errors + j + 1). */
function peakOf(a: number, b: number, errors: number, ratio: number): number {
  const least = Math.max(0, errors - b);
  const most = Math.min(a, errors);
  let [low, high] = [least, most];
  while (low < high) {
    const j = Math.floor((low + high) / 2);
    if ((a - j) * (errors - j) * ratio > (j + 1) * (b - errors + j + 1)) low = j + 1;
    else high = j;
  }
  return low;
}

/** log of C(a, j) C(b, errors - j), without what does not depend on j. */
function logTerm(a: number, b: number, errors: number, j: number): number {
  const others = errors - j;
  return -(logFactorial(j) + logFactorial(a - j) + logFactorial(others) + logFactorial(b - others));
}
