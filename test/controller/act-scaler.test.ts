import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { applyScaler } from '../../src/controller/act-scaler.ts';
import { removeShadows } from '../../src/controller/act-shadow.ts';
import { names, resources } from '../../src/kube/objects.ts';
import type { TwinScaler } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { scalerFor } from '../../src/routing/shadow-scaler.ts';
import { aDeployment } from '../admission/deployments.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { aPlan } from '../rollout/world.ts';

const hpa: TwinScaler = { kind: 'HorizontalPodAutoscaler', name: 'web' };
const metrics = [{ type: 'Resource' }];
const ofMain = {
  scaleTargetRef: { kind: 'Deployment', name: 'web' },
  minReplicas: 4,
  maxReplicas: 10,
  metrics,
};
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web-canary' };

async function scaled(scaler: TwinScaler | undefined) {
  const kube = memoryKube();
  const main = await kube.create(resources.deployments, 'shop', aDeployment());
  const metadata = { name: 'web', namespace: 'shop' };
  await kube.create(resources.horizontalPodAutoscalers, 'shop', { metadata, spec: ofMain });
  kube.writes.length = 0;
  const spec = { ...aPlan().spec, ...(scaler === undefined ? {} : { scaler }) };
  return {
    kube,
    main,
    apply: (pods: number) => applyScaler(kube, { main, spec, twinName: 'web-canary' }, pods),
  };
}

test('a twin has no scaler of its own where the plan asks for none', async () => {
  const { kube, apply } = await scaled(undefined);
  equal(await apply(1), '');
  deepEqual(kube.writes, []);
});

test('the twin’s scaler is main’s, keeps what the weight needs, follows it, and goes with the twin', async () => {
  const { kube, main, apply } = await scaled(hpa);
  const copy = () => kube.get(resources.horizontalPodAutoscalers, 'shop', 'web-canary');
  equal(await apply(1), 'HorizontalPodAutoscaler');
  deepEqual((await copy())?.['spec'], { scaleTargetRef: target, minReplicas: 1, maxReplicas: 10, metrics });
  await apply(3);
  equal(objectAt(await copy(), 'spec')['minReplicas'], 3);
  kube.writes.length = 0;
  await apply(3);
  deepEqual(kube.writes, []);
  const twin = await kube.create(resources.deployments, 'shop', {
    metadata: { name: 'web-canary', annotations: { [names.shadows]: 'HorizontalPodAutoscaler' } },
  });
  await removeShadows(kube, { uid: main.metadata.uid, namespace: 'shop' }, twin);
  equal(await copy(), undefined);
});

test('a scaler that is not there, or a foreign one in its place, keeps the twin back', async () => {
  const missing = await scaled({ ...hpa, name: 'other' });
  await rejects(missing.apply(1), {
    code: 'KUBE_INVALID',
    message: /shop\/other, which the twin is to get a copy of/,
  });
  const foreign = await scaled(hpa);
  const metadata = { name: 'web-canary', namespace: 'shop' };
  await foreign.kube.create(resources.horizontalPodAutoscalers, 'shop', { metadata, spec: {} });
  await rejects(foreign.apply(1), { code: 'KUBE_CONFLICT', message: /is not the twin's/ });
});

const bounds: readonly (readonly [Partial<TwinScaler>, needed: number, min: number, max: number])[] = [
  [{}, 1, 1, 10],
  [{ minReplicas: 2, maxReplicas: 5 }, 1, 2, 5],
  [{ minReplicas: 2, maxReplicas: 5 }, 7, 7, 7],
];
for (const [said, needed, min, max] of bounds)
  test(`bounds ${JSON.stringify(said)} with ${needed} needed are ${min} to ${max}`, () => {
    deepEqual(scalerFor({ maxReplicas: 10 }, { ...hpa, ...said }, 'web-canary', needed), {
      ...{ scaleTargetRef: target, minReplicas: min, maxReplicas: max },
    });
    const keda: TwinScaler = { ...hpa, kind: 'ScaledObject', ...said };
    deepEqual(scalerFor({ maxReplicaCount: 10 }, keda, 'web-canary', needed), {
      ...{ scaleTargetRef: target, minReplicaCount: min, maxReplicaCount: max },
    });
  });
