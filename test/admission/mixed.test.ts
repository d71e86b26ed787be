// What a candidate takes over where pods of the one before may run still, in place.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../src/admission/mutate.ts';
import type { Asked } from '../../src/admission/verdict.ts';
import { readState } from '../../src/config/state.ts';
import { annotationsOf, isPaused } from '../../src/admission/deployment.ts';
import type { State } from '../../src/rollout/types.ts';
import { changed, controller, patched, standing, states, templates, updating } from './deployments.ts';

const { one, three } = templates;
const identity = {
  v: 1,
  revision: '',
  stableRevision: '',
  actor: 'ann',
  ownPause: true,
  mixed: true,
} as const;
const { revision, stableRevision } = states.progressing;
const rolling: State = {
  ...{
    ...identity,
    revision,
    stableRevision,
    phase: 'Rolling',
    startedAt: 1,
    since: 1,
    needed: 3,
    weight: 30,
  },
  ...{ message: '', reached: true, checks: { at: 1, failed: 0, silent: 0 } },
};
const rollingBack: State = {
  ...{
    ...identity,
    revision,
    stableRevision,
    phase: 'RollingBack',
    ending: 'Failed',
    message: '',
    startedAt: 1,
  },
};

function stateAfter(asked: Asked): Partial<State> & { readonly paused: boolean } {
  const verdict = decide(asked, { controller });
  if (verdict.kind === 'deny') throw new Error(verdict.message);
  const object = patched(asked.object, verdict.patch);
  const state = readState(annotationsOf(object));
  if (state === undefined || 'corrupt' in state) throw new Error('no state');
  const { phase, ownPause, mixed } = state;
  return { phase, ownPause, ...(mixed === undefined ? {} : { mixed }), paused: isPaused(object) };
}

test('a candidate that supersedes one whose pods run knows of them', () => {
  const old = standing(rolling);
  const after = stateAfter(updating(old, changed(old, { template: three })));
  deepEqual(after, { phase: 'Pending', ownPause: true, mixed: true, paused: true });
});

test('the stable template applied again rolls over them', () => {
  const old = standing(rolling);
  const { phase, mixed } = stateAfter(updating(old, changed(old, { template: one })));
  deepEqual([phase, mixed], ['RollingBack', true]);
});

test("a candidate that comes while stable rolls over them knows of them, and of the owner's pause", () => {
  const old = changed(standing(rollingBack), { template: one, paused: false });
  const after = stateAfter(updating(old, changed(old, { template: three })));
  deepEqual(after, { phase: 'Pending', ownPause: true, mixed: true, paused: true });
});

test('a rollout that moves traffic leaves nothing of the kind', () => {
  const old = standing(states.progressing);
  equal(stateAfter(updating(old, changed(old, { template: three }))).mixed, undefined);
});

test('the brake of a roll in place is known to whatever ends that roll, and the object keeps it for Serin to take off', () => {
  const brake = { own: 5, seconds: 30 };
  const old = standing({ ...rolling, brake });
  for (const template of [one, three]) {
    const asked = updating(old, changed(old, { template }));
    const verdict = decide(asked, { controller });
    if (verdict.kind === 'deny') throw new Error(verdict.message);
    const state = readState(annotationsOf(patched(asked.object, verdict.patch)));
    deepEqual(state !== undefined && 'brake' in state ? state.brake : undefined, brake);
    equal(
      verdict.patch.some(({ path }) => path.includes('minReadySeconds')),
      false,
    );
  }
});
