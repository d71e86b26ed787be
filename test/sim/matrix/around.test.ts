// Rows 43 to 50: order, machines, the namespace and the whole cluster.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { names, resources } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { uninstall } from '../actors-rollout.ts';
import { kinds } from '../api/kinds.ts';
import type { Event, PlanText, Trouble } from '../history.ts';
import { annotation, imageOf, isPaused, stateOf } from '../invariants/reading.ts';
import { notesOf } from '../invariants/routes.ts';
import { namespaceManifest } from '../manifests.ts';
import { create } from '../setup.ts';
import { healthy, play, release, type Scenario } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];
const on = (at: number, trouble: Trouble): Event => ({ at, ...trouble });

test("row 43: the twin's Service is there before a route names it and goes after none does, by more than proxies need", async () => {
  const played = await play({ events: good });
  const routes = played
    .of(resources.virtualServices)
    .filter(({ call }) => call.caller.username === played.world?.serin);
  const [made, gone] = ['ADDED', 'DELETED'].map(
    (type) => played.of(resources.services, 'web-canary').find((write) => write.type === type)?.at ?? 0,
  );
  const zero = routes.find(
    ({ object }, nth) => nth > 0 && !JSON.stringify(object['spec']).includes('web-canary'),
  );
  assert.ok((made ?? 0) < (routes[0]?.at ?? 0));
  assert.ok((gone ?? 0) - (zero?.at ?? 0) >= 2_000);
  for (const result of ['no-endpoint', 'no-cluster'] as const) assert.equal(played.requests(result), 0);
});

for (const [phase, at] of [
  ['Starting', 2_500],
  ['Progressing', 7_000],
  ['Promoting.Roll', 15_000],
  ['Finalising', 22_000],
] as const) {
  test(`row 44: the namespace is deleted in ${phase}: it goes, and nothing is made in it again`, async () => {
    const played = await play({
      events: [...good, { at: at + 60_000, do: 'load', perSecond: 0 }],
      onOpen: (world) =>
        world.api.onWrite(({ call, resource }) => {
          if (call.caller.username !== 'alice' || resource.kind !== 'Deployment') return;
          world.time.after(at - 2_000, () => {
            const caller = { username: 'alice', manager: 'kubectl' };
            const about = {
              resource: kinds.namespaces,
              namespace: undefined,
              name: 'shop',
              subresource: undefined,
            };
            void world.api.call({ caller, verb: 'delete', query: {}, ...about });
          });
        }),
    });
    assert.equal(played.world?.api.get(kinds.namespaces, undefined, 'shop'), undefined);
    const tries = played.calls.filter(
      ({ call, status }) => call.caller.username === played.world?.serin && status === 403,
    );
    assert.ok(tries.length <= 5, `${tries.length} tries to make something`);
  });
}

test('row 45: the state is of a version that is not known: it is told, and nothing is done', async () => {
  const played = await play({
    events: [...good, { at: 60_000, do: 'load', perSecond: 50 }],
    onOpen: (world) => {
      let isDone = false;
      world.api.onWrite(({ object, call }) => {
        if (isDone || call.caller.username !== 'alice' || annotation(object, names.state) === undefined)
          return;
        isDone = true;
        world.time.after(0, () => void renumber());
      });
      const renumber = async (): Promise<void> => {
        const text = annotation(world.api.get(resources.deployments, 'shop', 'web'), names.state) ?? '';
        const annotations = { [names.state]: text.replace('"v":1', '"v":2') };
        const newer = world.api.kube({ username: world.serin, manager: 'serin-of-tomorrow' });
        await newer.patch(resources.deployments, 'shop', 'web', {
          type: 'merge',
          body: { metadata: { annotations } },
        });
      };
    },
    without: ['I5', 'I7', 'I8', 'I10', 'I11', 'I14'],
  });
  const after = played.serins.filter(
    ({ call, resource }) => call.caller.manager !== 'serin-of-tomorrow' && resource.kind !== 'Event',
  );
  assert.deepEqual(
    after.filter(({ at }) => at > (played.serins[0]?.at ?? 0) + 5_000),
    [],
  );
});

test('row 46: the leader stands still for 30 s: the other one goes on, and the webhook answers all the while', async () => {
  const played = await play({
    events: [on(1_000, { do: 'freeze', slot: 'controller-0', forMs: 30_000 }), ...good],
    shop: { controllers: 2 },
  });
  assert.equal(played.world?.asks[0]?.status, 200);
  assert.ok(
    (played.serins[0]?.at ?? 0) < Date.parse('2026-11-24T09:00:31Z'),
    'somebody leads before it is back',
  );
  assert.equal(played.phase, 'Succeeded');
});

test('row 47: 5000 Deployments without a rollout cost no call, and one that has one is not late for them', async () => {
  const many = 5_000;
  const played = await play({
    events: [release(5_000, 'shop:good-2')],
    onOpen: (world) => {
      const body = (name: string): JsonObject => ({ ...idle, metadata: { name, namespace: 'other' } });
      const fill = async (): Promise<void> => {
        await create(world.api, namespaceManifest('other', false));
        const administrator = world.api.kube({ username: 'kubernetes-admin', manager: 'kubectl' });
        for (let n = 0; n < many; n += 1)
          await administrator.create(resources.deployments, 'other', body(`idle-${n}`));
      };
      world.time.after(100, () => void fill());
    },
  });
  const held = played.of(resources.deployments, 'web').find(({ call }) => call.caller.username === 'alice');
  assert.ok((played.serins[0]?.at ?? 0) - (held?.at ?? 0) < 2_000);
  const others = played.calls.filter(
    ({ call }) => call.caller.username === played.world?.serin && call.namespace === 'other',
  );
  assert.equal(others.length, 0);
  assert.equal(played.world?.api.list(resources.deployments, 'other').length, many);
});

const idle = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  spec: {
    replicas: 0,
    paused: true,
    selector: { matchLabels: { app: 'idle' } },
    template: {
      metadata: { labels: { app: 'idle' } },
      spec: { containers: [{ name: 'idle', image: 'shop:good-1' }] },
    },
  },
};

test('row 48: etcd is slow and changes its leader: tried again, no step left out', async () => {
  const played = await play({
    events: [
      ...good,
      on(1_000, { do: 'latency', slot: 'controller-0', ms: 1_000, forMs: 40_000 }),
      on(9_000, { do: 'outage', status: 503, forMs: 3_000 }),
      on(20_000, { do: 'outage', status: 500, forMs: 3_000 }),
    ],
  });
  assert.deepEqual(played.phases, healthy);
  assert.deepEqual(played.weights, [20, 60, 100, 0]);
});

for (const [phase, end, image] of [
  ['Pending', 'Aborted', 'shop:good-1'],
  ['Starting', 'Aborted', 'shop:good-1'],
  ['Progressing', 'Aborted', 'shop:good-1'],
  ['Promoting.Shift', 'Aborted', 'shop:good-1'],
  ['Promoting.Roll', 'Succeeded', 'shop:good-2'],
  ['Promoting.Return', 'Succeeded', 'shop:good-2'],
  ['Finalising', 'Succeeded', 'shop:good-2'],
] as const) {
  test(`row 49: Serin is uninstalled in ${phase}: once that is over all traffic is on the Deployment, nothing of Serin is left, and what rolled has rolled`, async () => {
    await checkUninstalled({ events: good }, phase, { end, image });
  });
}

test('row 49: Serin is uninstalled with a failed candidate held: stable is put back', async () => {
  const bad = { events: [release(2_000, 'shop:bad-2')], analysis: { interval: '6s' } };
  await checkUninstalled(bad, 'Failed', { end: 'Failed', image: 'shop:good-1' });
});

test('row 49: Serin is uninstalled while a Deployment rolls in place: stable is put back', async () => {
  const plan: PlanText = {
    ...{ progressDeadlineSeconds: 30, onFailure: 'hold', promotion: 'inPlace' },
    analysis: { interval: '3s', threshold: 1, stepWeights: [25, 50] },
  };
  await checkUninstalled({ events: good, shop: { plan } }, 'Rolling', { end: '', image: 'shop:good-1' });
});

/** Uninstalls when the rollout comes to that phase, and looks when that is over. */
async function checkUninstalled(
  scenario: Scenario,
  phase: string,
  { end, image }: { readonly end: string; readonly image: string },
): Promise<void> {
  let over = 0;
  let isBegun = false;
  const played = await play({
    ...scenario,
    events: [...scenario.events, { at: 150_000, do: 'load', perSecond: 50 }],
    onOpen: (world) =>
      world.api.onWrite(({ object }) => {
        if (isBegun || object.metadata.name !== 'web' || stateOf(object)?.phase !== phase) return;
        isBegun = true;
        world.time.after(100, () => {
          void uninstall(world).then(() => {
            over = world.api.version;
          });
        });
      }),
  });
  assert.ok(over > 0, 'it came to an end');
  const { world, main } = played;
  assert.ok(main !== undefined && world !== undefined);
  // Nothing was left to be done after it: Serin is gone then.
  const later = played.serins.filter(({ version, resource }) => version > over && resource.kind !== 'Event');
  assert.deepEqual(
    later.map(({ type, object }) => `${type} ${object.metadata.name}`),
    [],
  );
  if (end !== '') assert.equal(played.phase, end);
  assert.deepEqual([imageOf(main), isPaused(main)], [image, false]);
  for (const resource of [resources.deployments, resources.services])
    assert.equal(world.api.get(resource, 'shop', 'web-canary'), undefined);
  const route = world.api.get(resources.virtualServices, 'shop', 'web');
  assert.ok(route !== undefined && !JSON.stringify(route['spec']).includes('web-canary'));
  assert.deepEqual(notesOf(route), []);
}

test('row 50: every pod of the canary is lost on trial: weight 0 at once, before any statistics, and back with them', async () => {
  const kills = [0, 1, 2].map((nth): Event => ({ at: 9_500, do: 'kill-pod', of: 'web-canary', nth }));
  // Few requests, and patience: that those on their way failed is no verdict on the version here.
  const few: Event = { at: 1_000, do: 'load', perSecond: 3 };
  const played = await play({ events: [few, ...good, ...kills], analysis: { threshold: 5 } });
  const lost = played
    .of(resources.pods)
    .find(
      ({ type, object, at }) => type === 'DELETED' && object.metadata.name.startsWith('web-canary') && at > 0,
    );
  const zero = played
    .of(resources.virtualServices)
    .find(({ object, at }) => at > (lost?.at ?? 0) && !JSON.stringify(object['spec']).includes('web-canary'));
  assert.ok((zero?.at ?? 0) - (lost?.at ?? 0) <= 1_500, `${(zero?.at ?? 0) - (lost?.at ?? 0)} ms`);
  assert.equal(imageOf(played.main), 'shop:good-2');
  assert.ok(played.main !== undefined && !isPaused(played.main));
});
