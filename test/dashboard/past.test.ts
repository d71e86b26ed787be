import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import { createPast, type Span } from '../../src/dashboard/past.ts';
import { prometheusPath } from '../../src/prometheus/proxy-path.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Transport } from '../../src/kube/transport.ts';
import { noon } from './fixtures.ts';

function serin(url: string): KubeObject {
  const containers = [{ args: ['webhook'] }, { args: ['controller', `--prometheus-url=${url}`] }];
  return {
    metadata: { name: 'serin', namespace: 'serin-system', uid: 'u', resourceVersion: '1' },
    spec: { template: { spec: { containers } } },
  };
}

const base = '/api/v1/namespaces/mesh/services';
const addresses: readonly (readonly [url: string, path: string | undefined])[] = [
  ['http://prometheus.mesh:9090', `${base}/prometheus:9090/proxy/api/v1/query_range`],
  ['http://prometheus.mesh.svc.cluster.local:9090/', `${base}/prometheus:9090/proxy/api/v1/query_range`],
  ['https://thanos.mesh.svc/select/0', `${base}/https:thanos:443/proxy/select/0/api/v1/query_range`],
  ['http://mimir.mesh', `${base}/mimir:80/proxy/api/v1/query_range`],
  ['http://10.0.0.1:9090', undefined],
  ['https://prometheus.example.com', undefined],
  ['http://prometheus:9090', undefined],
  ['nonsense', undefined],
];
for (const [url, path] of addresses)
  test(`${url} is ${path === undefined ? 'no Service of the cluster' : 'asked through the API server'}`, () => {
    equal(prometheusPath(serin(url)), path);
  });

const labels = (workload: string, code: string) => ({
  ...{ reporter: 'destination', destination_workload: workload, response_code: code },
});
const answers: readonly (readonly [query: RegExp, result: readonly object[]])[] = [
  [
    /istio_requests_total/,
    [
      {
        metric: labels('web', '200'),
        values: [
          [100, '600'],
          [105, '660'],
        ],
      },
      { metric: labels('web-canary', '200'), values: [[105, '54']] },
      { metric: labels('web-canary', '503'), values: [[105, '6']] },
    ],
  ],
  [/histogram_quantile/, [{ metric: { destination_workload: 'web' }, values: [[100, '86']] }]],
  [
    /serin_rollout_weight/,
    [
      {
        metric: {},
        values: [
          [100, '5'],
          [105, '20'],
        ],
      },
    ],
  ],
  [/serin_rollout_evidence/, []],
];

interface Asked {
  readonly paths: string[];
  status: number;
  now: number;
}

function past(asked: Asked, url = 'http://prometheus.mesh:9090') {
  const transport: Transport = {
    async send({ path }) {
      asked.paths.push(path);
      const query = new URL(path, 'http://x').searchParams.get('query') ?? '';
      const [, result] = answers.find(([pattern]) => pattern.test(query)) ?? [];
      const body = { status: 'success', data: { resultType: 'matrix', result } };
      async function* bytes() {
        yield Buffer.from(
          asked.status === 200 ? JSON.stringify(body) : '{"kind":"Status","message":"forbidden"}',
        );
      }
      return { status: asked.status, headers: {}, body: bytes() };
    },
  };
  const clock: Clock = { now: () => asked.now, sleep: () => new Promise(() => undefined) };
  return createPast({ kube: { get: async () => serin(url) }, transport, clock }, 'serin-system');
}
const span: Span = { namespace: 'shop', stable: 'web', canary: 'web-canary', from: noon - 600_000, to: noon };

test('both arms are told as the checks count them, with the weight that Serin told Prometheus', async () => {
  const asked: Asked = { paths: [], status: 200, now: noon };
  deepEqual(await past(asked).lines(span), {
    rate: {
      at: [100, 105],
      values: [
        [10, 11],
        [null, 1],
      ],
    },
    errors: {
      at: [100, 105],
      values: [
        [0, 0],
        [null, 10],
      ],
    },
    latency: { at: [100], values: [[86], [null]] },
    weight: {
      at: [100, 105],
      values: [
        [5, 20],
        [null, null],
      ],
    },
    evidence: { at: [], values: [[], []] },
  });
  match(asked.paths[0] ?? '', /\/proxy\/api\/v1\/query_range\?query=.+&step=5&start=\d+&end=\d+/);
});

test('several pages within ten seconds are one question', async () => {
  const asked: Asked = { paths: [], status: 200, now: noon };
  const known = past(asked);
  const lines = (of: Span) => known.lines(of);
  await Promise.all([lines(span), lines(span)]);
  asked.now += 9_000;
  await lines(span);
  equal(asked.paths.length, 4);
  asked.now += 2_000;
  await lines(span);
  equal(asked.paths.length, 8);
});

test('who may not ask has no lines, and does not ask again for a minute', async () => {
  const asked: Asked = { paths: [], status: 403, now: noon };
  const known = past(asked);
  const lines = (of: Span) => known.lines(of);
  equal(await lines(span), undefined);
  asked.now += 30_000;
  equal(await lines(span), undefined);
  equal(asked.paths.length, 4);
  asked.now += 31_000;
  await lines(span);
  equal(asked.paths.length, 8);
});

test('a Prometheus that is no Service of the cluster is not asked', async () => {
  const asked: Asked = { paths: [], status: 200, now: noon };
  equal(await past(asked, 'http://10.0.0.1:9090').lines(span), undefined);
  deepEqual(asked.paths, []);
});
