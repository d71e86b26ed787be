import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { datadog } from '../../src/sources/datadog.ts';
import { asked, now, question, type Reading, short } from './asking.ts';

test('a query is asked over the look-back, with both keys as headers and nowhere else', () => {
  const secret = { datadog_api_key: 'api-key', datadog_application_key: 'app-key' };
  const query = 'sum:requests{\n  env:prod\n}.as_count()\n';
  deepEqual(asked(datadog, 'https://api.datadoghq.eu', { query, secret }), {
    url: new URL(
      'https://api.datadoghq.eu/api/v1/query?from=1795510800&to=1795511400&query=sum%3Arequests%7B+env%3Aprod+%7D.as_count%28%29',
    ),
    method: 'GET',
    headers: { accept: 'application/json', 'dd-api-key': 'api-key', 'dd-application-key': 'app-key' },
  });
});

/** As Datadog answers, with the points of 20 s that are given, oldest first. */
const answer = (...series: readonly (readonly (number | null)[])[]): object => ({
  status: 'ok',
  res_type: 'time_series',
  resp_version: 1,
  query: 'sum:requests{env:prod}.as_count()',
  from_date: now - 600_000,
  to_date: now,
  series: series.map((values) => ({
    unit: null,
    query_index: 0,
    aggr: 'sum',
    metric: 'requests',
    tag_set: [],
    expression: 'sum:requests{env:prod}.as_count()',
    scope: 'env:prod',
    interval: 20,
    length: values.length,
    start: now - 600_000,
    end: now - 1,
    pointlist: values.map((value, index) => [now - 20_000 * (values.length - index) + 10_000, value]),
    display_name: 'requests',
    attributes: {},
  })),
  values: [],
  times: [],
  message: '',
  group_by: [],
});

const readings: readonly Reading[] = [
  ['the newest whole bucket is taken, not the one that is still filling', answer([1, 2, 0.5]), 2],
  ['a bucket without a value is passed over', answer([1, null, 3]), 1],
  [
    'nothing but a bucket that is filling is no data',
    answer([7]),
    'absent: the query gives no value for a whole 20s within the last 600s',
  ],
  ['no series is no data', answer(), 'absent: the query gives no value'],
  ['a series without points is no data', answer([]), 'absent: the query gives no value'],
  [
    'of several series none is taken',
    answer([1, 2], [3, 4]),
    'error: the query gives 2 values, but one is wanted: sum or select them',
  ],
  [
    'a query that cannot be followed is an error, though it comes with 200',
    { ...answer(), status: 'error', error: 'Rule 2 mismatch at column 3' },
    'error: Rule 2 mismatch at column 3',
  ],
  [
    'so is one that comes without series',
    { status: 'error', error: 'unable to parse' },
    'error: unable to parse',
  ],
  ['an answer of another API is an error', { hello: 'world' }, 'error: the answer is not one of its API'],
];
for (const [what, body, expected] of readings) {
  test(what, () => deepEqual(short(datadog.read(JSON.stringify(body), question())), expected));
}

test('points from before the canary had its traffic are not its own', () => {
  const body = JSON.stringify(answer([1, 2, 3]));
  deepEqual(
    short(datadog.read(body, question({ lookBackMs: 25_000 }))),
    'absent: the query gives no value for a whole 20s within the last 25s',
  );
  deepEqual(short(datadog.read(body, question({ lookBackMs: 30_000 }))), 2);
});

test('the words of a refusal are told', () => {
  deepEqual(datadog.complaint?.('{"errors":["Forbidden"]}'), 'Forbidden');
  deepEqual(
    datadog.complaint?.('{"status":"error","error":"Rate limit of 300 requests in 3600 seconds reached."}'),
    'Rate limit of 300 requests in 3600 seconds reached.',
  );
  deepEqual(datadog.complaint?.('<html>'), undefined);
});
