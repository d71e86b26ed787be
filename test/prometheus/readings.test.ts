import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, Sample } from '../../src/prometheus/answers.ts';
import type { Arms } from '../../src/prometheus/queries.ts';
import { countsOf, onlyValue, p99, successRate } from '../../src/prometheus/readings.ts';

const arms: Arms = {
  namespace: 'shop',
  stable: 'web',
  canary: 'web-canary',
  windowMs: 60_000,
  services: { stable: 'web', canary: 'web-canary' },
};
const answer = (samples: readonly Sample[], warnings: readonly string[] = []): Answer => ({
  kind: 'samples',
  samples,
  warnings,
});
const requests = (
  value: number,
  code: string,
  { reporter = 'destination', workload = 'web-canary', ...more }: Record<string, string> = {},
): Sample => ({
  labels: { reporter, destination_workload: workload, response_code: code, ...more },
  value,
});
const rate = (...samples: readonly Sample[]): unknown => successRate(answer(samples), arms, 'canary');

test('the success rate is of the arm’s own requests; 5xx fails, 4xx does not', () => {
  const samples = [
    requests(90, '200'),
    requests(5, '404'),
    requests(5, '503'),
    requests(1000, '500', { workload: 'web' }),
    requests(1000, '500', { workload: 'other' }),
  ];
  deepEqual(rate(...samples), { kind: 'value', value: 95 });
  deepEqual(successRate(answer(samples), arms, 'stable'), { kind: 'value', value: 0 });
});

test('an arm that answers nothing but errors has 0 percent, not no data', () => {
  deepEqual(rate(requests(3.5, '500')), { kind: 'value', value: 0 });
});

test('a gRPC server error fails though its code is 200', () => {
  deepEqual(
    rate(
      requests(3, '200', { grpc_response_status: '0' }),
      requests(1, '200', { grpc_response_status: '14' }),
    ),
    {
      kind: 'value',
      value: 75,
    },
  );
  deepEqual(rate(requests(1, '200', { grpc_response_status: '5' })), { kind: 'value', value: 100 });
});

test('of the two reporters the worse view counts, and they are never summed', () => {
  const seen = [
    requests(80, '200', { reporter: 'destination' }),
    requests(80, '200', { reporter: 'source' }),
    requests(20, '503', { reporter: 'source' }),
  ];
  deepEqual(countsOf(seen, arms, 'canary'), { requests: 100, errors: 20 });
  deepEqual(rate(...seen), { kind: 'value', value: 80 });
  deepEqual(rate(...seen.slice(0, 1)), { kind: 'value', value: 100 });
  const few = requests(1, '503', { reporter: 'source' });
  deepEqual(rate(requests(80, '200'), few), { kind: 'value', value: 0 });
});

test('a request that reached no pod counts for the arm of its Service', () => {
  const unreached = (service: string): Sample =>
    requests(10, '503', { reporter: 'source', workload: 'unknown', destination_service: service });
  const fine = requests(10, '200', { reporter: 'source' });
  deepEqual(rate(fine, unreached('web-canary.shop.svc.cluster.local')), { kind: 'value', value: 50 });
  deepEqual(rate(fine, unreached('web.shop.svc.cluster.local')), { kind: 'value', value: 100 });
  const { services, ...blind } = arms;
  deepEqual(services, { stable: 'web', canary: 'web-canary' });
  deepEqual(countsOf([unreached('web-canary.shop.svc.cluster.local')], blind, 'canary'), undefined);
});

test('no requests is no data, be it no series or an increase of 0, with what was warned of', () => {
  const none = { kind: 'absent', why: 'no requests in 60s' };
  deepEqual(rate(), none);
  deepEqual(rate(requests(0, '200')), none);
  deepEqual(successRate(answer([], ['partial']), arms, 'canary'), {
    kind: 'absent',
    why: 'no requests in 60s (partial)',
  });
});

test('the P99 is the longest that a reporter saw; NaN is a reporter that saw nothing', () => {
  const at = (value: number, reporter: string): Sample => ({
    labels: { reporter, destination_workload: 'web-canary' },
    value,
  });
  deepEqual(p99(answer([at(38, 'destination'), at(41.5, 'source')]), arms, 'canary'), {
    kind: 'value',
    value: 41.5,
  });
  deepEqual(p99(answer([at(38, 'destination'), at(Number.NaN, 'source')]), arms, 'canary'), {
    kind: 'value',
    value: 38,
  });
  deepEqual(p99(answer([at(Number.NaN, 'source')]), arms, 'canary'), {
    kind: 'absent',
    why: 'no requests in 60s',
  });
  deepEqual(p99(answer([at(38, 'source')]), arms, 'stable'), { kind: 'absent', why: 'no requests in 60s' });
});

test('a user’s query gives exactly one value', () => {
  const one = (value: number): Sample => ({ labels: {}, value });
  deepEqual(onlyValue(answer([one(7)])), { kind: 'value', value: 7 });
  deepEqual(onlyValue(answer([])), { kind: 'absent', why: 'the query gives no value' });
  deepEqual(onlyValue(answer([one(Number.NaN)])), { kind: 'absent', why: 'the query gives NaN' });
  deepEqual(onlyValue(answer([one(1), one(2), one(3)])), {
    kind: 'error',
    why: 'the query gives 3 values, but one is wanted: sum or select them',
  });
});

test('an error stays what it is in every reading', () => {
  const error = { kind: 'error', why: 'down' } as const;
  deepEqual(
    [successRate(error, arms, 'canary'), p99(error, arms, 'stable'), onlyValue(error)],
    [error, error, error],
  );
});
