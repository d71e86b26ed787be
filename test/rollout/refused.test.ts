import { deepEqual, match } from 'node:assert/strict';
import { test } from 'node:test';
import { step } from '../../src/rollout/step.ts';
import type { Observation, State } from '../../src/rollout/types.ts';
import { aPace, aPlan } from './world.ts';

const plan = aPlan();
const starting: State = {
  ...{ v: 1, phase: 'Starting', revision: 'a', stableRevision: 'b', actor: 'ann', ownPause: false },
  ...{ startedAt: 0, since: 0, needed: 4, weight: 0, message: 'bringing the canary up' },
};
const pods = { replicas: 4, updated: 4, ready: 4, available: 4, total: 4, current: true };
const none = { updated: 0, ready: 0, available: 0, total: 0 };
const progressing = { status: 'True', reason: '', message: '' };
const seen: Observation = {
  main: { ...pods, paused: true, restorable: true, scaler: false, pace: aPace, progressing },
  twin: { ...pods, ...none, revision: 'a', servedSince: 0, refused: 'exceeded quota: few' },
  route: { kind: 'split', weight: 0, uniform: true, edited: false },
};

test('matrix 21: pods that a quota refuses are told of once, at once, and waited for', () => {
  const told = step(plan, starting, seen, 1_000);
  const message = 'the canary cannot start: exceeded quota: few';
  deepEqual(told.state, { ...starting, message });
  deepEqual(told.actions, [
    { do: 'record' },
    { do: 'event', type: 'Warning', reason: 'CanaryHeld', message },
  ]);
  deepEqual(step(plan, told.state, seen, 2_000).actions, []);
});

test('matrix 21: what they were refused for is why the canary fails at the deadline', () => {
  const { state } = step(plan, starting, seen, plan.spec.progressDeadlineMs);
  deepEqual(state.phase, 'RollingBack');
  match(
    'message' in state ? (state.message ?? '') : '',
    /^the canary is not ready: 0 of 4 .*: exceeded quota: few$/,
  );
});
