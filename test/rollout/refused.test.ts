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

/** What was refused is not the pods but the twin, or what it is to have. */
const { twin: _, ...without } = seen;
const unmade = 'HorizontalPodAutoscaler shop/web-canary exists and is not the twin’s: rename or remove it';
const said = `the canary could not be made in 600s (progressDeadlineSeconds): ${unmade}`;
const deadline = plan.spec.progressDeadlineMs;
const paused: State = { ...starting, pause: { actor: 'bob', at: 0 } };
const onTrial = { ...starting, phase: 'Progressing', weight: 10 } as const;
const shifting = { ...starting, phase: 'Promoting.Shift', weight: 50 } as const;
const few = { ...pods, replicas: 0, revision: 'a', servedSince: 0 };
const unserved = { ...pods, revision: 'a' };

/** Where a rollout stands, and whether what is refused at that time makes it fail. */
const refusals: Readonly<Record<string, readonly [State, Observation['twin'], number, boolean]>> = {
  'before the deadline': [starting, undefined, deadline - 1, false],
  'at the deadline': [starting, undefined, deadline, true],
  'at the deadline, of a twin without its Service': [starting, unserved, deadline, true],
  'at the deadline, held by a person': [paused, undefined, deadline, false],
  'at the deadline of a step': [onTrial, few, deadline, true],
  'at the deadline of a step, of the Service': [onTrial, unserved, deadline, true],
  'at the deadline of the promotion': [shifting, few, deadline, true],
};
for (const [when, [state, there, now, fails]] of Object.entries(refusals))
  test(`a twin that cannot be made ${when} ${fails ? 'fails the candidate and says why' : 'is tried again'}`, () => {
    const observed = there === undefined ? without : { ...without, twin: there };
    const { actions, state: next } = step(plan, state, { ...observed, unmade }, now);
    deepEqual('message' in next && next.message === said, fails, JSON.stringify(next));
    deepEqual(
      actions.some((action) => action.do === 'twin'),
      !fails,
    );
    const tried = step(plan, state, observed, now);
    deepEqual(
      tried.actions.some((action) => action.do === 'twin'),
      true,
      'what nobody has tried is tried',
    );
  });
