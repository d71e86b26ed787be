/** Raw samples of one series, oldest first, as a range selector gives them: no rate, no sum, nothing extrapolated. */
export interface Series {
  readonly labels: { readonly [name: string]: string };
  /** Unix ms and value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** Where samples come from: what is scraped at once has one. */
export type TargetOf = (labels: Series['labels']) => string;

/** Told what a counter counted in a tick: from cut `tick` (of those given) to the next. */
type Tell = (series: Series, tick: number, count: number) => void;

/**
 * Tells what each counter counted from each cut to the next (Unix ms, ascending): after the earlier, up to and with the
 * later; what was nothing may be left out, and what came in parts is told in parts. One that came to be after the first
 * cut counts from 0, since its first errors would be lost to `increase` (prometheus#3886); unless nothing at all was
 * known before: a source that had lost its memory must not make old requests new. A fall is a restart.
 */
export function eachCount(series: readonly Series[], cuts: readonly number[], tell: Tell): void {
  const [first = 0] = cuts;
  const remembers = series.some(({ points }) => isBefore(points, first));
  for (const each of series) countsOf(each, cuts, remembers ? 0 : undefined, tell);
}

function isBefore(points: Series['points'], at: number): boolean {
  const [first] = points;
  return first !== undefined && first[0] <= at;
}

/** `base` is what it stood at before its first sample, undefined where that is not known. */
function countsOf(series: Series, cuts: readonly number[], base: number | undefined, tell: Tell): void {
  const { points } = series;
  // From the end: most of what is asked for lies before the first cut, and this is done for thousands of series.
  let next = points.length;
  while (next > 0 && isAfter(points[next - 1], cuts[0] ?? 0)) next -= 1;
  let last = next === 0 ? base : points[next - 1]?.[1];
  for (let tick = 0; tick + 1 < cuts.length; tick += 1)
    for (; next < points.length && !isAfter(points[next], cuts[tick + 1] ?? 0); next += 1) {
      const value = points[next]?.[1] ?? 0;
      const count = last === undefined ? 0 : gained(last, value);
      if (count !== 0) tell(series, tick, count);
      last = value;
    }
}

/** What a counter counted from one sample to the next; a fall is a restart. */
export function gained(last: number, value: number): number {
  return value >= last ? value - last : value;
}

function isAfter(point: Series['points'][number] | undefined, at: number): boolean {
  return point !== undefined && point[0] > at;
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
