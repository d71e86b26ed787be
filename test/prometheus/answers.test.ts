import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, readAnswer } from '../../src/prometheus/answers.ts';

const of = (data: unknown, more: object = {}): string => JSON.stringify({ status: 'success', data, ...more });
const error = (why: string): Answer => ({ kind: 'error', why });
const notAVector = (type: string): Answer =>
  error(`the query gives ${type}, not an instant vector or a scalar`);

const cases: readonly (readonly [what: string, status: number, body: string, expected: Answer])[] = [
  [
    'a vector is its samples',
    200,
    of({
      resultType: 'vector',
      result: [
        { metric: { reporter: 'source', code: '200' }, value: [1700000000.1, '12.5'] },
        { metric: {}, value: [1700000000.1, 'NaN'] },
        { metric: {}, value: [1700000000.1, '-Inf'] },
        { metric: {}, value: [1700000000.1, '1e-3'] },
      ],
    }),
    {
      kind: 'samples',
      samples: [
        { labels: { reporter: 'source', code: '200' }, value: 12.5 },
        { labels: {}, value: Number.NaN },
        { labels: {}, value: -Infinity },
        { labels: {}, value: 0.001 },
      ],
      warnings: [],
    },
  ],
  [
    'a scalar is one sample',
    200,
    of({ resultType: 'scalar', result: [1700000000, '+Inf'] }),
    { kind: 'samples', samples: [{ labels: {}, value: Infinity }], warnings: [] },
  ],
  [
    'an empty vector is no sample, with the warnings',
    200,
    of({ resultType: 'vector', result: [] }, { warnings: ['a store did not answer'] }),
    { kind: 'samples', samples: [], warnings: ['a store did not answer'] },
  ],
  ['a range is refused', 200, of({ resultType: 'matrix', result: [] }), notAVector('matrix')],
  ['a text is refused', 200, of({ resultType: 'string', result: [1, 'x'] }), notAVector('string')],
  ['no data is refused', 200, of(null), notAVector('nothing known')],
  [
    'a native histogram is refused',
    200,
    of({ resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] }),
    error('the answer has a sample that is not a number'),
  ],
  [
    'a value that is no number is refused',
    200,
    of({ resultType: 'scalar', result: [1, 'twelve'] }),
    error('the answer has a sample that is not a number'),
  ],
  [
    'a value that is empty is refused',
    200,
    of({ resultType: 'scalar', result: [1, ''] }),
    error('the answer has a sample that is not a number'),
  ],
  [
    'an error of the API is told in its words',
    422,
    JSON.stringify({ status: 'error', errorType: 'execution', error: 'query timed out in\n expression' }),
    error('answered 422: query timed out in expression'),
  ],
  [
    'an error that comes with status 200 is one all the same',
    200,
    JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }),
    error('answered 200: parse error'),
  ],
  [
    'a proxy’s page is told by its first words',
    502,
    '<h1>Bad\n\n Gateway</h1>',
    error('answered 502: <h1>Bad Gateway</h1>'),
  ],
  ['an empty refusal is told by its status', 503, '', error('answered 503')],
  [
    'a success with another status is none',
    503,
    of({ resultType: 'vector', result: [] }),
    error('answered 503: {"status":"success","data":{"resultType":"vector","result":[]}}'),
  ],
  [
    'an answer that was cut is not one',
    200,
    '{"status":"succ',
    error('the answer is not one of the Prometheus API'),
  ],
  ['another API’s answer is not one', 200, '[1]', error('the answer is not one of the Prometheus API')],
];
for (const [what, status, body, expected] of cases) {
  test(what, () => deepEqual(readAnswer(status, body), expected));
}

test('whatever is answered is read without a throw', () => {
  const json = fc.jsonValue();
  const data = fc.record({ resultType: fc.constantFrom('vector', 'scalar', 'matrix'), result: json });
  const body = fc.record({
    status: fc.constantFrom('success', 'error'),
    data: fc.oneof(data, json),
    warnings: json,
  });
  fc.assert(fc.property(fc.oneof(body, json), (any) => void readAnswer(200, JSON.stringify(any))));
});
