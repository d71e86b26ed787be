// Whole rollouts with gates and hooks, by production's own processes.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { GateType } from '../../src/rollout/gate.ts';
import type { Mood } from './gates.ts';
import { healthy, play, type Played, release } from './matrix/scenario.ts';

const hook = (type: GateType) => ({ name: type, type, url: `http://${type}.gates/any` });

/** A release with these gates; each has the first mood, and the second from 30 s on. */
function released(moods: Readonly<Partial<Record<GateType, readonly [Mood, Mood]>>>): Promise<Played> {
  const types = Object.entries(moods) as [GateType, readonly [Mood, Mood]][];
  return play({
    analysis: { webhooks: types.map(([type]) => hook(type)) },
    events: [release(2_000, 'shop:good-2')],
    onOpen: ({ gates, time }) => {
      for (const [type, [first, then]] of types) {
        gates.set(type, first);
        time.after(30_000, () => gates.set(type, then));
      }
    },
  });
}

const held = ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion'] as const;
for (const type of held) {
  for (const mood of ['closed', 'gone', 'slow'] as const) {
    test(`a ${type} gate that is ${mood} holds the rollout, and it goes on when the gate opens`, async () => {
      const played = await released({ [type]: [mood, 'open'] });
      equal(played.phase, 'Succeeded');
      const calls = played.world?.gates.calls ?? [];
      ok(calls.filter(({ status }) => status !== 200).length > 0, 'it was asked while it was shut');
      ok(calls.length < 60, `${calls.length} calls`);
    });
  }
}

test('a rollback gate that opens takes the traffic back', async () => {
  const played = await released({
    'confirm-promotion': ['closed', 'closed'],
    rollback: ['closed', 'open'],
  });
  equal(played.phase, 'Failed');
  deepEqual(played.weights, [20, 60, 0]);
});

test('hooks hear the end once, and every Event of the rollout in order', async () => {
  const played = await released({ 'post-rollout': ['open', 'open'], event: ['open', 'open'] });
  deepEqual(played.phases, healthy);
  const calls = played.world?.gates.calls ?? [];
  const phasesOf = (type: GateType): readonly string[] =>
    calls.filter(({ gate }) => gate === type).map(({ body }) => /"phase":"(\w+)"/.exec(body)?.[1] ?? '');
  deepEqual(phasesOf('post-rollout'), ['Succeeded']);
  equal(phasesOf('event').length, played.events.length);
  equal(phasesOf('event').at(-1), 'Succeeded');
});

test('a gate that does not answer keeps no bad candidate: the metrics roll it back', async () => {
  const played = await play({
    analysis: { webhooks: [hook('confirm-promotion')] },
    events: [release(2_000, 'shop:bad-2')],
    onOpen: ({ gates }) => gates.set('confirm-promotion', 'slow'),
  });
  equal(played.phase, 'Failed');
});

test('whatever the gates do, a rollout with moody ones keeps every invariant and ends', async () => {
  for (const seed of [1, 2, 3]) {
    const played = await play({
      seed,
      analysis: {
        threshold: 20,
        webhooks: [...held, 'rollout', 'post-rollout', 'event'].map((type) => hook(type as GateType)),
      },
      events: [release(2_000, 'shop:good-2')],
      onOpen: ({ gates, time }) => {
        for (const type of [...held, 'rollout', 'post-rollout', 'event']) gates.set(type, 'moody');
        time.after(120_000, () => {
          for (const type of [...held, 'rollout']) gates.set(type, 'open');
        });
      },
    });
    ok(['Succeeded', 'Failed'].includes(played.phase ?? ''), `seed ${seed} is ${played.phase}`);
  }
});
