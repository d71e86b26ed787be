// Who else acts on a Deployment on trial: policies that guard it, a quota, an autoscaler, evictions, whoever deletes the
// namespace. There is no mesh; what is looked at are the objects.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../src/kube/objects.ts';
import { objectAt, textAt } from '../../src/routing/json.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { openPlainShop, service, virtualService, weightsOf } from '../rig/plain-shop.ts';
import { until } from '../rig/processes.ts';
import { isHeld, podsOf } from '../rig/shop-history.ts';
import { patient } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9090',
});
after(() => lab.close());

type Objects = Parameters<typeof openPlainShop>[3][];

/** A shop whose shop:2 is given half of the traffic for longer than any test. */
async function releasing(namespace: string, plan: object, ...objects: Objects) {
  const analysis = { interval: '600s', stepWeights: [50], metrics: [] };
  const routed = [service('web'), virtualService('web')];
  const shop = await openPlainShop(lab, namespace, { analysis, ...plan }, ...routed, ...objects);
  await shop.set('image deployment/web web=shop:2');
  return shop;
}

const list = async (path: string): Promise<readonly KubeObject[]> =>
  (await lab.plane.api.get<{ items: KubeObject[] }>(path)).items;

const createdAt = (object: KubeObject | undefined): number =>
  Date.parse(textAt(object?.metadata, 'creationTimestamp') ?? '');

const web = { matchLabels: { app: 'web' } };
const canary = { matchLabels: { app: 'web-canary' } };
const trafficPolicy = {
  connectionPool: { tcp: { maxConnections: 7 } },
  outlierDetection: { consecutive5xxErrors: 3 },
  tls: { mode: 'ISTIO_MUTUAL' },
};
const guards = [
  ['networking.k8s.io/v1', 'NetworkPolicy', { podSelector: web, policyTypes: ['Ingress'], ingress: [{}] }],
  ['policy/v1', 'PodDisruptionBudget', { selector: web, minAvailable: 2 }],
  ['security.istio.io/v1', 'AuthorizationPolicy', { selector: web, action: 'DENY', rules: [{}] }],
  ['networking.istio.io/v1', 'DestinationRule', { host: 'web', trafficPolicy }],
] as const;
const shadowed = [
  { podSelector: canary, policyTypes: ['Ingress'], ingress: [{}] },
  { selector: canary, maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  { selector: canary, action: 'DENY', rules: [{}] },
  { host: 'web-canary', trafficPolicy },
];

test('what guards main guards the twin, which is called as main is, from before its first pod until it goes', async () => {
  const objects = guards.map(([apiVersion, kind, spec]) => ({
    ...{ apiVersion, kind, metadata: { name: 'guard' }, spec },
  }));
  const shop = await releasing('guarded', {}, ...objects);
  await shop.split('shop');
  const paths = [
    'networking.k8s.io/v1/networkpolicies',
    'policy/v1/poddisruptionbudgets',
    'security.istio.io/v1/authorizationpolicies',
    'networking.istio.io/v1/destinationrules',
  ];
  const found = (): Promise<readonly (readonly KubeObject[])[]> =>
    Promise.all(
      paths.map((path) => {
        const [group, version, plural] = path.split('/');
        return list(`/apis/${group}/${version}/namespaces/guarded/${plural}`);
      }),
    );
  const shadows = (await found()).map((all) => all.find(({ metadata }) => metadata.name === 'guard-canary'));
  deepEqual(
    shadows.map((shadow) => shadow?.['spec']),
    shadowed,
  );
  const [pod] = await list('/api/v1/namespaces/guarded/pods?labelSelector=app%3Dweb-canary');
  for (const shadow of shadows) ok(createdAt(shadow) <= createdAt(pod));
  await shop.set('image deployment/web web=shop:1');
  await shop.reaches('Aborted');
  deepEqual(
    (await found()).map((all) => all.map(({ metadata }) => metadata.name)),
    paths.map(() => ['guard']),
  );
});

test('matrix 21: a quota that leaves no room for the canary is told of at once, and why it fails in the end', async () => {
  const quota = {
    ...{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' } },
    spec: { hard: { pods: '2' } },
  };
  const shop = await releasing('small', { progressDeadlineSeconds: 10 }, quota);
  await shop.says(/^Warning CanaryHeld the canary cannot start: exceeded quota: few, requested: pods=1/);
  const state = await shop.reaches('Failed');
  match(
    'message' in state ? (state.message ?? '') : '',
    /: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2$/,
  );
});

test('the twin grows with main under an autoscaler, keeps what serves when main shrinks, and gets back what is evicted', async () => {
  const shop = await releasing('scaled', {});
  await shop.split('shop');
  const twin = () => shop.get('deployments', 'web-canary');
  // Weight goes down to what the twin's pods can carry, and comes back with them.
  const halves = (): Promise<unknown> =>
    until(
      'half of the traffic',
      async () => isDeepStrictEqual(weightsOf(await shop.get('virtualservices', 'shop')), [50, 50]),
      patient,
    );
  const has = (pods: number): Promise<unknown> =>
    until(
      `a twin of ${pods}`,
      async () => {
        const { replicas } = objectAt(await twin(), 'spec');
        return replicas === pods && podsOf(await twin()).ready === pods;
      },
      patient,
    );
  // As an autoscaler does it.
  await shop.kubectl('scale deployment/web --replicas=6');
  await has(3);
  await halves();
  const pods = () => list('/api/v1/namespaces/scaled/pods?labelSelector=app%3Dweb-canary');
  const before = (await pods()).map(({ metadata }) => metadata.uid);
  const [evicted] = await pods();
  await shop.kubectl(`delete pod ${evicted?.metadata.name} --wait=false`);
  await until(
    'another pod of the twin',
    async () => (await pods()).some(({ metadata }) => !before.includes(metadata.uid)),
    patient,
  );
  await has(3);
  // Main may need fewer only because the twin serves for it: what has traffic is not taken away.
  await shop.kubectl('scale deployment/web --replicas=2');
  await until(
    'main to shrink',
    async () => isDeepStrictEqual(podsOf(await shop.get('deployments', 'web')).ready, 2),
    patient,
  );
  await has(3);
  await halves();
  ok(isHeld(await shop.get('deployments', 'web')));
});

test('a namespace that is deleted in the middle of a rollout goes as a whole', async () => {
  const shop = await releasing('leaving', {});
  await shop.split('shop');
  await lab.kubectl('delete namespace leaving --timeout=60s');
  const spaces = await list('/api/v1/namespaces');
  equal(
    spaces.some(({ metadata }) => metadata.name === 'leaving'),
    false,
  );
});
