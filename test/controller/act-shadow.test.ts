import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { applyShadows, removeShadows } from '../../src/controller/act-shadow.ts';
import type { Scene } from '../../src/controller/scene.ts';
import type { Way } from '../../src/controller/way.ts';
import { SerinError } from '../../src/errors.ts';
import { listAll } from '../../src/kube/kube.ts';
import { type KubeObject, names, resources } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { istio } from '../../src/routing/istio.ts';
import { aDeployment, standing, states } from '../admission/deployments.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';

const web = { matchLabels: { app: 'web' } };
const policy = (name: string, spec: JsonObject): JsonObject => ({
  metadata: { name, namespace: 'shop' },
  spec,
});
const state = states.progressing;

/** A Deployment on trial, and what guards it. */
async function guarded() {
  const kube = memoryKube();
  const deployment = standing(state);
  const main = await kube.create(resources.deployments, 'shop', deployment);
  await kube.create(resources.networkPolicies, 'shop', policy('web', { podSelector: web, ingress: [{}] }));
  await kube.create(
    resources.podDisruptionBudgets,
    'shop',
    policy('web', { selector: web, minAvailable: 2 }),
  );
  const scene = (more: Partial<Scene> = {}): Scene => ({
    ...{ main, state, twinName: 'web-canary', services: [], others: [], made: [], scaler: false },
    spec: {} as Scene['spec'],
    labels: { ok: true, labels: { app: 'web-canary' }, changed: { app: 'web-canary' } },
    routing: { kind: 'none', why: 'no Service selects the pods' },
    ...more,
  });
  kube.writes.length = 0;
  return { kube, main, scene };
}

function twinWith(shadows: string, revision: string): KubeObject {
  const annotations = { [names.shadows]: shadows, [names.revision]: revision };
  const metadata = { name: 'web-canary', namespace: 'shop', uid: 'u-t', resourceVersion: '1', annotations };
  return { ...aDeployment(), metadata };
}

async function lists(kube: MemoryKube, work: () => Promise<unknown>): Promise<readonly string[]> {
  const listed: string[] = [];
  kube.before = ({ verb, plural }) => {
    if (verb === 'list') listed.push(plural);
  };
  await work();
  return listed;
}

test('what guards main guards the twin before there is one, and the twin notes what has shadows', async () => {
  const { kube, scene } = await guarded();
  equal(await applyShadows(kube, scene()), 'NetworkPolicy,PodDisruptionBudget');
  deepEqual(kube.writes, ['create networkpolicies web-canary', 'create poddisruptionbudgets web-canary']);
});

test('between a step and the next nothing is looked for', async () => {
  const { kube, scene } = await guarded();
  const twin = twinWith('NetworkPolicy', state.revision);
  deepEqual(await lists(kube, () => applyShadows(kube, scene({ twin }))), []);
  deepEqual(kube.writes, []);
});

test('another candidate has the shadows put in order: what changed, what came and what went', async () => {
  const { kube, scene } = await guarded();
  await applyShadows(kube, scene());
  await kube.patch(resources.networkPolicies, 'shop', 'web', {
    type: 'merge',
    body: { spec: { ingress: [] } },
  });
  const budget = await kube.get(resources.podDisruptionBudgets, 'shop', 'web');
  await kube.delete(resources.podDisruptionBudgets, 'shop', 'web', budget?.metadata.uid ?? '');
  kube.writes.length = 0;
  const twin = twinWith('NetworkPolicy,PodDisruptionBudget', 'another');
  equal(await applyShadows(kube, scene({ twin })), 'NetworkPolicy');
  deepEqual(kube.writes, ['patch networkpolicies web-canary', 'delete poddisruptionbudgets web-canary']);
  const shadow = await kube.get(resources.networkPolicies, 'shop', 'web-canary');
  deepEqual(shadow?.['spec'], {
    podSelector: { matchLabels: { app: 'web-canary' } },
    policyTypes: ['Ingress'],
    ingress: [],
  });
});

test('an object of that name that is somebody else’s is left alone, and the canary waits', async () => {
  const { kube, scene } = await guarded();
  await kube.create(resources.networkPolicies, 'shop', policy('web-canary', { podSelector: {} }));
  await rejects(applyShadows(kube, scene()), {
    code: 'KUBE_CONFLICT',
    message:
      "cannot guard the canary as stable is: NetworkPolicy: shop/web-canary exists and is not the twin's: rename or remove it",
  });
});

test('policies that Serin may not see keep the canary back', async () => {
  const { kube, scene } = await guarded();
  kube.before = ({ plural }) => {
    if (plural === 'networkpolicies')
      throw new SerinError('KUBE_FORBIDDEN', 'cannot list networkpolicies in shop: no');
  };
  await rejects(applyShadows(kube, scene()), {
    code: 'KUBE_FORBIDDEN',
    message: 'cannot guard the canary as stable is: NetworkPolicy: cannot list networkpolicies in shop: no',
  });
});

test('the shadows go with the twin: only those it has noted are looked for, all where it is not there', async () => {
  for (const twin of [twinWith('NetworkPolicy,PodDisruptionBudget', state.revision), undefined]) {
    const { kube, main, scene } = await guarded();
    await applyShadows(kube, scene());
    kube.writes.length = 0;
    const listed = await lists(kube, () =>
      removeShadows(kube, { ...main.metadata, namespace: 'shop' }, twin),
    );
    deepEqual(kube.writes, ['delete networkpolicies web-canary', 'delete poddisruptionbudgets web-canary']);
    equal(listed.length, twin === undefined ? 9 : 2);
  }
});

test('a twin without shadows goes without a look', async () => {
  const { kube, main } = await guarded();
  const twin = twinWith('', state.revision);
  deepEqual(await lists(kube, () => removeShadows(kube, main.metadata, twin)), []);
});

test('how each split Service is called is how its twin is called, as the subset that its route names says', async () => {
  const { kube, scene } = await guarded();
  const metadata = (name: string): KubeObject['metadata'] => ({
    ...{ name, namespace: 'shop', uid: name, resourceVersion: '1' },
  });
  const way = (name: string): Way => {
    const route = [{ destination: { host: name, subset: 'v1' } }];
    const object = { metadata: metadata(name), spec: { hosts: [name], http: [{ route }] } };
    return {
      service: { metadata: metadata(name) },
      split: { service: { name, namespace: 'shop', ports: [] }, twinService: `${name}-canary` },
      ...{ routes: [{ object, resource: resources.virtualServices, router: istio }], maker: undefined },
    };
  };
  const tls = { mode: 'ISTIO_MUTUAL' };
  const subsets = [{ name: 'v1', trafficPolicy: { tls } }];
  const outlierDetection = { consecutive5xxErrors: 3 };
  for (const host of ['web', 'inside', 'other'])
    await kube.create(
      resources.destinationRules,
      'shop',
      policy(host, { host, trafficPolicy: { outlierDetection }, subsets }),
    );
  const routing = { kind: 'split', ways: [way('web'), way('inside')], besides: [] } as const;
  equal(await applyShadows(kube, scene({ routing })), 'NetworkPolicy,PodDisruptionBudget,DestinationRule');
  const all = await listAll(kube, resources.destinationRules, { namespace: 'shop' });
  const made = all?.filter(({ metadata: { annotations = {} } }) => names.twinOf in annotations);
  deepEqual(
    made?.map((each) => [each.metadata.name, each['spec']]),
    ['web', 'inside'].map((host) => [
      `${host}-canary`,
      { host: `${host}-canary`, trafficPolicy: { outlierDetection, tls } },
    ]),
  );
});
