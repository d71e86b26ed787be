// Rows 1 to 8: a crash between two writes that belong together.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { resources } from '../../../src/kube/objects.ts';
import { crash, healthy, isCall, once, play, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];
const bad = [release(2_000, 'shop:bad-2')];

test('row 1: crash after W1 (twin created, no status): the twin is adopted, there is no second one', async () => {
  const played = await play({ events: good, intercept: once(isCall.twin, crash.after) });
  assert.equal(played.count('ADDED', resources.deployments, 'web-canary'), 1);
  assert.deepEqual(played.phases, healthy);
});

test("row 2: crash after W2 (the twin's Service stands for the subset) before W3: resumes, and the weight is that of the routes", async () => {
  const played = await play({ events: good, intercept: once(isCall.twinService, crash.after) });
  assert.equal(played.count('ADDED', resources.services, 'web-canary'), 1);
  assert.deepEqual(played.weights, [20, 60, 100, 0]);
});

test('row 3: crash after W3 before W4: no double step, no tick counted twice', async () => {
  const undisturbed = await play({ events: good });
  const played = await play({ events: good, intercept: once(isCall.weight(20), crash.after) });
  assert.deepEqual(played.weights, [20, 60, 100, 0]);
  assert.equal(played.ticks, undisturbed.ticks);
});

test('row 4: crash with the rollback decided before weight 0: the first thing done after the restart is weight 0', async () => {
  let crashedAt = 0;
  const played = await play({
    events: bad,
    intercept: (call, { world }) => {
      if (crashedAt > 0 || !isCall.weight(0)(call)) return undefined;
      crashedAt = world?.time.now ?? 0;
      return crash.before;
    },
  });
  const first = played.serins.find(({ at }) => at > crashedAt);
  assert.equal(first?.resource.kind, 'VirtualService');
  assert.deepEqual(played.weights, [20, 0]);
  assert.equal(played.phase, 'Failed');
});

test('row 5: crash after weight 0 before the status: the rollback is completed, and never re-advances', async () => {
  const played = await play({ events: bad, intercept: once(isCall.weight(0), crash.after) });
  assert.deepEqual(played.weights, [20, 0]);
  assert.equal(played.phase, 'Failed');
});

test('row 6: crash after W5 (promoted) before W6: the candidate is promoted once, main rolls once', async () => {
  const played = await play({ events: good, intercept: once(isCall.unhold, crash.after) });
  assert.equal(played.rolls('shop:good-2'), 1);
  assert.equal(played.main?.metadata.annotations?.['deployment.kubernetes.io/revision'], '2');
  assert.deepEqual(played.phases, healthy);
});

test('row 7: crash after W6 (weight back) before W7: the twin is deleted later, and no request is lost', async () => {
  const played = await play({ events: good, intercept: once(isCall.unroute, crash.after) });
  assert.equal(played.count('DELETED', resources.deployments, 'web-canary'), 1);
  for (const result of ['no-endpoint', 'no-cluster', 'refused', 'cut'] as const)
    assert.equal(played.requests(result), 0);
  assert.ok(played.requests('ok') > 500, 'there were requests');
});

test('row 8: crash while the Deployment is deleted: nothing waits for a finalizer, since Serin sets none', async () => {
  const played = await play({
    events: [
      ...good,
      { at: 9_000, do: 'delete', propagation: 'Foreground' },
      { at: 9_000, do: 'kill', slot: 'controller-0', backAfterMs: 10_000, newPod: true },
    ],
  });
  for (const { object } of played.serins) {
    const finalizers = (object.metadata['finalizers'] ?? []) as readonly string[];
    assert.deepEqual(
      finalizers.filter((name) => !name.startsWith('foreground')),
      [],
    );
  }
  assert.equal(played.main, undefined);
  assert.equal(played.count('DELETED', resources.deployments, 'web-canary'), 1);
});
