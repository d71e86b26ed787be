export interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * By how much a counter grew in the window that ends at `now`, as Prometheus 3 guesses it: from the samples inside the
 * window (its beginning excluded) and beyond them to its bounds, or half an interval where the series seems to begin or
 * end within it, but never below zero (promql/functions.go, extrapolatedRate). One sample tells nothing.
 */
export function increase(points: readonly Point[], now: number, rangeMs: number): number | undefined {
  const inside = points.filter(({ at }) => at > now - rangeMs && at <= now);
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined || inside.length < 2) return undefined;
  let grown = last.value - first.value;
  for (const [index, { value }] of inside.entries()) {
    const before = inside[index - 1]?.value ?? 0;
    if (value < before) grown += before; // it began anew
  }
  const sampled = last.at - first.at;
  const between = sampled / (inside.length - 1);
  const bounded = (gap: number): number => (gap >= between * 1.1 ? between / 2 : gap);
  const toZero = grown > 0 && first.value >= 0 ? (sampled * first.value) / grown : Number.POSITIVE_INFINITY;
  const toStart = Math.min(bounded(first.at - (now - rangeMs)), toZero);
  return grown * ((sampled + toStart + bounded(now - last.at)) / sampled);
}

/** The quantile of a classic histogram: linear within its bucket (promql/quantile.go, BucketQuantile). */
export function bucketQuantile(quantile: number, buckets: readonly Point[]): number {
  const sorted = buckets.toSorted((a, b) => a.at - b.at);
  const total = sorted.at(-1)?.value ?? 0;
  if (sorted.length < 2 || sorted.at(-1)?.at !== Number.POSITIVE_INFINITY || total === 0) return Number.NaN;
  let highest = 0;
  const counts = sorted.map(({ value }) => (highest = Math.max(highest, value)));
  const rank = quantile * total;
  const index = counts.findIndex((count) => count >= rank);
  if (index >= sorted.length - 1 || index === -1) return sorted.at(-2)?.at ?? Number.NaN;
  const [start, before] = index === 0 ? [0, 0] : [sorted[index - 1]?.at ?? 0, counts[index - 1] ?? 0];
  const [end, upTo] = [sorted[index]?.at ?? 0, counts[index] ?? 0];
  return start + (end - start) * ((rank - before) / (upTo - before));
}
