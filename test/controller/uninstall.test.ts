import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { isUninstalling } from '../../src/config/uninstall.ts';
import { endRollouts } from '../../src/controller/uninstall.ts';
import { names, resources } from '../../src/kube/objects.ts';
import { standing, states } from '../admission/deployments.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';

/** An API server in memory whose cluster is one namespace: it lists no more than one. */
function oneNamespace(): MemoryKube {
  const kube = memoryKube();
  return { ...kube, list: (resource, scope) => kube.list(resource, { ...scope, namespace: 'shop' }) };
}

/** What is said to be left where nothing is done about a Deployment in that state. */
async function leftOf(state: (typeof states)[keyof typeof states], home = 'serin-system') {
  const kube = oneNamespace();
  const clock = virtualClock();
  await kube.create(resources.deployments, 'shop', standing(state));
  const done = endRollouts({ kube, clock, home, limitMs: 5_000, noteMs: 60_000 });
  await clock.advance(6_000);
  return { kube, clock, left: await done };
}

for (const [phase, state] of Object.entries(states)) {
  const isOver = ['Succeeded', 'Aborted'].includes(state.phase);
  test(`a rollout that is ${phase} is ${isOver ? 'not waited for' : 'named when the time is over'}`, async () => {
    const { left } = await leftOf(state);
    deepEqual(left, isOver ? [] : ['shop/web']);
  });
}

test('that all are to end is noted until a time, and again by whoever asks later', async () => {
  const { kube, clock } = await leftOf(states.progressing);
  const note = await kube.get(resources.configMaps, 'serin-system', 'serin');
  deepEqual(
    [50_000, 60_000].map((later) => isUninstalling(note, clock.now() + later)),
    [true, false],
  );
  const again = endRollouts({ kube, clock, home: 'serin-system', limitMs: 0, noteMs: 120_000 });
  await again;
  const later = await kube.get(resources.configMaps, 'serin-system', 'serin');
  deepEqual(isUninstalling(later, clock.now() + 100_000), true);
});

test('a twin without a rollout is waited for', async () => {
  const kube = oneNamespace();
  const twin = {
    metadata: { name: 'web-canary', namespace: 'shop', annotations: { [names.twinOf]: 'u-1' } },
  };
  await kube.create(resources.deployments, 'shop', twin);
  const told: (readonly string[])[] = [];
  const onLeft = (left: readonly string[]) => void told.push(left);
  deepEqual(
    await endRollouts({ kube, clock: virtualClock(), home: 'serin-system', limitMs: 0, noteMs: 1, onLeft }),
    ['shop/web-canary'],
  );
  deepEqual(told, [['shop/web-canary']]);
});

test('no note, another word or a time that is over ends nothing', () => {
  deepEqual(isUninstalling(undefined, 0), false);
  deepEqual(isUninstalling({ data: { uninstall: 'soon' } }, 0), false);
  deepEqual(isUninstalling({ data: { uninstall: '1970-01-01T00:00:01Z' } }, 1_000), false);
});
