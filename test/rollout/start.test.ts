import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { step } from '../../src/rollout/step.ts';
import type { Observation, RouteSeen, State } from '../../src/rollout/types.ts';
import { aPace, aPlan } from './world.ts';

const pending: State = {
  ...{ v: 1, phase: 'Pending', revision: 'a', stableRevision: 'b', actor: 'ann', ownPause: false },
};
const pods = { replicas: 4, updated: 4, ready: 4, available: 4, total: 4, current: true };
const progressing = { status: 'True', reason: '', message: '' };
const split: RouteSeen = { kind: 'split', weight: 0, uniform: true, edited: false };
const seenWith = (route: RouteSeen): Observation => ({
  main: { ...pods, paused: true, restorable: true, scaler: false, pace: aPace, progressing },
  route,
});
const affinity = { cookieName: 'serin', maxAgeSeconds: 60 };
const plan = aPlan();
const told = (route: RouteSeen): readonly string[] => {
  const keeping = { ...plan, spec: { ...plan.spec, analysis: { ...plan.spec.analysis, affinity } } };
  const { actions } = step(keeping, pending, seenWith(route), 1_000);
  return actions.flatMap((action) => (action.do === 'event' ? `${action.reason} ${action.message}` : []));
};

test('a twin without its Service, as a crash between the two leaves it, is made again', () => {
  const starting: State = {
    ...{ ...pending, phase: 'Starting', startedAt: 0, since: 0, needed: 4, weight: 0, message: '' },
  };
  const seen = { ...seenWith(split), twin: { ...pods, replicas: 1, revision: 'a' } };
  deepEqual(step(plan, starting, seen, 1_000).actions, [{ do: 'twin', replicas: 1 }]);
});

test('that users cannot be kept with the canary is told when it starts, and keeps nobody from it', () => {
  const asked = 'CanaryStarted revision a asked for by ann is on trial, weights 10, 30, 50';
  deepEqual(told(split), [asked]);
  deepEqual(told({ ...split, noAffinity: 'a rule matches headers Cookie already' }), [
    `${asked}; not all who come to it can be kept with it: a rule matches headers Cookie already`,
  ]);
});
