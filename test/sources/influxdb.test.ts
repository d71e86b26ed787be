import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { influxdb } from '../../src/sources/influxdb.ts';
import { asked, question, short } from './asking.ts';

test('Flux is posted for the organisation, with the token as InfluxDB names it', () => {
  const query = 'from(bucket: "default") |> range(start: -60s) |> mean()';
  const request = asked(influxdb, 'https://influx', { query, secret: { token: 'abcdef', org: 'my org' } });
  deepEqual(request, {
    url: new URL('https://influx/api/v2/query?org=my+org'),
    method: 'POST',
    headers: { accept: 'application/csv', authorization: 'Token abcdef', 'content-type': 'application/json' },
    body: JSON.stringify({ query, type: 'flux', dialect: { header: true, annotations: [], delimiter: ',' } }),
  });
});

const head = ',result,table,_start,_stop,_value,pod';
const row = (value: string, pod = 'web-1'): string =>
  `,count,0,2026-11-24T09:00:00Z,2026-11-24T09:10:00Z,${value},${pod}`;
const csv = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

const readings: readonly (readonly [what: string, body: string, expected: number | string])[] = [
  ['one value', csv(head, row('0.25')), 0.25],
  ['a value beside a text with commas, quotes and line ends', csv(head, row('3', '"a, ""b"",\r\nc"')), 3],
  [
    'annotations are passed over',
    csv(
      '#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,long,string',
      '#group,false',
      '#default,count',
      head,
      row('7'),
    ),
    7,
  ],
  ['an empty answer is no data', '\r\n', 'absent: the query gives no value'],
  ['a table without rows is no data', csv(head), 'absent: the query gives no value'],
  ['a value that is empty is no data', csv(head, row('')), 'absent: the query gives no value'],
  ['0/0 is no data', csv(head, row('NaN')), 'absent: the query gives no value'],
  [
    'of several rows none is taken',
    csv(head, row('1'), row('2')),
    'error: the query gives 2 values, but one is wanted: sum or select them',
  ],
  [
    'nor of several tables',
    `${csv(head, row('1'))}${csv(head, row('2'))}`,
    'error: the query gives 2 values, but one is wanted: sum or select them',
  ],
  ['a text is no number', csv(head, row('many')), 'error: the query gives something that is no number'],
  [
    'an error that comes after the status is one',
    csv('error,reference', '"engine: context canceled, retry",897'),
    'error: engine: context canceled, retry',
  ],
  ['a page is an error', '<html>\n<body>', 'error: the answer is not one of its API'],
];
for (const [what, body, expected] of readings) {
  test(what, () => deepEqual(short(influxdb.read(body, question())), expected));
}

test('the words of a refusal are told', () => {
  equal(
    influxdb.complaint?.('{"code":"unauthorized","message":"unauthorized access"}'),
    'unauthorized access',
  );
});
