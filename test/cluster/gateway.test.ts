// Gateway API on real parts: what our edits of an HTTPRoute become at a real gateway, by a real istiod.
import { deepEqual, equal, ok } from 'node:assert/strict';
import http from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Beside } from '../../src/rollout/strategy.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { gateway } from '../../src/routing/gateway.ts';
import type { Split } from '../../src/routing/types.ts';
import type { ApiObject } from '../rig/api.ts';
import { weightsAt } from '../rig/envoy.ts';
import { findGatewayCrds } from '../rig/gateway-crds.ts';
import { openMeshLab, prepareLab } from '../rig/lab.ts';
import { startLoad } from '../rig/load.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  ...(await prepareLab()),
  gatewayCrds: await findGatewayCrds(),
}));
const { gatewayCrds } = prepared;
const { plane, kubelet, mesh, close } = await openMeshLab({ stateDir, prepared, gatewayCrds });
after(close);
const kubectl = async (args: readonly string[], input = ''): Promise<void> => {
  const { code, stderr } = await plane.kubectl(args, { input });
  equal(code, 0, stderr);
};

const namespace = 'shop';
const host = 'shop.example.com';
const target: Split = {
  service: { name: 'web', namespace, ports: [{ port: 80, name: 'http' }] },
  twinService: 'web-canary',
};
const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/web`;

/** A Deployment and its Service. */
const workload = (name: string, image: string): object[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  },
];
const route = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace },
  spec: {
    parentRefs: [{ name: 'edge', namespace: 'istio-system' }],
    hostnames: [host],
    rules: [
      {
        matches: [{ path: { value: '/both' } }],
        backendRefs: ['web', 'other'].map((name) => ({ name, port: 80 })),
      },
      { backendRefs: [{ name: 'web', port: 80 }] },
    ],
  },
};
const items = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  ...workload('web', 'shop:1'),
  ...workload('web-canary', 'shop:2'),
  ...workload('other', 'shop:9'),
  route,
];
await kubectl(['apply', '-f', join(import.meta.dirname, '../rig/mesh-config/gateway-api.yaml')]);
await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

/** The version that answers a request. */
const ask = (headers: Record<string, string>, at = '/'): Promise<http.IncomingHttpHeaders> =>
  new Promise((resolve, reject) => {
    const request = http.get(new URL(at, mesh.gatewayUrl), { headers: { host, ...headers } }, (response) => {
      response.resume().on('end', () => resolve(response.headers));
    });
    request.on('error', reject);
  });
/** How many of so many requests each version answered; none may fail. */
const answered = async (maxRequests: number, at = '/'): Promise<Record<string, number>> => {
  const url = `${mesh.gatewayUrl}${at}`;
  const { byVersion, errors } = await startLoad({
    url,
    host,
    ratePerSecond: 400,
    maxSeconds: 30,
    maxRequests,
  }).ended;
  deepEqual(errors, { byStatus: new Map(), transport: new Map() });
  return Object.fromEntries([...byVersion].map(([version, count]) => [version, count.ok]));
};
const read = (at = path): Promise<ApiObject & JsonObject> => plane.api.get(at);
/** Patches the object as it is; again, where istiod wrote its status meanwhile. */
const apply = async (change: (object: JsonObject) => readonly object[], at = path): Promise<void> => {
  const [plural = '', name = ''] = at.split('/').slice(-2);
  await until('the patch to be taken', async () => {
    const ops = JSON.stringify(change(await read(at)));
    const args = ['-n', namespace, 'patch', plural, name, '--type=json', '-p', ops];
    return (await plane.kubectl(args)).code === 0;
  });
};
const split = (weight: number, beside: Beside = {}): Promise<void> =>
  apply((object) => gateway.split(object, target, weight, { beside }));

await until(
  'the pods',
  () => kubelet.pods().filter((pod) => pod.namespace === namespace && pod.isReady).length === 3,
);
await until('the route', async () => (await ask({}))['x-version'] === '1');
const untouched = await read();

test('a split reaches the gateway with its weights, and others keep their part', async () => {
  await split(20);
  await until('both versions to answer', async () => Object.keys(await answered(40)).length === 2);
  const { 2: canary = 0 } = await answered(1000);
  // 200 on average; six standard deviations.
  ok(canary >= 124 && canary <= 276, `${canary} of 1000`);
  const { 2: part = 0, 9: other = 0 } = await answered(1000, '/both');
  ok(part >= 43 && part <= 157 && other >= 405 && other <= 595, `${part} and ${other} of 1000`);
});

test('who meets a condition and who has the cookie is sent to the twin, which gives the cookie; requests are mirrored', async () => {
  const affinity = { cookieName: 'shop', value: 'trial-1', maxAgeSeconds: 60, path: '/' };
  const match = [{ headers: { 'x-canary': { prefix: 'y' } } }, { uri: { exact: '/insider' } }];
  const beside: Beside = { match, affinity, mirror: 100 };
  await split(20, beside);
  const served = (): number =>
    kubelet
      .pods()
      .filter(({ labels }) => labels['app'] === 'web-canary')
      .flatMap(({ name }) => [...kubelet.served(name).values()])
      .reduce((sum, count) => sum + count, 0);
  const versions = async (headers: Record<string, string>, at?: string): Promise<Set<string>> => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(headers, at)));
    return new Set(answers.map((each) => String(each['x-version'])));
  };
  await until('the condition', async () => isOnly(await versions({ 'x-canary': 'yes' }), '2'));
  deepEqual(await versions({}, '/insider'), new Set(['2']));
  deepEqual(await versions({ cookie: 'a=b; shop=trial-1' }, '/both'), new Set(['2']));
  ok((await versions({ cookie: 'shop=trial-10' })).has('1'));
  const before = served();
  const { 2: canary = 0 } = await answered(200);
  // The twin is asked by its own visitors, and with a copy of what anybody asks.
  await until('the copies', () => served() - before >= 200 + canary);
  const came = await until('the twin by chance', async () => {
    const answer = await ask({});
    return answer['x-version'] === '2' && answer;
  });
  deepEqual(came['set-cookie'], ['shop=trial-1; Max-Age=60; Path=/']);
  // What the API server fills in is written by us too: else each look would find a difference.
  deepEqual(gateway.split(await read(), target, 20, { beside }), []);
});

test('taken out, nothing of the split is left, and stable answers alone', async () => {
  await apply((object) => gateway.unsplit(object, target));
  const { metadata, ...now } = await read();
  equal(JSON.stringify(now['spec']), JSON.stringify(untouched['spec']));
  deepEqual(metadata.annotations, untouched.metadata.annotations);
  await until('stable alone', async () => Object.keys(await answered(40)).join() === '1');
  deepEqual(await answered(300), { 1: 300 });
});

test('a route that is made for a Gateway serves the Service and is split; one for the Service itself is taken too', async () => {
  const { metadata } = await plane.api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: metadata.uid ?? '' };
  const gatewayRefs = [{ name: 'edge', namespace: 'istio-system' }];
  const made = path.replace(/web$/, 'web-serin');
  for (const wanted of [{}, { gatewayRefs, hosts: ['made.example.com'] }]) {
    await kubectl(['apply', '-f', '-'], JSON.stringify(gateway.generated(target, owner, wanted)));
    await apply((object) => gateway.split(object, target, 100), made);
    const stored = await read(made);
    deepEqual(gateway.split(stored, target, 100), []);
    ok(gateway.isGenerated(stored, target));
    if ('hosts' in wanted)
      await until(
        'the twin to answer',
        async () => (await ask({ host: 'made.example.com' }))['x-version'] === '2',
      );
    await kubectl(['-n', namespace, 'delete', 'httproute', 'web-serin']);
  }
});

test('a GRPCRoute is split just so: the gateway has its weights, and the server nothing to fill in', async () => {
  const grpc = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GRPCRoute',
    metadata: { name: 'grpc', namespace },
    spec: {
      parentRefs: [{ name: 'edge', namespace: 'istio-system' }],
      hostnames: ['grpc.example.com'],
      rules: [{ matches: [{ method: { service: 'shop.Cart' } }], backendRefs: [{ name: 'web', port: 80 }] }],
    },
  };
  await kubectl(['apply', '-f', '-'], JSON.stringify(grpc));
  const at = path.replace('httproutes/web', 'grpcroutes/grpc');
  const before = await read(at);
  const beside: Beside = { match: [{ headers: { 'x-canary': {} } }], mirror: 30 };
  await apply((object) => gateway.split(object, target, 30, { beside }), at);
  deepEqual(gateway.split(await read(at), target, 30, { beside }), []);
  await until('the weights at the gateway', async () =>
    (await weightsAt('grpc.example.com')).some((weights) => weights.join() === '70,30'),
  );
  await apply((object) => gateway.unsplit(object, target), at);
  equal(JSON.stringify((await read(at))['spec']), JSON.stringify(before['spec']));
});

function isOnly(found: ReadonlySet<string>, one: string): boolean {
  return found.size === 1 && found.has(one);
}
