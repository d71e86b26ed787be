import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { newrelic } from '../../src/sources/newrelic.ts';
import { asked, question, type Reading, short } from './asking.ts';

const secret = { newrelic_account_id: '1234', newrelic_query_key: 'NRIQ-key' };

test('the query is asked of the account, over the interval', () => {
  const query = "SELECT average(duration)\n  FROM Transaction WHERE appName = 'web'\n";
  deepEqual(asked(newrelic, 'https://insights-api.eu.newrelic.com', { query, secret }), {
    url: new URL(
      'https://insights-api.eu.newrelic.com/v1/accounts/1234/query?nrql=SELECT+average%28duration%29+FROM+Transaction+WHERE+appName+%3D+%27web%27+SINCE+60+seconds+ago',
    ),
    method: 'GET',
    headers: { accept: 'application/json', 'x-query-key': 'NRIQ-key' },
  });
});

test('a query that says its own time span keeps it', () => {
  const request = asked(newrelic, 'https://x', {
    query: 'SELECT count(*) FROM Metric since 5 minutes ago',
    secret,
  });
  equal(
    typeof request === 'string' ? request : request.url.searchParams.get('nrql'),
    'SELECT count(*) FROM Metric since 5 minutes ago',
  );
});

test('an account that is no number is not put into an address', () => {
  const wrong = { ...secret, newrelic_account_id: '../../x' };
  equal(asked(newrelic, 'https://x', { secret: wrong }), 'newrelic_account_id of the Secret is no number');
});

const answer = (...results: readonly object[]): object => ({
  results,
  performanceStats: { inspectedCount: 120, responseTime: 12 },
  metadata: { eventType: 'Metric', openEnded: true, messages: [], contents: [{ function: 'average' }] },
});
const readings: readonly Reading[] = [
  ['arithmetic is called result', answer({ result: 0.25 }), 0.25],
  ['a function is called by its name', answer({ average: 12.5 }), 12.5],
  ['null is no data', answer({ result: null }), 'absent: the query gives no value'],
  ['no result is no data', answer(), 'absent: the query gives no value'],
  [
    'of several values none is taken',
    answer({ count: 1 }, { average: 2 }),
    'error: the query gives 2 values, but one is wanted: sum or select them',
  ],
  ['a text is no number', answer({ latest: 'web' }), 'error: the query gives something that is no number'],
  ['a time series is none of its answers', { facets: [] }, 'error: the answer is not one of its API'],
];
for (const [what, body, expected] of readings) {
  test(what, () => deepEqual(short(newrelic.read(JSON.stringify(body), question())), expected));
}

test('the words of a refusal are told', () => {
  equal(
    newrelic.complaint?.('{"error":"NRQL Syntax Error: Error at line 1 position 8, unexpected \'FORM\'"}'),
    "NRQL Syntax Error: Error at line 1 position 8, unexpected 'FORM'",
  );
});
