/** Raw samples of one series, oldest first, as a range selector gives them: no rate, no sum, nothing extrapolated. */
export interface Series {
  readonly labels: { readonly [name: string]: string };
  /** Unix ms and value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** The time after `from` up to and with `until`, Unix ms by the clock of the source. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What a counter counted in a span. */
export interface Counted {
  readonly labels: Series['labels'];
  readonly count: number;
}

/** Where samples come from: what is scraped at once has one. */
export type TargetOf = (labels: Series['labels']) => string;

/**
 * What each counter counted in the span. A counter that came to be in it counts from 0 where its target is known to
 * have been there before (its first errors would be lost to `increase`, prometheus#3886) or to have started in it; else
 * from its first sample: a source that had lost its memory must not make old requests new. A fall is a restart.
 */
export function countedIn(
  series: readonly Series[],
  span: Span,
  targetOf: TargetOf,
  startedAt: (target: string) => number | undefined,
): readonly Counted[] {
  const known = new Set(
    series.filter(({ points }) => isBefore(points, span.from)).map(({ labels }) => targetOf(labels)),
  );
  return series.map(({ labels, points }) => {
    const target = targetOf(labels);
    const isNew = known.has(target) || (startedAt(target) ?? Number.NEGATIVE_INFINITY) > span.from;
    return { labels, count: countOf(points, span, isNew ? 0 : undefined) };
  });
}

function isBefore(points: Series['points'], at: number): boolean {
  const [first] = points;
  return first !== undefined && first[0] <= at;
}

/** `base` is what it stood at before its first sample, undefined where that is not known. */
function countOf(points: Series['points'], { from, until }: Span, base: number | undefined): number {
  let last = base;
  let count = 0;
  for (const [at, value] of points) {
    if (at > until) break;
    if (at > from && last !== undefined) count += value >= last ? value - last : value;
    last = value;
  }
  return count;
}

/** How the samples of a source lie in time. */
export interface Rhythm {
  /** Between two samples of a target, as seen; undefined below two samples. */
  readonly intervalMs: number | undefined;
  /** Up to when everything that is still scraped is known: the end of the span that can be judged. */
  readonly until: number | undefined;
  /** Targets from which nothing came for two intervals and a half. */
  readonly silent: readonly string[];
}

/** Learns the rhythm of the scrapes from the samples alone. */
export function rhythmOf(series: readonly Series[], targetOf: TargetOf): Rhythm {
  const lastOf = new Map<string, number>();
  const gaps: number[] = [];
  for (const { labels, points } of series) {
    const target = targetOf(labels);
    const last = points.at(-1)?.[0];
    if (last !== undefined) lastOf.set(target, Math.max(last, lastOf.get(target) ?? 0));
    points.slice(1).forEach(([at], before) => gaps.push(at - (points[before]?.[0] ?? at)));
  }
  const intervalMs = median(gaps);
  const newest = Math.max(...lastOf.values());
  const patience = intervalMs === undefined ? Number.POSITIVE_INFINITY : 2.5 * intervalMs;
  const isSilent = (last: number): boolean => newest - last > patience;
  const heard = [...lastOf.values()].filter((last) => !isSilent(last));
  return {
    intervalMs,
    until: heard.length === 0 ? undefined : Math.min(...heard),
    silent: [...lastOf]
      .filter(([, last]) => isSilent(last))
      .map(([target]) => target)
      .sort(),
  };
}

function median(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
