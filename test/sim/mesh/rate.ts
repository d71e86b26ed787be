/** Values at moments, oldest first. */
export interface Line {
  readonly length: number;
  readonly at: (index: number) => number;
  readonly value: (index: number) => number;
}

/** A bucket of a classic histogram: its upper bound, and how many are in it or below. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/**
 * By how much a counter grew in the window that ends at `now`, as Prometheus 3 guesses it: from the samples inside the
 * window (its beginning excluded) and beyond them to its bounds, or half an interval where the series seems to begin or
 * end within it, but never below zero (promql/functions.go, extrapolatedRate). One sample tells nothing.
 */
export function increase(line: Line, now: number, rangeMs: number): number | undefined {
  const last = lastIndex(line, now);
  const first = lastIndex(line, now - rangeMs) + 1;
  if (last <= first) return undefined;
  const begun = line.value(first);
  let grown = line.value(last) - begun;
  for (let index = first + 1, before = begun; index <= last; index += 1) {
    const value = line.value(index);
    if (value < before) grown += before; // it began anew
    before = value;
  }
  const sampled = line.at(last) - line.at(first);
  const between = sampled / (last - first);
  const bounded = (gap: number): number => (gap >= between * 1.1 ? between / 2 : gap);
  const toZero = grown > 0 && begun >= 0 ? (sampled * begun) / grown : Number.POSITIVE_INFINITY;
  const toStart = Math.min(bounded(line.at(first) - (now - rangeMs)), toZero);
  return grown * ((sampled + toStart + bounded(now - line.at(last))) / sampled);
}

/** The last value at or before a moment; -1 where there is none. */
export function lastIndex({ length, at }: Line, moment: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle) <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The quantile of a classic histogram: linear within its bucket (promql/quantile.go, BucketQuantile). */
export function bucketQuantile(quantile: number, buckets: readonly Bucket[]): number {
  const sorted = buckets.toSorted((a, b) => a.bound - b.bound);
  let highest = 0;
  const counts = sorted.map(({ count }) => (highest = Math.max(highest, count)));
  const isWhole = sorted.length > 1 && sorted.at(-1)?.bound === Number.POSITIVE_INFINITY;
  const total = counts.at(-1) ?? 0;
  if (!isWhole || total === 0) return Number.NaN;
  const rank = quantile * total;
  const index = counts.findIndex((count) => count >= rank);
  if (index >= sorted.length - 1 || index === -1) return sorted.at(-2)?.bound ?? Number.NaN;
  const [start, before] = index === 0 ? [0, 0] : [sorted[index - 1]?.bound ?? 0, counts[index - 1] ?? 0];
  const [end, upTo] = [sorted[index]?.bound ?? 0, counts[index] ?? 0];
  return start + (end - start) * ((rank - before) / (upTo - before));
}
