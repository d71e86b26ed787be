import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { heldUntil, lastOf, readable, spanOf } from '../../../src/dashboard/page/chart-data.ts';
import {
  countdown,
  duration,
  imageName,
  milliseconds,
  percent,
  perSecond,
} from '../../../src/dashboard/page/format.ts';

const line = {
  at: [10, 20, 30],
  values: [
    [1, 2, null],
    [null, null, null],
  ],
};

test('a value that holds is drawn to the end', () => {
  deepEqual(
    heldUntil(
      {
        at: [10, 20],
        values: [
          [1, 2],
          [3, null],
        ],
      },
      50,
    ),
    {
      ...{
        at: [10, 20, 50],
        values: [
          [1, 2, 2],
          [3, null, null],
        ],
      },
    },
  );
  deepEqual(heldUntil(line, 30), line);
  deepEqual(heldUntil({ at: [], values: [[], []] }, 30), { at: [], values: [[], []] });
});

test('all charts of a rollout have one span, of two minutes at least', () => {
  const empty = { at: [], values: [[], []] };
  deepEqual(spanOf([line, { at: [400, 900], values: [] }, empty], 800), { from: 10, to: 900 });
  deepEqual(spanOf([empty], 800), { from: 680, to: 800 });
});

test('the last value is the last that is known', () => {
  deepEqual(lastOf(line), [2, null]);
});

test('of a long line a dozen points are read out, the last among them', () => {
  const at = Array.from({ length: 100 }, (_, index) => index);
  const read = readable({ at, values: [at] });
  equal(read.length <= 12, true);
  deepEqual(read.at(-1), [99, [99]]);
});

const texts: readonly (readonly [got: string, wanted: string])[] = [
  [percent(0), '0 %'],
  [perSecond(0), '0'],
  [percent(0.114), '0.11 %'],
  [percent(99.93), '99.9 %'],
  [milliseconds(86.4), '86 ms'],
  [milliseconds(1_240), '1.24 s'],
  [perSecond(0.05), '0.05'],
  [perSecond(12_345.6), '12,346'],
  [duration(45_000), '45 s'],
  [duration(7_500_000), '2 h 05 min'],
  [duration(270_000_000), '3 d 3 h'],
  [countdown(45_000), '0:45'],
  [countdown(3_727_000), '1:02:07'],
  [countdown(-5), '0:00'],
  [imageName('registry.example.com:5000/shop/web:1.9.0'), 'web:1.9.0'],
  [imageName(`web@sha256:${'0123456789ab'.repeat(5)}0123`), 'web@0123456789ab'],
];
for (const [got, wanted] of texts)
  test(`people read ${wanted}`, () => {
    equal(got, wanted);
  });
