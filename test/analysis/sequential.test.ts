import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Counts, logRatios } from '../../src/analysis/hypergeometric.ts';
import { logFactorial } from '../../src/analysis/factorial.ts';
import { alternatives, logWealth, noEvidence, scatter, withTick } from '../../src/analysis/sequential.ts';

/** Errors and requests of the canary, then of stable. */
type Row = readonly [number, number, number, number];
const countsOf = ([errors, requests, stableErrors, stableRequests]: Row): Counts => ({
  canary: { errors, requests },
  stable: { errors: stableErrors, requests: stableRequests },
});
const ratio = (row: Row, alternative: number, nothing = 1): number =>
  logRatios(countsOf(row), [{ alternative, nothing }])[0] ?? Number.NaN;
const isNear = (actual: number, wanted: number, within = 1e-9): void =>
  ok(Math.abs(actual - wanted) <= within, `${actual} is not ${wanted}`);
const after = (rows: readonly Row[], tolerance: number) =>
  rows.reduce((evidence, row) => withTick(evidence, countsOf(row), tolerance), noEvidence);

// Computed with scipy.stats.nchypergeom_fisher.
const vectors: readonly (readonly [Row, alternative: number, logRatio: number])[] = [
  [[3, 50, 1, 950], 10, 5.43245989099],
  [[2, 500, 0, 10_000], 100, 5.725699155162],
  [[0, 500, 5, 9500], 10, -1.855988508272],
  [[7, 300, 4, 5700], 5, 9.265356566727],
  [[1, 40, 12, 760], 3, -0.125284874443],
  [[30, 200, 90, 1800], 2, 9.616544901963],
];
for (const [row, alternative, wanted] of vectors) {
  test(`the likelihood ratio of ${row.join(', ')} for odds ratio ${alternative} is that of scipy`, () => {
    isNear(ratio(row, alternative), wanted);
  });
}

test('the wealth of four ticks is the one worked out by hand, per alternative and mixed', () => {
  const rows: readonly Row[] = [
    [0, 75, 1, 1425],
    [1, 75, 2, 1425],
    [2, 75, 1, 1425],
    [1, 150, 2, 1350],
  ];
  const grid = [
    1.302727722, 2.145448248, 3.181441546, 4.155664807, 4.695196549, 3.285915624, -1.161444374, -6.778964603,
  ];
  const seen = after(rows, 1);
  grid.forEach((wanted, at) => isNear(seen.grid[at] ?? Number.NaN, wanted));
  isNear(logWealth(seen), 3.386798081);
  isNear(logWealth(after(rows, 1.5)), 2.280236039);
});

const singles = [
  [1, 8.3876],
  [2, 116.712],
  [3, 1937.686],
  [5, 6.26e5],
] as const;
test('a few errors of the canary beside none of stable are worth what they are worth', () => {
  for (const [errors, wealth] of singles) {
    const seen = Math.exp(logWealth(after([[errors, 500, 0, 10_000]], 1)));
    ok(Math.abs(seen / wealth - 1) < 1e-4, `${errors}: ${seen}`);
  }
});

test('promotion bets that the odds ratio is below the tolerance', () => {
  isNear(ratio([10, 10_000, 190, 190_000], 1, 2), 2.822276399);
  isNear(ratio([0, 5000, 95, 95_000], 1, 2), 4.633142825);
});

test('an incident that hits both arms while weights change is no regression, though pooled it looks like one', () => {
  const ticks: readonly Row[] = [
    [5, 5000, 95, 95_000],
    [1000, 50_000, 1000, 50_000],
  ];
  isNear(
    ticks.reduce((sum, row) => sum + ratio(row, 2), 0),
    -116.968150417,
    1e-6,
  );
  isNear(ratio([1005, 55_000, 1095, 145_000], 2), 187.775861225, 1e-6);
});

/** The distribution of the canary's errors, given all errors, where the odds ratio is `odds`. */
function splits([, a, , b]: Row, errors: number, odds: number): readonly (readonly [number, number])[] {
  const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  const all: (readonly [number, number])[] = [];
  for (let j = Math.max(0, errors - b); j <= Math.min(a, errors); j += 1)
    all.push([j, Math.exp(logChoose(a, j) + logChoose(b, errors - j) + j * Math.log(odds) - errors)]);
  const sum = all.reduce((total, [, weight]) => total + weight, 0);
  return all.map(([j, weight]) => [j, weight / sum]);
}

const small = fc.record({ a: fc.integer({ min: 1, max: 60 }), b: fc.integer({ min: 1, max: 200 }) });

test('the mean of a likelihood ratio is 1 under its null and at most 1 below it, by summing over all outcomes', () => {
  fc.assert(
    fc.property(
      small,
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(1, 1.5, 2),
      fc.constantFrom(1.5, 3, 30, 300),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      ({ a, b }, wished, nothing, times, below) => {
        const errors = Math.min(wished, a + b);
        const mean = (odds: number): number =>
          splits([0, a, 0, b], errors, odds).reduce(
            (sum, [j, chance]) =>
              sum + chance * Math.exp(ratio([j, a, errors - j, b], nothing * times, nothing)),
            0,
          );
        isNear(mean(nothing), 1, 1e-8);
        ok(mean(nothing * below) <= 1 + 1e-8);
      },
    ),
  );
});

const row = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 4000 }), fc.nat(30), fc.nat(60))
  .map(([a, b, x, y]): Row => [Math.min(a, x), a, Math.min(b, y), b]);

test('more errors of the canary among the same errors never speak for it', () => {
  fc.assert(
    fc.property(row, ([x, a, y, b]) => {
      fc.pre(x < a && y > 0);
      ok(ratio([x + 1, a, y - 1, b], 3) >= ratio([x, a, y, b], 3));
    }),
  );
});

test('the order of ticks does not matter', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      isNear(logWealth(after(rows, 1.5)), logWealth(after(rows.toReversed(), 1.5)), 1e-7);
    }),
  );
});

test('no errors tell nothing, nor does an arm without requests', () => {
  for (const silent of [
    [0, 50, 0, 950],
    [0, 0, 7, 950],
    [3, 50, 0, 0],
  ] as const)
    deepEqual(withTick(noEvidence, countsOf(silent), 1), noEvidence);
});

test('the arms may be swapped with the hypotheses', () => {
  fc.assert(
    fc.property(row, ([x, a, y, b]) => {
      isNear(ratio([x, a, y, b], 3, 1.5), ratio([y, b, x, a], 1 / 3, 1 / 1.5), 1e-7);
    }),
  );
});

test('a million errors are judged, and in finite numbers', () => {
  const { grid } = after([[50_000, 1_000_000, 950_000, 19_000_000]], 1.5);
  ok(grid.every((log) => Number.isFinite(log)));
  equal(grid.length, alternatives.length);
});

test('with a tolerance, a canary that is a little worse stays unpunished however much traffic there is', () => {
  ok(logWealth(after([[1300, 100_000, 10_000, 1_000_000]], 1.5)) < 0);
  ok(logWealth(after([[1300, 100_000, 10_000, 1_000_000]], 1)) > Math.log(100));
});

test('errors that come in bursts tell less: the scatter of stable is 1 where they are independent', () => {
  const steady = Array.from({ length: 40 }, (_, at) => ({ requests: 1000, errors: 9 + (at % 3) }));
  const bursts = Array.from({ length: 40 }, (_, at) => ({ requests: 1000, errors: at % 10 === 0 ? 100 : 0 }));
  equal(scatter(steady), 1);
  ok(scatter(bursts) > 50);
  equal(scatter([]), 1);
});
