// Each way that is drawn is gone where what it is drawn for is seen, and the machine goes on the same when asked again.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { step } from '../../src/rollout/step.ts';
import type { Ledger, Observation, Phase, Plan, State } from '../../src/rollout/types.ts';
import { phases, type Seen, ways } from './ways.ts';
import { aPace, aPlan, World } from './world.ts';

const now = 10_000_000;
const before = now - 61_000;
const identity = { v: 1, revision: 'new', stableRevision: 'old', actor: 'ann', ownPause: false } as const;

function stateIn(phase: Phase, { weight = 10, ending = 'Succeeded' }: Seen): State {
  const running = { ...identity, startedAt: 1, since: before, needed: 4, weight, message: '' };
  const goesOn = ending === 'Failed' ? 'Aborted' : ending;
  switch (phase) {
    case 'Pending':
      return { ...identity, phase };
    case 'Rolling':
      return { ...running, phase, reached: false, checks: { at: before, failed: 0, silent: 0 } };
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return { ...running, phase, ending: goesOn };
    case 'RollingBack':
      return {
        ...identity,
        phase,
        since: before,
        message: '',
        ending: ending === 'Aborted' ? ending : 'Failed',
      };
    case 'Failed':
    case 'Succeeded':
    case 'Aborted':
      return { ...identity, phase, startedAt: 1, endedAt: before, message: '' };
    default:
      return { ...running, phase };
  }
}

function seenBy({ weight = 10, main, trouble, hasTwin = true, isRouted = true, command }: Seen): Observation {
  const pods = { replicas: 4, updated: 4, ready: 4, available: 4, total: 4, current: true };
  const counts = { ticks: 2, passed: 2, failed: 0, silent: 0 };
  const ledger: Ledger = { v: 1, revision: 'new', startedAt: 1, ...counts, weight, weightAt: before };
  const twin = { ...pods, revision: 'new', servedSince: 0, ledger };
  const progressing = { status: 'Unknown', reason: 'DeploymentPaused', message: '' };
  return {
    main: {
      ...pods,
      updated: 0,
      paused: true,
      restorable: true,
      scaler: false,
      pace: aPace,
      progressing,
      ...main,
    },
    ...(hasTwin ? { twin: { ...twin, ...(trouble === undefined ? {} : { trouble }) } } : {}),
    route: isRouted
      ? { kind: 'split', weight, uniform: true, edited: weight > 0 }
      : { kind: 'none', why: 'no Service selects the pods' },
    measurements: [new World().measurement()],
    ...(command === undefined ? {} : { command: { v: 1, do: command, actor: 'bob', revision: 'new' } }),
  };
}

for (const from of phases)
  for (const to of phases.filter((each) => each in ways[from]))
    test(`${from} -> ${to}`, () => {
      const seen = ways[from][to] ?? {};
      const given = aPlan(seen.plan, [10, 50]);
      const plan: Plan = seen.withdrawn === undefined ? given : { ...given, withdrawn: seen.withdrawn };
      const [state, sight] = [stateIn(from, seen), seenBy(seen)];
      const decision = step(plan, state, sight, now);
      equal(decision.state.phase, to);
      deepEqual(step(plan, state, sight, now), decision);
    });
