// Rows 9 to 16: what a controller sees is old, or was never seen.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { hash } from '../../../src/kube/hash.ts';
import { resources } from '../../../src/kube/objects.ts';
import { split } from '../../../src/routing/istio.ts';
import { objectAt, numberAt } from '../../../src/routing/json.ts';
import { servicePorts, twinServiceName } from '../../../src/routing/service.ts';
import type { Event } from '../history.ts';
import { imageOf, stateOf } from '../invariants/reading.ts';
import { notesOf } from '../invariants/routes.ts';
import { isCall, once, play, type Played, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];
/** News reach the controller so late from that moment on. */
const deaf = (at: number, ms: number, forMs: number): Event => ({
  at,
  do: 'lag',
  slot: 'controller-0',
  ms,
  forMs,
});

test('row 9: a restart that sees the time before the promotion: no second trial of what is promoted', async () => {
  const played = await play({
    events: [
      ...good,
      deaf(10_000, 30_000, 60_000),
      { at: 24_000, do: 'kill', slot: 'controller-0', backAfterMs: 1_000, newPod: true },
      { at: 40_000, do: 'kill', slot: 'controller-0', backAfterMs: 1_000, newPod: true },
    ],
  });
  assert.equal(played.phase, 'Succeeded');
  assert.equal(played.rolls('shop:good-2'), 1);
  assert.equal(played.phases.filter((phase) => phase === 'Starting').length, 1);
});

test('row 10: a twin that was deleted and made again by somebody else: the deletion names the uid, and the other one lives', async () => {
  let isSwapped = false;
  const played = await play({
    events: good,
    intercept: once(isCall.removal, { do: 'delay', ms: 3_000 }),
    onOpen: (world) =>
      world.api.onCall((call) => {
        const isLast = call.verb === 'patch' && isCall.unroute(call);
        if (!isLast || isSwapped) return;
        isSwapped = true;
        world.time.after(500, () => void swapTwin(world));
      }),
  });
  assert.ok(isSwapped);
  const theirs = played
    .of(resources.deployments, 'web-canary')
    .filter(({ call }) => call.caller.username === 'alice');
  assert.equal(theirs.filter(({ type }) => type === 'ADDED').length, 1);
  // Alice takes away what is hers in the end; Serin never did.
  assert.equal(theirs.filter(({ type }) => type === 'DELETED').length, 2);
});

async function swapTwin({ api, time }: NonNullable<Played['world']>): Promise<void> {
  const alice = api.kube({ username: 'alice', manager: 'kubectl' });
  const twin = api.get(resources.deployments, 'shop', 'web-canary');
  if (twin === undefined) return;
  await alice.delete(resources.deployments, 'shop', 'web-canary', twin.metadata.uid);
  const spec = { ...objectAt(twin, 'spec'), replicas: 0 };
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web-canary', namespace: 'shop' },
    spec,
  };
  const mine = await alice.create(resources.deployments, 'shop', body);
  time.after(10_000, () => void alice.delete(resources.deployments, 'shop', 'web-canary', mine.metadata.uid));
}

test('row 11: the copy shows a weight that a peer has taken away: the conflict is read anew, and it stays at 0', async () => {
  const played = await play({
    events: good,
    intercept: once(isCall.weight(60), { do: 'delay', ms: 2_000 }),
    onOpen: (world) => {
      let isDone = false;
      world.api.onCall(() => {
        const state = stateOf(world.api.get(resources.deployments, 'shop', 'web'));
        if (isDone || state?.phase !== 'Progressing' || state.weight !== 60) return;
        isDone = true;
        world.time.after(1_000, () => void rollBack(world, state.revision));
      });
    },
  });
  assert.deepEqual(played.weights, [20, 0]);
  assert.equal(played.phase, 'Failed');
});

/** What a peer that saw the candidate fail writes first. */
async function rollBack({ api, serin }: NonNullable<Played['world']>, revision: string): Promise<void> {
  const service = api.get(resources.services, 'shop', 'web');
  const route = api.get(resources.virtualServices, 'shop', 'web');
  if (service === undefined || route === undefined) return;
  const target = {
    service: { name: 'web', namespace: 'shop', ports: servicePorts(service) },
    twinService: twinServiceName('web', hash),
  };
  const ops = split(route, target, 0, { rolledBack: revision });
  await api
    .kube({ username: serin, manager: 'peer' })
    .patch(resources.virtualServices, 'shop', 'web', { type: 'json', ops });
}

test('row 12: counts of an older generation are not gone by: the weight waits for the newest', async () => {
  const played = await play({ events: good });
  const full = played.of(resources.virtualServices).find(({ object }) => notesOf(object)[0]?.weight === 100);
  const twin = played
    .of(resources.deployments, 'web-canary')
    .findLast(({ version }) => version < (full?.version ?? 0))?.object;
  assert.equal(numberAt(twin?.['status'], 'observedGeneration'), twin?.metadata.generation);
  assert.equal(numberAt(twin?.['status'], 'availableReplicas'), 4);
});

test('row 13: the Deployment is deleted and made again while nobody looks: its canary ends, by the uid, and all traffic is on stable', async () => {
  const played = await play({
    events: [
      ...good,
      deaf(7_000, 20_000, 30_000),
      { at: 7_500, do: 'delete', propagation: 'Background', again: { afterMs: 100, image: 'shop:good-3' } },
    ],
  });
  assert.equal(imageOf(played.main), 'shop:good-3');
  assert.equal(played.phase, undefined);
  assert.equal(played.count('DELETED', resources.deployments, 'web-canary'), 1);
});

test('row 14: candidate A, then B, then A while no news come: one more trial of A, and its evidence begins at zero', async () => {
  const played = await play({
    events: [
      ...good,
      deaf(8_500, 8_000, 12_000),
      release(9_000, 'shop:good-3'),
      release(9_200, 'shop:good-2'),
    ],
  });
  assert.equal(played.phase, 'Succeeded');
  assert.equal(imageOf(played.main), 'shop:good-2');
  const starts = played.phases.filter((phase) => phase === 'Starting');
  assert.equal(starts.length, 2);
});

test('row 15: a twin that is ready and not ready again unseen: no weight to a twin without a ready pod', async () => {
  const played = await play({
    events: [
      ...good,
      { at: 2_400, do: 'cut', slot: 'controller-0', forMs: 2_500 },
      { at: 4_800, do: 'kill-pod', of: 'web-canary', nth: 0 },
    ],
    shop: { readyMs: 2_000 },
  });
  for (const { version } of played
    .of(resources.virtualServices)
    .filter(({ object }) => (notesOf(object)[0]?.weight ?? 0) > 0)) {
    const twin = played
      .of(resources.deployments, 'web-canary')
      .findLast((write) => write.version < version)?.object;
    assert.ok(
      (numberAt(twin?.['status'], 'readyReplicas') ?? 0) > 0,
      `a ready pod before version ${version}`,
    );
  }
  assert.equal(played.phase, 'Succeeded');
});

test('row 16: the label is taken off and put on unseen: the end is that of taking it off, stable with nothing left', async () => {
  const off = { at: 8_000, do: 'label', on: false } as const;
  const single = await play({
    events: [...good, deaf(7_000, 5_000, 8_000), off, { at: 60_000, do: 'label', on: true }],
  });
  const played = await play({
    events: [...good, deaf(7_000, 5_000, 8_000), off, { at: 9_000, do: 'label', on: true }],
  });
  assert.deepEqual([played.phase, imageOf(played.main)], ['Aborted', 'shop:good-1']);
  assert.deepEqual([single.phase, imageOf(single.main)], ['Aborted', 'shop:good-1']);
});
