import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Arms,
  durationText,
  filled,
  latencyQuery,
  requestsQuery,
} from '../../src/prometheus/queries.ts';
import { golden, noStaleGolden } from '../golden.ts';

const arms: Arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 };
const services = { stable: 'web', canary: 'web-canary' };

const queries: readonly (readonly [file: string, query: string])[] = [
  ['requests', requestsQuery({ ...arms, services })],
  ['requests-by-workload', requestsQuery(arms)],
  ['latency', latencyQuery(arms)],
  ['quoted', latencyQuery({ ...arms, namespace: 'a"b\\c\nd', stable: 'web.v1', canary: 'web+x' })],
];
for (const [file, query] of queries) {
  test(`the query ${file} is as kept`, () => golden(`prometheus/${file}.promql`, `${query}\n`));
}
test('no golden query is left over', () => noStaleGolden('prometheus'));

test('a user’s query measures the workload of the arm, by the names the user knows', () => {
  const template =
    'x{ns="{{ namespace }}",w="{{target}}",s="{{- service -}}",n="{{ name }}"}[{{ interval }}]';
  deepEqual(
    filled({ query: template }, { ...arms, services: { stable: 'front', canary: 'front-canary' } }, 'canary'),
    {
      ok: true,
      query: 'x{ns="shop",w="web-canary",s="front",n="web"}[60s]',
    },
  );
  deepEqual(filled({ query: template }, arms, 'stable'), {
    ok: true,
    query: 'x{ns="shop",w="web",s="web",n="web"}[60s]',
  });
});

test('a duration is one that PromQL takes: never zero, never a fraction', () => {
  deepEqual([60_000, 1500, 0, 0.4, 2000.2].map(durationText), ['60s', '1500ms', '1ms', '1ms', '2s']);
  equal(durationText(90 * 60_000), '5400s');
});
