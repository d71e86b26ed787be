// Expected values are computed by hand from promql/functions.go and promql/quantile.go of Prometheus 3.
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { bucketQuantile, increase, type Line } from './rate.ts';

/** Values at seconds. */
function line(points: readonly (readonly [second: number, value: number])[]): Line {
  return {
    length: points.length,
    at: (index) => 1000 * (points[index]?.[0] ?? Number.NaN),
    value: (index) => points[index]?.[1] ?? Number.NaN,
  };
}

const steady = (from: number, to: number, first = 100): Line =>
  line(
    Array.from(
      { length: (to - from) / 5 + 1 },
      (_, index) => [from + 5 * index, first + 10 * index] as const,
    ),
  );

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(1e9 * value) / 1e9;

test('an increase is extrapolated as Prometheus does it', () => {
  for (const [says, points, now, windowSeconds, expected] of [
    ['to both bounds, where samples are near to them', steady(5, 60), 62, 60, 120],
    ['a sample at the beginning of the window is not in it', steady(0, 60), 60, 60, 120],
    ['half an interval, where the series begins within the window', steady(40, 60), 60, 60, 45],
    ['half an interval, where it ends within it', steady(0, 30), 60, 60, 65],
    ['never below zero', steady(40, 60, 1), 60, 60, 41],
    ['of one sample', steady(60, 60), 60, 60, undefined],
    ['of none', steady(0, 20), 600, 60, undefined],
    [
      'of a series that stays as it is',
      line([
        [10, 7],
        [20, 7],
        [30, 7],
      ]),
      30,
      60,
      0,
    ],
    [
      'over a reset',
      line([
        [10, 50],
        [20, 70],
        [30, 10],
        [40, 20],
      ]),
      40,
      30,
      30,
    ],
  ] as const)
    deepEqual(rounded(increase(points, 1000 * now, 1000 * windowSeconds)), expected, says);
});

test('a quantile is linear within its bucket', () => {
  const buckets = (...counts: readonly number[]) =>
    [10, 20, 50, Number.POSITIVE_INFINITY].map((bound, index) => ({ bound, count: counts[index] ?? 0 }));
  for (const [says, quantile, counts, expected] of [
    ['within a bucket', 0.5, [0, 100, 100, 100], 15],
    ['within the first, which begins at 0', 0.5, [100, 100, 100, 100], 5],
    ['across buckets', 0.99, [90, 98, 100, 100], 35],
    ['beyond the last bound', 0.99, [0, 0, 0, 100], 50],
    ['of nothing', 0.99, [0, 0, 0, 0], Number.NaN],
    ['counts that fall are taken to stay', 0.5, [0, 100, 99, 100], 15],
  ] as const)
    deepEqual(bucketQuantile(quantile, buckets(...counts)), expected, says);
  deepEqual(bucketQuantile(0.5, [{ bound: 10, count: 1 }]), Number.NaN);
});
