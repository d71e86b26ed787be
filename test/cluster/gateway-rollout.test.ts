// Releases of a shop that is routed by Gateway API alone, under load and on real parts.
import { deepEqual, equal, match as matches, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readState } from '../../src/config/state.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { State } from '../../src/rollout/types.ts';
import { listAt, numberAt, textAt } from '../../src/routing/json.ts';
import type { ApiObject } from '../rig/api.ts';
import { findGatewayCrds } from '../rig/gateway-crds.ts';
import { openLab, prepareLab } from '../rig/lab.ts';
import { startLoad } from '../rig/load.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  ...(await prepareLab()),
  gatewayCrds: await findGatewayCrds(),
}));
const lab = await openLab({ stateDir, prepared, gatewayCrds: prepared.gatewayCrds });
after(() => lab.close());
const { plane, mesh } = lab;

const host = 'shop.example.com';
const routePath = '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/shop';
const patient = { timeoutMs: 60_000 };

/** One failed check rolls back; at 100 requests a second a version that fails 5 % of them does not pass one. */
const plan = `analysis:
  interval: 4s
  threshold: 1
  stepWeights: [50]
  metrics:
  - {name: request-success-rate, thresholdRange: {min: 99}, interval: 4s}
`;
const metadata = { name: 'web', namespace: 'shop' };
const shopRoute = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { ...metadata, name: 'shop' },
  spec: {
    parentRefs: [{ name: 'edge', namespace: 'istio-system' }],
    hostnames: [host],
    rules: [
      {
        matches: [{ path: { value: '/old' } }],
        filters: [{ type: 'RequestRedirect', requestRedirect: { port: 81 } }],
      },
      { backendRefs: [{ name: 'web', port: 80 }], timeouts: { request: '10s' } },
    ],
  },
};
const items = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'serin.dev/mode': 'canary' } } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, name: 'serin' },
    data: { 'canary.yaml': plan },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'web', image: 'shop:1', ports: [{ name: 'http', containerPort: 8080 }] }],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  },
  shopRoute,
];
await lab.kubectl(`apply -f ${join(import.meta.dirname, '../rig/mesh-config/gateway-api.yaml')}`);
await lab.kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
await lab.kubectl('-n shop rollout status deployment/web --timeout=60s');

const load = { url: mesh.gatewayUrl, host, ratePerSecond: 100 };
await until(
  'the gateway to serve the shop',
  async () => (await startLoad({ ...load, maxSeconds: 5, maxRequests: 10 }).ended).ok === 10,
  patient,
);
const route = (): Promise<KubeObject & ApiObject> => plane.api.get(routePath);
const untouched = await route();
/** Every weight the route has had, as parts of a hundred, in their order. */
const weights: number[] = [];
const following = new AbortController();
after(() => following.abort());
plane.api.follow<KubeObject & ApiObject>(
  routePath.replace(/\/shop$/, ''),
  {
    list: (routes) => routes.forEach((each) => weights.push(weightOf(each))),
    change: (_, each) => weights.push(weightOf(each)),
  },
  following.signal,
);
const visitors = startLoad({ ...load, maxSeconds: 240, maxRequests: 24_000 });
after(() => visitors.stop());

/** Sets the image; answers how the rollout ended. */
async function release(image: string): Promise<State> {
  weights.length = 0;
  await lab.kubectl(`-n shop set image deployment/web web=${image}`);
  return until(
    'the rollout to end',
    async () => {
      const { metadata: main } = await plane.api.get<KubeObject & ApiObject>(
        '/apis/apps/v1/namespaces/shop/deployments/web',
      );
      const state = readState(main.annotations);
      return state !== undefined && !('corrupt' in state) && 'endedAt' in state && state;
    },
    { timeoutMs: 100_000 },
  );
}

/** What the owner changes in the middle of the first release. */
function changed(json: unknown): string {
  return JSON.stringify(json).replace('"10s"', '"9s"');
}

async function leftNoTrace(): Promise<void> {
  const { metadata: left, ...now } = await route();
  equal(JSON.stringify(now['spec']), changed(untouched['spec']));
  deepEqual(Object.keys(left.annotations ?? {}), Object.keys(untouched.metadata.annotations ?? {}));
  const { items: services } = await plane.api.get<{ items: ApiObject[] }>('/api/v1/namespaces/shop/services');
  deepEqual(
    services.map((each) => each.metadata.name),
    ['web'],
  );
}

test('a healthy version is promoted through the HTTPRoute, and nobody loses a request', async () => {
  visitors.mark('healthy');
  const released = release('shop:2');
  await until('a weight', () => weights.includes(50), patient);
  // A file that knows nothing of the split is applied again, with a change of its owner's.
  await lab.kubectl('apply -f -', changed(shopRoute));
  const state = await released;
  visitors.mark('after');
  equal(state.phase, 'Succeeded', JSON.stringify(state));
  const distinct = weights.filter((weight, n) => weight !== weights[n - 1]);
  deepEqual(distinct.slice(distinct.indexOf(50), distinct.indexOf(100) + 1), [50, 100], distinct.join());
  equal(distinct.at(-1), 0);
  deepEqual(visitors.snapshot().byPhase.get('healthy')?.errors, {
    byStatus: new Map(),
    transport: new Map(),
  });
  await leftNoTrace();
});

test('a version that fails requests is rolled back through the HTTPRoute, and met nobody but those who asked for it', async () => {
  const match = [{ headers: { 'x-canary': { exact: 'yes' } } }];
  const asked = JSON.stringify({ analysis: { iterations: 5, interval: '4s', threshold: 1, match } });
  await lab.kubectl(`-n shop annotate deployment web serin.dev/canary=${asked}`);
  const bounds = { maxSeconds: 60, maxRequests: 6_000 };
  const insiders = startLoad({ ...load, ...bounds, headers: { 'x-canary': 'yes' } });
  const state = await release('shop:3');
  ok(state.phase === 'Failed', JSON.stringify(state));
  matches(state.message, /success rate|canary worse than stable/);
  deepEqual(new Set(weights), new Set([0]));
  await leftNoTrace();
  const met = (await insiders.stop()).byVersion.get('3');
  ok(met !== undefined && met.ok > 0 && met.failed > 0);
  const { byVersion, errors } = await visitors.stop();
  deepEqual(
    [[...byVersion.keys()].toSorted(), errors],
    [['1', '2'], { byStatus: new Map(), transport: new Map() }],
  );
});

function weightOf(object: KubeObject): number {
  const backends = listAt(listAt(object['spec'], 'rules').at(-1), 'backendRefs');
  const weight = (entry: (typeof backends)[number]): number => numberAt(entry, 'weight') ?? 1;
  const twin = backends.filter((entry) => textAt(entry, 'name') === 'web-canary');
  const [part, whole] = [twin, backends].map((list) =>
    list.reduce<number>((sum, each) => sum + weight(each), 0),
  );
  return ((part ?? 0) * 100) / (whole ?? 1);
}
