// The series that a selector of a query finds.
import type { Labels } from '../../../src/routing/types.ts';
import { bounds } from './counters.ts';
import type { Sample } from './memory.ts';
import type { Expression, Matcher } from './promql.ts';
import type { Line } from './rate.ts';

export type Selector = Extract<Expression, { kind: 'selector' }>;

/** Each counter with its samples. */
export type Remembered = Iterable<readonly [{ readonly labels: Labels }, readonly Sample[]]>;

export interface Series {
  readonly labels: Labels;
  readonly line: Line;
}

/** Bounds as Prometheus 3 writes them, whoever exposes them: as OpenMetrics does, from a million on with an exponent. */
const boundTexts = bounds.map((bound) => {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  if (bound >= 1e6) return `${bound / 1e6}e+06`;
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
});

const valueOf: Readonly<Record<string, (sample: Sample) => number>> = {
  istio_requests_total: ({ requests }) => requests,
  istio_request_duration_milliseconds_count: ({ buckets }) => buckets.at(-1) ?? 0,
};
const histogram = 'istio_request_duration_milliseconds_bucket';

/** None where nothing is known by that name. */
export function seriesOf({ metric, matchers }: Selector, series: Remembered): readonly Series[] {
  const read = valueOf[metric];
  const [ofBuckets, ofAll] = [matchers.filter(isOfBuckets), matchers.filter((each) => !isOfBuckets(each))];
  const found: Series[] = [];
  for (const [{ labels }, samples] of series) {
    if (!isMatched(labels, ofAll)) continue;
    if (metric === histogram) found.push(...bucketSeries(labels, samples, ofBuckets));
    else if (read !== undefined && isMatched(labels, ofBuckets))
      found.push({ labels, line: lineOf(samples, read) });
  }
  return found;
}

function bucketSeries(
  labels: Labels,
  samples: readonly Sample[],
  matchers: readonly Matcher[],
): readonly Series[] {
  return boundTexts.flatMap((le, bucket) => {
    if (!isMatched({ le }, matchers)) return [];
    return [{ labels: { ...labels, le }, line: lineOf(samples, ({ buckets }) => buckets[bucket] ?? 0) }];
  });
}

function lineOf(samples: readonly Sample[], read: (sample: Sample) => number): Line {
  return {
    length: samples.length,
    at: (index) => samples[index]?.at ?? Number.NaN,
    value: (index) => {
      const sample = samples[index];
      return sample === undefined ? Number.NaN : read(sample);
    },
  };
}

const isOfBuckets = ({ label }: Matcher): boolean => label === 'le';

function isMatched(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, matches }) => matches(labels[label] ?? ''));
}
