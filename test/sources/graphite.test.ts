import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { graphite } from '../../src/sources/graphite.ts';
import { asked, now, question, type Reading, short } from './asking.ts';

const urlOf = (address: string, query: string): string => {
  const request = asked(graphite, address, { query });
  return typeof request === 'string' ? request : request.url.href;
};

test('the query is that of the render API, as JSON, no further back than it may look', () => {
  equal(
    urlOf('http://graphite/sub', "target=summarize(\n  a.b.c,\n  '60s',\n  'avg'\n)"),
    'http://graphite/sub/render?target=summarize%28+a.b.c%2C+%2760s%27%2C+%27avg%27+%29&from=-600s&format=json',
  );
  equal(
    urlOf('http://graphite', 'target=a&from=-5min&format=csv'),
    'http://graphite/render?target=a&from=-5min&format=json',
  );
  equal(urlOf('http://graphite', 'sum(a)'), 'the query has no target=');
});

/** As Graphite answers: a value and its second, oldest first, a minute apart. */
const series = (...values: readonly (number | null)[]): object => ({
  target: 'summarize(a.b.c, "60s", "avg")',
  tags: { name: 'a.b.c', summarize: '60s', summarizeFunction: 'avg' },
  datapoints: values.map((value, index) => [value, now / 1000 - 60 * (values.length - 1 - index)]),
});
const readings: readonly Reading[] = [
  ['the newest minute that has ended is taken', [series(97, 98, 99.5)], 98],
  ['minutes without a value are passed over', [series(97, null, null)], 97],
  [
    'nothing but nulls is no data',
    [series(null, null)],
    'absent: the query gives no value for a whole 60s within the last 600s',
  ],
  ['no series is no data', [], 'absent: the query gives no value'],
  [
    'of several series none is taken',
    [series(1, 2), series(1, 2)],
    'error: the query gives 2 values, but one is wanted: sum or select them',
  ],
  ['an answer of another API is an error', { error: 'x' }, 'error: the answer is not one of its API'],
];
for (const [what, body, expected] of readings) {
  test(what, () => deepEqual(short(graphite.read(JSON.stringify(body), question())), expected));
}
