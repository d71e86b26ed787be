import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { interval, noBounds, withTick } from '../../src/analysis/odds.ts';
import { binomial, diceOf } from './chance.ts';

type Row = readonly [number, number, number, number];
const after = (...rows: readonly Row[]) =>
  rows.reduce(
    (bounds, [errors, requests, stableErrors, stableRequests]) =>
      withTick(bounds, {
        canary: { errors, requests },
        stable: { errors: stableErrors, requests: stableRequests },
      }),
    noBounds,
  );

const cases: readonly (readonly [
  says: string,
  row: Row,
  least: number | undefined,
  most: number | undefined,
])[] = [
  ['nothing seen is nothing known', [0, 0, 0, 0], undefined, undefined],
  ['a broken canary is far above', [60, 160, 1, 1000], 50, undefined],
  ['a few errors beside none say that it is worse, not by how much', [6, 160, 0, 539], 3, undefined],
  ['as many errors among as many requests lie around 1', [1000, 100_000, 1000, 100_000], 0.67, 1.5],
  ['no errors beside many are far below', [0, 5000, 95, 5000], undefined, 0.1],
];
for (const [says, row, least, most] of cases) {
  test(says, () => {
    deepEqual(interval(after(row), 0.05), {
      ...(least === undefined ? {} : { least }),
      ...(most === undefined ? {} : { most }),
    });
  });
}

test('the true odds ratio leaves the interval in hardly more runs than allowed, though it is looked at after each tick', () => {
  const dice = diceOf(7);
  const runs = 400;
  let wrong = 0;
  for (let run = 0; run < runs; run += 1) {
    let bounds = noBounds;
    let left = false;
    for (let tick = 0; tick < 25; tick += 1) {
      bounds = withTick(bounds, {
        canary: { requests: 200, errors: binomial(dice, 200, 2 / 101) },
        stable: { requests: 2000, errors: binomial(dice, 2000, 1 / 100) },
      });
      const { least = 0, most = Number.POSITIVE_INFINITY } = interval(bounds, 0.05);
      left ||= least > 2 || most < 2;
    }
    if (left) wrong += 1;
  }
  ok(wrong <= runs * (0.1 + 3 * Math.sqrt(0.1 / runs)), `${wrong} of ${runs}`);
});
