// Row 21, where it is not the twin that is refused but its pods; and where what is refused stays so.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { resources } from '../../../src/kube/objects.ts';
import { textAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { Event } from '../history.ts';
import { imageOf, stateOf } from '../invariants/reading.ts';
import { healthy, isCall, play, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];

/** A quota is used up from before the release on. */
const quotaFor = (forMs: number): Event => ({ at: 1_000, do: 'quota', forMs });

test('row 21: a quota keeps the pods of the twin away for a while: it is told in its words, and the rollout goes on when it is lifted', async () => {
  const played = await play({ events: [...good, quotaFor(15_000)] });
  const told = played.of(resources.events).map(({ object }) => textAt(object, 'message') ?? '');
  assert.equal(told.filter((message) => message.includes('exceeded quota')).length, 1, told.join('\n'));
  assert.deepEqual(played.phases, healthy);
});

for (const [onFailure, image] of [
  ['hold', 'shop:good-2'],
  ['restore', 'shop:good-1'],
] as const) {
  test(`row 21: a quota that stays: the candidate fails at its deadline, which says why, no user meets it, and the plan's onFailure (${onFailure}) is done`, async () => {
    const plan = {
      analysis: { interval: '3s', threshold: 1, stepWeights: [20, 60] },
      progressDeadlineSeconds: 30,
      onFailure,
    };
    const played = await play({ events: [...good, quotaFor(120_000)], shop: { plan } });
    const state = stateOf(played.main);
    assert.equal(state?.phase, 'Failed');
    assert.match(state.message, /0 of 1 pods are available after 30s .*exceeded quota/);
    assert.deepEqual(played.weights, []);
    assert.equal(imageOf(played.main), image);
    const isTwins = ({ object }: Write): boolean => object.metadata.name === 'web-canary';
    const tries = played.serins.filter((write) => isTwins(write) && write.type !== 'DELETED');
    assert.ok(tries.length <= 3, `${tries.length} writes about the twin`);
  });
}

const plan = {
  analysis: { interval: '3s', threshold: 1, stepWeights: [20, 60] },
  progressDeadlineSeconds: 20,
  onFailure: 'hold',
} as const;

for (const [what, status, reason, isRefused] of [
  ['a twin', 403, 'Forbidden', isCall.twin],
  ['a shadow', 422, 'Invalid', isCall.shadow],
] as const)
  test(`row 21: ${what} that cannot be made: the candidate fails once its deadline is over, which says why`, async () => {
    const played = await play({
      events: good,
      shop: { plan, guarded: true },
      intercept: (call) => (isRefused(call) ? { do: 'refuse', status, reason } : undefined),
    });
    const state = stateOf(played.main);
    assert.equal(state?.phase, 'Failed');
    assert.match(
      state.message,
      /^the canary could not be made in 20s \(progressDeadlineSeconds\): .*cannot /,
    );
    assert.deepEqual(played.weights, []);
    assert.equal(played.of(resources.deployments, 'web-canary').length, 0);
  });
