import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verdictOf } from '../../src/analysis/thresholds.ts';
import type { Measured, Measurement, MetricSpec, Verdict } from '../../src/rollout/types.ts';

const value = (of: number): Measured => ({ kind: 'value', value: of });
const absent: Measured = { kind: 'absent', why: 'no requests in 60s' };
const error: Measured = { kind: 'error', why: 'no answer within 5000 ms' };

const rate: MetricSpec = { name: 'request-success-rate', intervalMs: 60_000, min: 99 };
const duration: MetricSpec = { name: 'request-duration', intervalMs: 60_000, max: 500 };
const queue: MetricSpec = { name: 'queue depth', intervalMs: 60_000, min: 1, max: 20, query: 'q' };
const of = (metric: MetricSpec, canary: Measured, stable: Measured = absent): Measurement => ({
  metric,
  canary,
  stable,
});

const cases: readonly (readonly [measurement: Measurement, verdict: Verdict, sentence: string])[] = [
  [of(rate, value(99.98), value(99.99)), 'pass', 'success rate 99.98 % >= 99 % (stable 99.99 %)'],
  [of(rate, value(95.0213), value(99.98)), 'fail', 'success rate 95.02 % < 99 % (stable 99.98 %)'],
  [of(rate, value(99)), 'pass', 'success rate 99 % >= 99 %'],
  [of(rate, value(98.9999)), 'fail', 'success rate 98.9999 % < 99 %'],
  [of(rate, value(98.99612345)), 'fail', 'success rate 98.9961 % < 99 %'],
  [of(rate, value(0)), 'fail', 'success rate 0 % < 99 %'],
  [of(duration, value(38.2), value(36)), 'pass', 'P99 38 ms <= 500 ms (stable 36 ms)'],
  [of(duration, value(1515), value(36)), 'fail', 'P99 1515 ms > 500 ms (stable 36 ms)'],
  [of(duration, value(500.4)), 'fail', 'P99 500.4 ms > 500 ms'],
  [of(queue, value(3.45678), error), 'pass', 'queue depth 3.457 >= 1 and <= 20'],
  [of(queue, value(0.25)), 'fail', 'queue depth 0.25 < 1'],
  [of(queue, value(21)), 'fail', 'queue depth 21 > 20'],
  [of({ name: 'x', intervalMs: 1, query: 'q' }, value(1)), 'pass', 'x 1 (no range)'],
  [of({ ...rate, query: 'q' }, value(99.5)), 'pass', 'request-success-rate 99.5 >= 99'],
  [of(rate, absent, value(100)), 'inconclusive', 'success rate not known: no requests in 60s'],
  [of(rate, value(Number.NaN)), 'inconclusive', 'success rate not known: the value is NaN'],
  [of(duration, value(Infinity)), 'inconclusive', 'P99 not known: the value is Infinity'],
  [of(duration, error, value(5)), 'error', 'P99 not measured: no answer within 5000 ms'],
];
for (const [measurement, verdict, sentence] of cases) {
  test(`${verdict}: ${sentence}`, () => {
    deepEqual(verdictOf([measurement]), { verdict, evidence: [sentence] });
  });
}

test('a plan without metrics passes and says so', () => {
  deepEqual(verdictOf([]), { verdict: 'pass', evidence: ['no metrics in the plan'] });
});

test('the worst of all metrics is the verdict, whatever their order, with a sentence for each', () => {
  const ranked: readonly (readonly [Verdict, Measurement])[] = [
    ['fail', of(rate, value(1))],
    ['error', of(rate, error)],
    ['inconclusive', of(rate, absent)],
    ['pass', of(rate, value(100))],
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }), (picks) => {
      const chosen = picks.map((pick) => ranked[pick] ?? (['pass', of(rate, value(100))] as const));
      const [worst] = ranked[Math.min(...picks)] ?? ['pass'];
      const { verdict, evidence } = verdictOf(chosen.map(([, measurement]) => measurement));
      deepEqual([verdict, evidence.length], [worst, picks.length]);
    }),
  );
});

test('only what the range forbids fails, and stable never has a say', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(any, any, any, any, (canary, stable, min, max) => {
      const { verdict } = verdictOf([of({ ...queue, min, max }, value(canary), value(stable))]);
      deepEqual(verdict, canary < min || canary > max ? 'fail' : 'pass');
    }),
  );
});
