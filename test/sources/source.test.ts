import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import type { MetricSource } from '../../src/prometheus/source.ts';
import type { MetricSpec } from '../../src/rollout/types.ts';
import { withSources } from '../../src/sources/source.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { short } from './asking.ts';
import { arms, both, forMetrics, influx, influxData, type Reply, rig } from './rig.ts';

test('a source of the plan’s is asked once an arm, with the Secret, and kept from Serin’s own machine', async () => {
  const { asked, own, store, measure } = rig(
    (_, { body }) => new Response(`,_value\n,${body?.includes('web-canary') === true ? 7 : 4}\n`),
  );
  await store('influx', { ...influxData, 'ca.crt': 'CA', 'header.X-Team': 'shop' }, forMetrics);
  deepEqual(await measure(influx), [7, 4]);
  deepEqual(
    asked.map(({ url, init }) => [url, (JSON.parse(init.body ?? '') as { query: string }).query]),
    ['web-canary', 'web'].map((target) => [
      'https://influx/api/v2/query?org=shop-org',
      `q("${target}", "60s", "slow")`,
    ]),
  );
  const { headers, tls, redirect, onlyOutside } = asked[0]?.init ?? {};
  deepEqual([headers?.['authorization'], headers?.['x-team']], ['Token influx-token', 'shop']);
  deepEqual([tls, redirect, onlyOutside], [{ ca: 'CA' }, 'manual', true]);
  deepEqual(own, []);
});

test('what names no source is measured by Serin’s own, in the order asked for', async () => {
  const { source, own, store } = rig();
  await store('influx', influxData, forMetrics);
  const [first, last] = [
    { name: 'request-duration', intervalMs: 1000, max: 1 },
    { name: 'x', intervalMs: 1000, max: 1, query: 'up' },
  ];
  const measured = await source.measure([first, influx, last], arms);
  deepEqual(
    measured.map(({ metric, canary }) => [metric.name, short(canary)]),
    [
      ['request-duration', 1],
      ['queue', 4],
      ['x', 1],
    ],
  );
  deepEqual(own, [first, last]);
});

const labels: readonly (readonly [what: string, labels: Record<string, string>])[] = [
  ['without the label', {}],
  ['labelled otherwise', { 'serin.dev/metrics': 'no' }],
];
for (const [what, given] of labels) {
  test(`a Secret ${what} is sent nowhere: Serin reads it with rights that the plan’s author may not have`, async () => {
    const { asked, store, measure } = rig();
    await store('influx', influxData, given);
    deepEqual(
      await measure(influx),
      both(
        'error: Secret shop/influx is not meant for this: its owner allows it by the label serin.dev/metrics: "true"',
      ),
    );
    deepEqual(asked, []);
  });
}

test('a Secret that is not there, may not be read or lacks a key says what to do', async () => {
  const { kube, asked, store, measure } = rig();
  deepEqual(await measure(influx), both('error: Secret shop/influx is not there'));
  await store('influx', { token: 'x' }, forMetrics);
  deepEqual(await measure(influx), both('error: Secret shop/influx: org is missing, which influxdb needs'));
  kube.before = () => {
    throw new SerinError('KUBE_FORBIDDEN', 'secrets "influx" is forbidden');
  };
  deepEqual(
    await measure(influx),
    both(
      'error: Secret shop/influx may not be read by Serin: bind it a Role, as manifests/examples/metric-secrets.yaml does in namespace shop',
    ),
  );
  kube.before = () => {
    throw new SerinError('KUBE_UNREACHABLE', 'cannot get secrets shop/influx: ECONNREFUSED');
  };
  deepEqual(
    await measure(influx),
    both('error: Secret shop/influx cannot be read: cannot get secrets shop/influx: ECONNREFUSED'),
  );
  deepEqual(asked, []);
});

const replies: readonly (readonly [what: string, reply: Reply, expected: string])[] = [
  [
    'a refusal is told in the words of the API',
    () => new Response('{"code":"unauthorized","message":"unauthorized access"}', { status: 401 }),
    'error: influxdb at https://influx: answered 401: unauthorized access',
  ],
  [
    'a refusal that repeats the token is told without it',
    () => new Response(`${'x'.repeat(285)} Token influx-token`, { status: 403 }),
    `error: influxdb at https://influx: answered 403: ${'x'.repeat(285)} Token [hidden]`,
  ],
  [
    'an error in a good answer is told without the token',
    () => new Response('error,reference\nno influx-token,1\n'),
    'error: influxdb at https://influx: no [hidden]',
  ],
  [
    'a redirect is not followed',
    () => new Response('', { status: 302 }),
    'error: influxdb at https://influx: answered 302',
  ],
  [
    'no connection is told by its cause, without the token',
    () => Promise.reject(new TypeError('fetch failed', { cause: new Error('bad value influx-token') })),
    'error: influxdb at https://influx: bad value [hidden]',
  ],
  ['no data is no error', () => new Response('\n'), 'absent: the query gives no value'],
];
for (const [what, reply, expected] of replies) {
  test(what, async () => {
    const { store, measure } = rig(reply);
    await store('influx', influxData, forMetrics);
    deepEqual(await measure(influx), both(expected));
  });
}

test('nothing is looked for before the canary got its traffic, nor beyond ten intervals', async () => {
  const { source, asked } = rig(() => new Response('[]'));
  const graphite: MetricSpec = {
    ...influx,
    query: 'target=summarize(a,"{{ interval }}")',
    provider: { type: 'graphite', address: 'http://graphite' },
  };
  for (const windowMs of [30_000, 120_000, 3_600_000])
    await source.measure([graphite], { ...arms, windowMs });
  const spans = asked.map(({ url }) => {
    const { searchParams } = new URL(url);
    return [searchParams.get('target'), searchParams.get('from')].join(' ');
  });
  deepEqual(
    [...new Set(spans)],
    ['summarize(a,"30s") -30s', 'summarize(a,"60s") -120s', 'summarize(a,"60s") -600s'],
  );
});

test('a source that does not answer is given up', async () => {
  const clock = virtualClock();
  const kube = memoryKube();
  const none: MetricSource = {
    measure: () => Promise.resolve([]),
    count: () => Promise.reject(),
    figures: () => Promise.reject(),
    incoming: () => Promise.reject(),
  };
  const silent: Fetch = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const graphite: MetricSpec = {
    ...influx,
    query: 'target=a',
    provider: { type: 'graphite', address: 'http://graphite' },
  };
  const measuring = withSources(none, { kube, clock, fetch: silent }).measure([graphite], arms);
  await clock.advance(5000);
  deepEqual(
    (await measuring).map(({ canary }) => short(canary)),
    ['error: graphite at http://graphite: no answer within 5000 ms'],
  );
});

test('another Prometheus is asked with the headers of its tenant', async () => {
  const body = JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '3'] } });
  const { asked, measure } = rig(() => new Response(body));
  const provider = {
    type: 'prometheus',
    address: 'https://mimir/prometheus',
    headers: { 'x-scope-orgid': 'a' },
  } as const;
  deepEqual(await measure({ ...influx, query: 'up', provider }), [3, 3]);
  equal(asked[0]?.url, 'https://mimir/prometheus/api/v1/query?timeout=5000ms&query=up');
  equal(asked[0].init.headers['x-scope-orgid'], 'a');
});
