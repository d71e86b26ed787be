// The mesh of the rig itself: what istiod, Envoy and Prometheus do with a VirtualService is what the other tests build on.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { createPrometheus } from '../../src/prometheus/source.ts';
import { openMeshLab, prepareLab } from '../rig/lab.ts';
import { type Snapshot, startLoad } from '../rig/load.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';

const { plane, kubelet, mesh, close } = await openMeshLab(await enterNamespace(prepareLab));
after(close);

const namespace = 'shop';
const host = 'shop.example.com';
const path = `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices/shop`;

/** A Deployment and its Service; the twin of a shop is no more than that to the mesh. */
const workload = (name: string, image: string, env: readonly object[]): object[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'shop', image, ports: [{ containerPort: 8080 }], env }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  },
];
const split = (stable: number, canary: number): object[] => [
  {
    // A request that Envoy sends twice is counted twice by the pods and once by the gateway.
    retries: { attempts: 0 },
    route: [
      { destination: { host: 'web' }, weight: stable },
      { destination: { host: 'web-canary' }, weight: canary },
    ],
  },
];
const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  ...workload('web', 'shop:1', []),
  ...workload('web-canary', 'shop:2', [{ name: 'SHOP_ERROR_RATE', value: '0.2' }]),
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'shop', namespace },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ hosts: [host], port: { number: 80, name: 'http', protocol: 'HTTP' } }],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'shop', namespace },
    spec: { hosts: [host], gateways: ['shop'], http: split(50, 50) },
  },
];
const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
const applied = await plane.kubectl(['apply', '-f', '-'], { input });
equal(applied.code, 0, applied.stderr);

const send = (maxRequests: number): Promise<Snapshot> =>
  startLoad({ url: mesh.gatewayUrl, host, ratePerSecond: 400, maxSeconds: 30, maxRequests }).ended;
const setWeights = async (stable: number, canary: number): Promise<void> => {
  await plane.api.patch(path, { spec: { http: split(stable, canary) } });
};
/** How many requests each version answered. */
const answered = ({ byVersion }: Snapshot): Record<string, number> =>
  Object.fromEntries([...byVersion].map(([version, { ok: good, failed }]) => [version, good + failed]));
/** Waits until so many requests in a row are answered by that version alone. */
const routedTo = (version: string): Promise<boolean> =>
  until(`the gateway to send everything to version ${version}`, async () => {
    const seen = answered(await send(20));
    return Object.keys(seen).join() === version && seen[version] === 20;
  });
const workloadOf = (pod: string): string => pod.replace(/-[^-]+-[^-]+$/, '');

await until('pods to be ready', () => {
  const ready = kubelet.pods().filter(({ isReady }) => isReady);
  return ready.length === 4;
});
await setWeights(100, 0);
await routedTo('1');
await setWeights(0, 100);
await routedTo('2');

test('weights of 100 and 0 are exact', async () => {
  await setWeights(100, 0);
  await routedTo('1');
  deepEqual(answered(await send(300)), { '1': 300 });
  await setWeights(0, 100);
  await routedTo('2');
  deepEqual(answered(await send(300)), { '2': 300 });
});

test('weights of 90 and 10 split the requests so', async () => {
  await setWeights(90, 10);
  await until('both versions to answer', async () => Object.keys(answered(await send(40))).length === 2);
  const { sent, errors, byVersion, ...all } = await send(1000);
  const canary = byVersion.get('2');
  ok(canary !== undefined);
  const share = canary.ok + canary.failed;
  // 100 on average; outside of these bounds once in 10^9 runs (six standard deviations).
  ok(share >= 43 && share <= 157, `${share} of 1000`);
  // Every failure is one the canary's pods were told to answer.
  deepEqual(errors, { byStatus: new Map([[503, canary.failed]]), transport: new Map() });
  deepEqual([sent, all.ok + all.failed], [1000, 1000]);
});

test('Prometheus counts exactly what the pods served, by workload and code', async () => {
  const served: Record<string, number> = {};
  for (const { name } of kubelet.pods()) {
    for (const [status, count] of kubelet.served(name)) {
      const key = `${workloadOf(name)} ${status}`;
      served[key] = (served[key] ?? 0) + count;
    }
  }
  const labels = `reporter="source",source_workload="istio-ingressgateway",destination_workload_namespace="${namespace}"`;
  const counted = async (metric: string): Promise<Record<string, number>> => {
    const by = 'destination_workload, response_code, destination_service';
    const series = await mesh.query(`sum by (${by}) (${metric}{${labels}})`);
    return Object.fromEntries(
      series.map(
        ({
          labels: { destination_workload: workloadName, response_code: code, destination_service: service },
          value,
        }) => {
          equal(service, `${workloadName}.${namespace}.svc.cluster.local`);
          return [`${workloadName} ${code}`, value];
        },
      ),
    );
  };
  for (const metric of ['istio_requests_total', 'istio_request_duration_milliseconds_count']) {
    const isEven = async (): Promise<boolean> => sum(await counted(metric)) >= sum(served);
    await until(`${metric} to be scraped`, isEven, { timeoutMs: 10_000 }).catch(() => undefined);
    deepEqual(await counted(metric), served, metric);
  }
  deepEqual(Object.keys(served).sort(), ['web 200', 'web-canary 200', 'web-canary 503']);
  ok(sum(served) >= 1600);
});

test("Serin's own queries find both arms in these metrics", async () => {
  const source = createPrometheus({ url: mesh.prometheusUrl, clock: systemClock, fetch });
  const arms = { namespace, stable: 'web', canary: 'web-canary', windowMs: 60_000 };
  const figures = await source.figures(arms);
  ok(figures.kind === 'figures');
  ok(figures.stable.requests > 0 && figures.canary.requests > 0);
  deepEqual([figures.stable.errors, figures.canary.errors > 0], [0, true]);
  ok(figures.stable.p99.kind === 'value' && figures.stable.p99.value >= 3);
});

test('a change of weights is in force within a second', async () => {
  const took: number[] = [];
  for (const version of ['1', '2', '1', '2', '1']) {
    await (version === '1' ? setWeights(100, 0) : setWeights(0, 100));
    const patchedAt = performance.now();
    await until('the change', async () => (await fetchVersion()) === version, { everyMs: 10 });
    took.push(performance.now() - patchedAt);
  }
  // The middle one of five: a machine that is busy with something else may stall once.
  const [, , median = Number.NaN] = took.toSorted((a, b) => a - b);
  ok(median < 1000, took.join(', '));
});

test("Istio's own webhook refuses a weight that is none, and nothing changes", async () => {
  const before = await plane.api.get(path);
  const patch = JSON.stringify([{ op: 'replace', path: '/spec/http/0/route/0/weight', value: -5 }]);
  const args = ['-n', namespace, 'patch', 'virtualservice', 'shop', '--type=json', '-p', patch];
  const { code, stderr } = await plane.kubectl(args);
  match(stderr, /"validation\.istio\.io" denied the request: .*weight -5 < 0/);
  equal(code, 1);
  deepEqual(await plane.api.get(path), before);
});

test('a request that is routed to pods that are gone is answered with 503, and counted for no workload', async () => {
  const args = ['-n', namespace, 'scale', 'deployment', 'web-canary', '--replicas=0'];
  equal((await plane.kubectl(args)).code, 0);
  await setWeights(0, 100);
  await until('the last pod to go', () => kubelet.pods().length === 2);
  await until('the gateway to know', async () => (await fetchVersion()) === 'none');
  const { errors } = await send(50);
  deepEqual(errors, { byStatus: new Map([[503, 50]]), transport: new Map() });
  const query =
    'sum(istio_requests_total{destination_workload="unknown",response_code="503",response_flags="UH"})';
  await until('the count', async () => ((await mesh.query(query))[0]?.value ?? 0) >= 50, {
    timeoutMs: 10_000,
  });
});

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

async function fetchVersion(): Promise<string> {
  const { byVersion } = await send(1);
  return [...byVersion.keys()].join();
}
