// Rows 26 to 34: what people and their tools do.
import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { resources } from '../../../src/kube/objects.ts';
import { numberAt } from '../../../src/routing/json.ts';
import { kinds } from '../api/kinds.ts';
import type { Act, Event } from '../history.ts';
import { imageOf, isOfRoute, isPaused, replicasOf } from '../invariants/reading.ts';
import { notesOf } from '../invariants/routes.ts';
import { deploymentManifest } from '../manifests.ts';
import { play, type Played, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];
const startMs = Date.parse('2026-11-24T09:00:00Z');
const on = (at: number, act: Act): Event => ({ at, ...act });

describe('row 26: certificates', () => {
  for (const how of ['expire', 'delete'] as const) {
    test(`row 26: the serving certificate is ${how === 'expire' ? 'about to expire' : 'deleted'}: a new one is served without a restart, and an apply is taken`, async () => {
      const played = await play({
        events: [on(1_000, { do: 'roll-certificates', how }), release(40_000, 'shop:good-2')],
      });
      assert.equal(played.phase, 'Succeeded');
      assert.equal(played.world?.processes.filter(({ kind }) => kind === 'webhook').length, 1);
    });
  }

  test('row 26: a wrong caBundle is put right', async () => {
    const played = await play({
      events: [release(40_000, 'shop:good-2')],
      onOpen: (world) => world.time.after(10_000, () => void breakTrust(world)),
    });
    assert.equal(played.phase, 'Succeeded');
    const bundle = JSON.stringify(played.world?.api.get(kinds.mutatingWebhooks, undefined, 'serin'));
    assert.ok(!bundle.includes('bm9uZQ=='));
  });
});

async function breakTrust({ api }: NonNullable<Played['world']>): Promise<void> {
  const ops = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: 'bm9uZQ==' }] as const;
  const alice = api.kube({ username: 'alice', manager: 'kubectl' });
  await alice.patch(resources.mutatingWebhooks, undefined, 'serin', { type: 'json', ops });
}

// Row 27 lives where sockets are: that a connection outlives the idle time of kube-apiserver is in
// test/admission/server.test.ts; `npm run soak:door` makes ten thousand calls over gaps of more than 90 s on a real one.

const tools: readonly (readonly [what: string, act: Act])[] = [
  ['rollout restart', { do: 'restart', careless: false }],
  ['rollout resume', { do: 'resume', careless: true }],
  ['the same apply again, by PUT', { do: 'release', image: 'shop:good-2', way: 'replace' }],
  ['the same apply again, server-side', { do: 'release', image: 'shop:good-2', way: 'server-side' }],
  ['scale', { do: 'scale', replicas: 5, through: 'scale' }],
];
for (const [what, act] of tools) {
  test(`row 28: ${what} on trial: the rollout goes on, and is one`, async () => {
    const played = await play({ events: [...good, on(8_000, act)] });
    // kubectl itself restarts nothing that is paused, and asks nobody.
    if (act.do !== 'restart') assert.equal(played.world?.asks[1]?.status, 200);
    assert.equal(played.phase, 'Succeeded');
    assert.equal(imageOf(played.main), 'shop:good-2');
    assert.equal(played.phases.filter((phase) => phase === 'Starting').length, 1);
    if (act.do === 'scale') assert.equal(replicasOf(played.main), 5);
  });
}

test('row 28: rollout undo on trial, by a tool that does not look at the pause: what was before stable takes the place of the candidate', async () => {
  const played = await play({
    events: [...good, release(60_000, 'shop:good-3'), on(66_000, { do: 'undo', careless: true })],
  });
  assert.equal(played.phase, 'Succeeded');
  assert.equal(imageOf(played.main), 'shop:good-1');
  assert.equal(played.rolls('shop:good-3'), 0);
});

test('row 29: a dry run has the answer of the real thing and changes nothing', async () => {
  const played = await play({
    events: [
      on(2_000, { do: 'release', image: 'shop:good-2', way: 'strategic', dryRun: true }),
      on(30_000, { do: 'load', perSecond: 50 }),
    ],
  });
  assert.match(played.world?.asks[0]?.message ?? '', /held/);
  assert.equal(imageOf(played.main), 'shop:good-1');
  assert.equal(played.serins.length, 0);
});

test('row 29: annotations that leave no room for the way back: refused with a sentence, and nothing is lost', async () => {
  const played = await play({
    events: [on(20_000, { do: 'load', perSecond: 50 })],
    onOpen: (world) => world.time.after(15_000, () => void applyHuge(world)),
  });
  const answer = played.calls.find(({ call }) => call.caller.manager === 'huge');
  assert.equal(answer?.status, 422);
  assert.equal(imageOf(played.main), 'shop:good-1');
  assert.equal(played.serins.length, 0);
});

async function applyHuge(world: NonNullable<Played['world']>): Promise<void> {
  const manifest = deploymentManifest(world.shop, 'shop:good-2', world.git.plan);
  const metadata = { name: 'web', namespace: 'shop', annotations: { note: 'x'.repeat(256 * 1024 - 300) } };
  await world.api.call({
    ...{
      caller: { username: 'alice', manager: 'huge' },
      verb: 'patch',
      patchType: 'merge',
      resource: resources.deployments,
    },
    ...{
      namespace: 'shop',
      name: 'web',
      subresource: undefined,
      query: {},
      body: { metadata, spec: manifest['spec'] ?? {} },
    },
  });
}

const meddling: readonly (readonly [what: string, act: Act])[] = [
  ['the twin is deleted', { do: 'remove', what: 'twin' }],
  ["the twin's Service is deleted", { do: 'remove', what: 'twin-service' }],
  [
    'the VirtualService is deleted and applied again',
    { do: 'remove', what: 'virtual-service', againAfterMs: 2_000 },
  ],
  ['the VirtualService is edited', { do: 'edit-route', edit: 'timeout' }],
  ['a route is added to the VirtualService', { do: 'edit-route', edit: 'add-route' }],
];
for (const [what, act] of meddling) {
  test(`row 30: ${what} on trial: what is ours is mended, what is the owner's is kept`, async () => {
    const played = await play({ events: [...good, on(8_500, act)] });
    assert.equal(played.phase, 'Succeeded');
    if (what.includes("twin's Service"))
      assert.ok(missingMs(played) <= 3_000, `${missingMs(played)} ms without it`);
    const left = JSON.stringify(played.world?.api.get(resources.virtualServices, 'shop', 'web')?.['spec']);
    assert.equal(left.includes('"7s"'), what.endsWith('is edited'));
    assert.equal(left.includes('/added'), what.startsWith('a route is added'));
  });
}

/** From when somebody deleted the twin's Service to when it was there again. */
function missingMs(played: Played): number {
  const writes = played.of(resources.services, 'web-canary');
  const gone = writes.find(({ type }) => type === 'DELETED');
  const again = writes.find(({ type, at }) => type === 'ADDED' && at >= (gone?.at ?? Number.MAX_VALUE));
  return (again?.at ?? Number.MAX_VALUE) - (gone?.at ?? 0);
}

test('row 31: a second candidate on trial: it starts at the first weight, and no request is lost while the twin is replaced', async () => {
  const played = await play({ events: [...good, release(9_000, 'shop:good-3')] });
  assert.equal(played.phase, 'Succeeded');
  assert.equal(imageOf(played.main), 'shop:good-3');
  const second = played.weights.indexOf(0);
  assert.deepEqual(played.weights.slice(second), [0, 20, 60, 100, 0]);
  for (const result of ['no-endpoint', 'no-cluster', 'refused', 'cut'] as const)
    assert.equal(played.requests(result), 0);
});

test('row 32: the stable template on trial: the canary ends, the twin goes, and stable does not roll', async () => {
  const played = await play({ events: [...good, release(9_000, 'shop:good-1')] });
  assert.equal(played.phase, 'Aborted');
  assert.equal(played.rolls('shop:good-2'), 0);
  assert.equal(played.main?.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  assert.equal(played.world?.api.get(resources.deployments, 'shop', 'web-canary'), undefined);
});

describe('row 33: who sets the replicas', () => {
  test('row 33: an autoscaler on stable: the twin follows the weight, and main gets its traffic as it grows again', async () => {
    const played = await play({ events: good, shop: { scaler: true } });
    assert.equal(played.phase, 'Succeeded');
    assert.equal(imageOf(played.main), 'shop:good-2');
  });

  test('row 33: another candidate where an autoscaler has shrunk stable: it gets its traffic as it grows again', async () => {
    const given: [weight: number, ready: number][] = [];
    const analysis = { interval: '600s', threshold: 1, stepWeights: [60], metrics: [] };
    const plan = { analysis, progressDeadlineSeconds: 60, onFailure: 'hold' } as const;
    const played = await play({
      events: [release(2_000, 'shop:good-2'), release(400_000, 'shop:good-3')],
      shop: { scaler: true, routes: 'one', load: 20, plan },
      onOpen: ({ api }) =>
        api.onWrite(({ resource, object }) => {
          const main = api.get(resources.deployments, 'shop', 'web');
          if (isOfRoute({ resource }))
            given.push([notesOf(object)[0]?.weight ?? 0, numberAt(main?.['status'], 'readyReplicas') ?? 0]);
        }),
    });
    const from = given.findIndex(([weight]) => weight === 60);
    const [[back = 0, ready = 0] = []] = [given[from + 1]];
    assert.ok(
      back >= 100 - Math.floor((100 * ready) / 4),
      `${back} percent stay while main has ${ready} of 4 pods`,
    );
    assert.ok(ready < 4 && played.phase === 'Succeeded');
  });

  test('row 33: no replicas: no canary, the change goes out directly', async () => {
    const played = await play({
      events: [on(1_000, { do: 'scale', replicas: 0, through: 'scale' }), release(30_000, 'shop:good-2')],
    });
    assert.equal(played.phase, undefined);
    assert.equal(imageOf(played.main), 'shop:good-2');
    assert.equal(played.serins.length, 0);
  });

  test('row 33: a Deployment that its owner had paused is paused again in the end', async () => {
    const played = await play({
      events: [on(1_000, { do: 'pause', careless: false }), release(5_000, 'shop:good-2')],
    });
    assert.equal(played.phase, 'Succeeded');
    assert.ok(played.main !== undefined && isPaused(played.main));
  });
});

test('row 34: nothing but metadata or replicas changes: no canary, and Serin writes nothing', async () => {
  const played = await play({
    events: [
      on(2_000, { do: 'scale', replicas: 3, through: 'spec' }),
      on(30_000, { do: 'load', perSecond: 50 }),
    ],
    onOpen: (world) =>
      world.time.after(20_000, () => {
        const alice = world.api.kube({ username: 'alice', manager: 'kubectl' });
        void alice.patch(resources.deployments, 'shop', 'web', {
          type: 'merge',
          body: { metadata: { labels: { team: 'a' } } },
        });
      }),
  });
  assert.ok((played.world?.time.now ?? 0) > startMs + 30_000);
  assert.equal(played.phase, undefined);
  assert.equal(played.serins.length, 0);
});
