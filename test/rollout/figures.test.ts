import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf } from '../../src/rollout/figures.ts';
import type { Measured, Measurement } from '../../src/rollout/types.ts';

const of = (name: string, canary: Measured, stable: Measured, query?: string): Measurement => ({
  metric: { name, intervalMs: 60_000, ...(query === undefined ? {} : { query }) },
  canary,
  stable,
});
const value = (number: number): Measured => ({ kind: 'value', value: number });
const nothing: Measured = { kind: 'absent', why: 'no traffic' };

test('the numbers of both arms are kept in as many digits as people read', () => {
  const measurements = [
    of('request-success-rate', value(99.876_543_21), value(100)),
    of('request-duration', value(41.123_456), nothing),
    of('queue', value(3), value(4), 'queue'),
  ];
  deepEqual(figuresOf(measurements), {
    measured: { successPercent: [99.877, 100], p99Ms: [41.1, null] },
  });
});

test('what is no number is not known, and a query of the plan is no number of Istio', () => {
  deepEqual(figuresOf([of('request-duration', value(Number.NaN), { kind: 'error', why: 'down' })]), {
    measured: { p99Ms: [null, null] },
  });
  deepEqual(figuresOf([of('request-duration', value(1), value(1), 'mine')]), {});
  deepEqual(figuresOf([]), {});
});
