import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { observe } from '../../src/controller/observe.ts';
import type { Scene } from '../../src/controller/scene.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { aPlan } from '../rollout/world.ts';

const metadata = (name: string): KubeObject['metadata'] => ({
  ...{ name, namespace: 'shop', uid: name, resourceVersion: '1', creationTimestamp: '2026-11-24T09:00:00Z' },
});

/** A twin of which one pod is not ready, whose container says this of itself. */
async function twinWith(container: JsonObject, around: Partial<Scene> = {}) {
  const kube = memoryKube();
  await kube.create(resources.pods, 'shop', {
    metadata: { name: 'web-canary-1', namespace: 'shop', labels: { app: 'web-canary' } },
    status: { containerStatuses: [{ name: 'web', image: 'shop:2', ...container }] },
  });
  const twin: KubeObject = {
    metadata: metadata('web-canary'),
    spec: { replicas: 1, selector: { matchLabels: { app: 'web-canary' } } },
    status: { replicas: 1, readyReplicas: 0 },
  };
  const scene: Scene = {
    ...{ main: { metadata: metadata('web') }, twin, twinName: 'web-canary', spec: aPlan().spec },
    ...{
      labels: { ok: false, why: '' },
      routing: { kind: 'none', why: '' },
      services: [],
      others: [],
      made: [],
      scaler: false,
    },
    state: { v: 1, phase: 'Pending', revision: 'a', stableRevision: 'b', actor: 'ann', ownPause: false },
    ...around,
  };
  return (await observe(kube, scene, 0)).twin;
}

const waiting = (reason: string): JsonObject => ({ state: { waiting: { reason } } });
const troubles: readonly (readonly [says: string, container: JsonObject, trouble: string | undefined])[] = [
  ['one that starts', waiting('ContainerCreating'), undefined],
  ['one that ended once', { ...waiting('CrashLoopBackOff'), restartCount: 1 }, undefined],
  [
    'one that crash-loops',
    { ...waiting('CrashLoopBackOff'), restartCount: 2, lastState: { terminated: { exitCode: 1 } } },
    'pod web-canary-1: container web crash-loops: ended 2 times, last with exit code 1',
  ],
  ['one that ended a few times and runs', { restartCount: 4, state: { running: {} } }, undefined],
  [
    'one that comes up again each time, and ends again',
    { restartCount: 5, state: { running: {} } },
    'pod web-canary-1: container web keeps ending: it was started again 5 times',
  ],
  [
    'one without its image',
    waiting('ImagePullBackOff'),
    'pod web-canary-1: container web cannot get its image shop:2 (ImagePullBackOff)',
  ],
];
for (const [says, container, trouble] of troubles) {
  test(`a container of the canary: ${says}: ${trouble ?? 'there is hope'}`, async () => {
    equal((await twinWith(container))?.trouble, trouble);
  });
}

test('without a mesh the twin is served once it has its Service, where main has one', async () => {
  const routing = { kind: 'none', why: '', service: { metadata: metadata('web') } } as const;
  const servedSince = async (around?: Partial<Scene>) => (await twinWith({}, around))?.servedSince;
  deepEqual(await servedSince(), 0, 'no Service selects main');
  deepEqual(await servedSince({ routing }), undefined);
  deepEqual(await servedSince({ routing, made: [{ metadata: metadata('web-canary') }] }), 0);
});
