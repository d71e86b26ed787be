// Which message an Event is, taken from the machine that writes it: its sentences are all that is left after a restart.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isMuted, type News } from '../../src/notify/compose.ts';
import { endingOf, saidOf, superseded } from '../../src/notify/kind.ts';
import { step } from '../../src/rollout/step.ts';
import type { Observation, State } from '../../src/rollout/types.ts';
import { aGate } from '../gates/rig.ts';
import { aPlan, World } from '../rollout/world.ts';
import { news, onTrial } from './news.ts';

/** A world whose Events are heard as messages. */
class Heard extends World {
  readonly messages: string[] = [];

  override look(survives?: number, seen: Observation = this.observe()): boolean {
    const { actions, state } = step(this.plan, this.state, seen, this.now);
    for (const action of actions) {
      const said = action.do === 'event' ? saidOf(action, state, 'passed') : undefined;
      if (said !== undefined) this.messages.push(`${said.kind} ${said.severity}: ${said.title}`);
    }
    return super.look(survives, seen);
  }
}

const started = 'started info: New revision detected, analysis starting';

test('a candidate that does well starts, goes on and is promoted', () => {
  const world = new Heard();
  world.until('Succeeded');
  deepEqual(world.messages, [
    started,
    'progress info: canary weight 10',
    'progress info: canary weight 30',
    'progress info: canary weight 50',
    'progress info: analysis passed: moving all traffic to the canary',
    'promoted info: Analysis completed, promotion finished',
  ]);
  equal(endingOf(world.state)?.kind, 'promoted');
});

test('failed checks are steps, and their threshold is an end', () => {
  const world = new Heard();
  world.health = 'bad';
  world.until('RollingBack');
  const halt = (n: number): string =>
    `progress warn: halt at weight 10, failed check ${n} of 3: success rate 95 % < 99 % (stable 100 %)`;
  deepEqual(world.messages, [
    started,
    'progress info: canary weight 10',
    halt(1),
    halt(2),
    'threshold error: Failed checks threshold reached (3)',
  ]);
  const end = endingOf(world.state);
  world.until('Failed');
  deepEqual([end, endingOf(world.state)?.kind], [endingOf(world.state), 'threshold']);
});

test('pods that are not ready in time are a deadline that has passed', () => {
  const world = new Heard();
  world.twinComesUp = false;
  world.until('Failed');
  deepEqual(world.messages, [started, 'deadline error: Progress deadline exceeded']);
  equal(endingOf(world.state)?.kind, 'deadline');
});

test('in place, too', () => {
  const world = new Heard(aPlan({ promotion: 'inPlace' }));
  Object.assign(world, { mainComesUp: false, rollsBy: 1 });
  world.until('RollingBack');
  equal(endingOf(world.state)?.kind, 'deadline');
});

test('a crash is a failure, and says no more than that', () => {
  const world = new Heard();
  world.until('Progressing');
  world.trouble = 'container web crashes again and again';
  world.until('Failed');
  equal(world.messages.at(-1), 'failed error: Canary failed, traffic is back on stable');
});

test('what people say is told with who said it, and the reason is no part of the name', () => {
  const world = new Heard();
  world.until('Progressing');
  const actor = 'system:serviceaccount:ci:deployer';
  const said = { v: 1, revision: 'new', actor } as const;
  for (const command of ['pause', 'resume', 'abort'] as const) {
    world.command = { ...said, do: command, reason: 'customers: they complain' };
    world.look();
  }
  deepEqual(world.messages.slice(-3), [
    `paused warn: Paused by ${actor}`,
    `resumed info: Resumed by ${actor}`,
    `rolled-back warn: Rolled back by ${actor}`,
  ]);
  world.until('Failed');
  world.command = { ...said, do: 'retry' };
  world.look();
  equal(world.messages.at(-1), `notice info: revision new is tried again by ${actor}`);
});

test('what a muted gate says is told nobody, but how it ends is', () => {
  const gate = aGate('http://gate/', { type: 'confirm-promotion', muteAlert: true });
  const analysis = { ...aPlan().spec.analysis, gates: [gate] };
  const world = new World(aPlan({ analysis }));
  world.gates = { 'confirm-promotion': 'closed' };
  world.until('Waiting');
  const heard = (message: string, muteAlert = true): News => {
    const spec = { ...aPlan().spec, analysis: { ...analysis, gates: [{ ...gate, muteAlert }] } };
    return { ...news({ reason: 'CanaryHeld', message }, onTrial(50)), spec };
  };
  const [shut = ''] = world.events.slice(-1);
  const [waiting, failed] = [superseded, { ...superseded, kind: 'failed' as const }];
  deepEqual(
    [
      isMuted(heard(shut), { ...waiting, kind: 'waiting' }),
      isMuted(heard(shut, false), { ...waiting, kind: 'waiting' }),
      isMuted(heard('paused by ann'), { ...waiting, kind: 'paused' }),
      isMuted(heard(shut), failed),
    ],
    [true, false, false, false],
  );
});

test('a gate that is shut is waited for, and what is not known is held', () => {
  const gate = aGate('http://gate/', { type: 'confirm-promotion' });
  const plan = aPlan();
  const world = new Heard({
    ...plan,
    spec: { ...plan.spec, analysis: { ...plan.spec.analysis, gates: [gate] } },
  });
  world.gates = { 'confirm-promotion': 'closed' };
  world.until('Waiting');
  equal(world.messages.at(-1), 'waiting warn: Waiting');
  const silent = new Heard();
  silent.health = 'unknown';
  silent.until('Waiting');
  equal(silent.messages.at(-1), 'held warn: Held');
});

test('the end of an abort is told when it is one, and what has not ended is none', () => {
  const ending = (phase: 'Failed' | 'Aborted'): State => {
    const identity = { v: 1, revision: 'a', stableRevision: 'b', actor: 'ann', ownPause: false } as const;
    return { ...identity, phase: 'RollingBack', ending: phase, message: 'aborted by ann' };
  };
  deepEqual(
    [ending('Aborted'), ending('Failed')].map((state) => endingOf(state)?.kind),
    [undefined, 'rolled-back'],
  );
  equal(
    saidOf({ type: 'Normal', reason: 'CanaryAborted', message: 'x' }, ending('Aborted'), 'passed')?.kind,
    'aborted',
  );
  equal(
    saidOf({ type: 'Warning', reason: 'CommandIgnored', message: 'x' }, ending('Failed'), 'passed'),
    undefined,
  );
});
