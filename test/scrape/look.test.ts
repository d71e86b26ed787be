import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { countAgainAt } from '../../src/rollout/compare.ts';
import type { Ledger } from '../../src/rollout/types.ts';
import { aPlan } from '../rollout/world.ts';

const compare = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };
const { spec } = aPlan();
const plan = aPlan({ analysis: { ...spec.analysis, intervalMs: 60_000, compare } });
const ledger: Ledger = {
  ...{ v: 1, revision: 'r', startedAt: 0, ticks: 0, passed: 0, failed: 0, silent: 0 },
  ...{ weight: 10, weightAt: 100_000 },
};
/** When to count next, at these times; every proxy knows the weight five seconds after it was given. */
const nextOf = (lookMs: number | undefined, ...times: readonly number[]): readonly number[] =>
  times.map((now) => countAgainAt(lookMs === undefined ? plan : { ...plan, lookMs }, ledger, now));

test('where looks are what counts, the first comes as the weight is known, and the others as often as is said', () => {
  deepEqual(nextOf(2000, 100_000, 105_000, 107_100), [105_000, 107_000, 109_100]);
});

test('else they come four times an interval, after there is something to hear of', () => {
  deepEqual(nextOf(undefined, 100_000, 105_000, 107_100), [120_000, 120_000, 122_100]);
});

test('nothing that is not compared is counted', () => {
  const { compare: _, ...analysis } = spec.analysis;
  deepEqual(
    countAgainAt({ ...aPlan({ analysis }), lookMs: 2000 }, ledger, 100_000),
    Number.POSITIVE_INFINITY,
  );
});
