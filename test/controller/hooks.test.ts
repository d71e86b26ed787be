import { deepEqual, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { Refusals } from '../../src/controller/refusals.ts';
import { act } from '../../src/controller/act.ts';
import { answersOf } from '../../src/controller/hooks.ts';
import type { Scene } from '../../src/controller/scene.ts';
import type { AskedGate } from '../../src/gates/board.ts';
import type { Gates } from '../../src/gates/gates.ts';
import type { About, News } from '../../src/gates/payload.ts';
import { resources } from '../../src/kube/objects.ts';
import type { Action } from '../../src/rollout/decision.ts';
import type { AskedType } from '../../src/rollout/gate.ts';
import type { State } from '../../src/rollout/types.ts';
import { aGate } from '../gates/rig.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { aPlan, World } from '../rollout/world.ts';

const identity = { v: 1, revision: 'new', stableRevision: 'old', actor: 'ann', ownPause: false } as const;
const progressing: State = {
  ...{ ...identity, phase: 'Progressing', startedAt: 7, since: 8, needed: 1, weight: 20, message: '' },
};
const ended = (phase: 'Succeeded' | 'Failed' | 'Aborted'): State => ({
  ...{ ...identity, phase, startedAt: 7, endedAt: 9, message: 'over' },
});
const plan = aPlan();
const hook = aGate('http://hook/', { name: 'hook', type: 'event' });
const gate = aGate('http://gate/', { name: 'gate', type: 'rollout' });
const spec = { ...plan.spec, analysis: { ...plan.spec.analysis, gates: [gate, hook] } };

/** A rollout, what its gates were asked and its hooks told, and what is done by `act`. */
async function stage(state: State) {
  const kube = memoryKube();
  const clock = virtualClock(1_000);
  const main = await kube.create(resources.deployments, 'shop', {
    ...{ metadata: { name: 'web', namespace: 'shop' }, spec: { replicas: 1, template: {} } },
  });
  const scene: Scene = {
    ...{ main, state, spec, twinName: 'web-canary', made: [], services: [], others: [], scaler: false },
    ...{ labels: { ok: false, why: '' }, routing: { kind: 'none', why: 'no mesh' } },
  };
  const asked: (readonly [gates: readonly AskedGate[], about: About])[] = [];
  const told: string[] = [];
  const gates: Gates = {
    answers: (those, about) => {
      asked.push([those, about]);
      return undefined;
    },
    used: (key) => told.push(`used ${key}`),
    tell: (those, { name, phase, weight }, news: News) =>
      told.push(`${news.type} to ${those.length} of ${name} ${phase} ${weight}: ${news.message}`),
  };
  const acts = (next: State, ...actions: readonly Action[]): Promise<void> =>
    act(
      { kube, clock, settleMs: 0, gates, refusals: new Refusals(), warn: (_, message) => told.push(message) },
      scene,
      { state: next, actions },
      async () => '',
    );
  const world = new World(plan);
  const ask = (ticks: number, due: readonly AskedType[]): unknown => {
    const ledger = { v: 1, revision: 'new', startedAt: 7, ticks, passed: 4, failed: 0, silent: 0 } as const;
    world.twin = {
      ...{ replicas: 1, ready: 1, revision: 'new' },
      ledger: { ...ledger, weight: 20, weightAt: 1 },
    };
    const moment = { plan: { ...plan, spec }, state, seen: world.observe(), now: 2 };
    return answersOf({ gates, wake: () => undefined }, main, moment, due);
  };
  return { kube, main, told, asked, acts, ask };
}

const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryAdvanced', message: 'canary weight 20' };

test('hooks are told what the Events tell, and answers are used once that was done', async () => {
  const { told, acts } = await stage(progressing);
  await acts(progressing, event);
  deepEqual(told, ['event to 2 of web Progressing 20: canary weight 20', 'used shop/web']);
});

for (const phase of ['Succeeded', 'Failed', 'Aborted'] as const) {
  test(`that a rollout has ${phase} is told as soon as it is written, and once`, async () => {
    const { told, acts } = await stage(progressing);
    await acts(ended(phase), { do: 'record' }, event);
    deepEqual(told, [
      `post-rollout to 2 of web ${phase} 0: over`,
      `event to 2 of web ${phase} 0: canary weight 20`,
      'used shop/web',
    ]);
  });
}

test('an end that was told is not told again, and one that could not be written is not told', async () => {
  const again = await stage(ended('Failed'));
  await again.acts(ended('Failed'), { do: 'record' });
  deepEqual(again.told, ['used shop/web']);
  const refused = await stage(progressing);
  await refused.kube.patch(resources.deployments, 'shop', 'web', {
    type: 'merge',
    body: { spec: { replicas: 2 } },
  });
  await rejects(refused.acts(ended('Failed'), { do: 'record' }, event));
  deepEqual(refused.told, []);
});

test('the gates of the types that are due are asked, of this trial and this check of it', async () => {
  const { asked, ask, main } = await stage(progressing);
  ask(4, ['rollout', 'rollback']);
  ask(4, []);
  const about = {
    ...{ namespace: 'shop', name: 'web', uid: main.metadata.uid, revision: 'new', phase: 'Progressing' },
    ...{ actor: 'ann', check: 4, startedAt: 7, weight: 20 },
  };
  deepEqual(asked, [
    [[gate], about],
    [[], about],
  ]);
});

test('where main itself rolls, a check is told by the one before it', async () => {
  const rolling: State = {
    ...{ ...identity, phase: 'Rolling', startedAt: 7, since: 8, needed: 1, weight: 20, message: '' },
    ...{ checks: { at: 99, failed: 0, silent: 0 }, reached: true },
  };
  const { asked, ask } = await stage(rolling);
  ask(4, ['rollout']);
  deepEqual(
    asked.map(([, { check }]) => check),
    [99],
  );
});
