/** Raw samples of one series, oldest first, as a range selector gives them: no rate, no sum, nothing extrapolated. */
export interface Series {
  readonly labels: { readonly [name: string]: string };
  /** Unix ms and value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** Where samples come from: what is scraped at once has one. */
export type TargetOf = (labels: Series['labels']) => string;

/**
 * What each counter counted from each cut to the next (Unix ms, ascending): after the earlier, up to and with the later.
 * One that came to be after the first cut counts from 0, since its first errors would be lost to `increase`
 * (prometheus#3886); unless nothing at all was known before: a source that had lost its memory must not make old
 * requests new. A fall is a restart.
 */
export function countsBetween(
  series: readonly Series[],
  cuts: readonly number[],
): readonly (readonly number[])[] {
  const [first = 0] = cuts;
  const remembers = series.some(({ points }) => isBefore(points, first));
  return series.map(({ points }) => countsOf(points, cuts, remembers ? 0 : undefined));
}

function isBefore(points: Series['points'], at: number): boolean {
  const [first] = points;
  return first !== undefined && first[0] <= at;
}

/** `base` is what it stood at before its first sample, undefined where that is not known. */
function countsOf(
  points: Series['points'],
  cuts: readonly number[],
  base: number | undefined,
): readonly number[] {
  const counts = cuts.slice(1).map(() => 0);
  let last = base;
  let cut = 0;
  for (const [at, value] of points) {
    while (cut < cuts.length && at > (cuts[cut] ?? 0)) cut += 1;
    if (cut === cuts.length) break;
    if (cut > 0 && last !== undefined)
      counts[cut - 1] = (counts[cut - 1] ?? 0) + (value >= last ? value - last : value);
    last = value;
  }
  return counts;
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

const enoughGaps = 500;

/** Learns the rhythm of the scrapes from the samples alone. */
export function rhythmOf(series: readonly Series[], targetOf: TargetOf): Rhythm {
  const lastOf = new Map<string, number>();
  const gaps: number[] = [];
  for (const { labels, points } of series) {
    const target = targetOf(labels);
    const last = points.at(-1)?.[0];
    if (last !== undefined) lastOf.set(target, Math.max(last, lastOf.get(target) ?? 0));
    // Of a source with thousands of series a few hundred say as much.
    if (gaps.length < enoughGaps)
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
