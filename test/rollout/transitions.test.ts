// Every phase against whatever may be seen: the machine goes along the ways that are drawn in src/rollout/state.ts alone.
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verbs } from '../../src/rollout/command.ts';
import { gatesDue } from '../../src/rollout/gating.ts';
import { step } from '../../src/rollout/step.ts';
import type { Strategy } from '../../src/rollout/strategy.ts';
import type { Ledger, Observation, Plan, State, WorkloadSeen } from '../../src/rollout/types.ts';
import { phases, ways } from './ways.ts';
import { aPace, aPlan, World } from './world.ts';
import { gate } from './worlds.ts';

const now = 10_000_000;
const ago = fc.constantFrom(now, now - 1_000, now - 61_000, now - 700_000);

const identity = { v: 1, revision: 'new', stableRevision: 'old', actor: 'ann' } as const;
const states: fc.Arbitrary<State> = fc
  .record({
    ...{ phase: fc.constantFrom(...phases), since: ago, weight: fc.constantFrom(0, 10, 50, 100) },
    ...{ isPaused: fc.boolean(), isKnown: fc.boolean(), ownPause: fc.boolean(), reached: fc.boolean() },
    ...{ isMixed: fc.boolean(), isBraked: fc.boolean() },
    ...{ ending: fc.constantFrom('Succeeded', 'Aborted'), failed: fc.integer({ min: 0, max: 3 }) },
  })
  .map(
    ({
      phase,
      since,
      weight,
      isPaused,
      isKnown,
      isMixed,
      isBraked,
      ownPause,
      reached,
      ending,
      failed,
    }): State => {
      const who = {
        ...identity,
        ownPause,
        ...(isKnown ? { known: true as const } : {}),
        ...(isMixed ? { mixed: true as const } : {}),
        ...(isBraked ? { brake: { own: 0, seconds: 30 } } : {}),
      };
      const pause = isPaused ? { pause: { actor: 'bob', at: since } } : {};
      const running = { ...who, ...pause, startedAt: 1, since, needed: 4, weight, message: '' };
      switch (phase) {
        case 'Pending':
          return { ...who, ...pause, phase };
        case 'Rolling':
          return { ...running, phase, reached, checks: { at: since, failed, silent: 0 } };
        case 'Promoting.Roll':
        case 'Promoting.Return':
        case 'Finalising':
          return { ...running, phase, ending: ending === 'Succeeded' ? 'Succeeded' : 'Aborted' };
        case 'RollingBack':
          return { ...who, phase, message: '', since, ending: ending === 'Aborted' ? 'Aborted' : 'Failed' };
        case 'Failed':
        case 'Succeeded':
        case 'Aborted':
          return { ...who, phase, startedAt: 1, endedAt: since, message: '' };
        default:
          return { ...running, phase };
      }
    },
  );

const counts = fc.constantFrom(0, 1, 4, 4, 4);
const workload: fc.Arbitrary<WorkloadSeen> = fc
  .tuple(counts, counts, counts, fc.constantFrom(true, true, false))
  .map(([replicas, updated, ready, current]) => ({
    ...{ replicas, current, ready: Math.min(ready, replicas), available: Math.min(ready, replicas) },
    ...{ updated: Math.min(updated, replicas), total: replicas },
  }));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 4 });
const mostly = fc.constantFrom(true, true, true, false);
const rarely = mostly.map((is) => !is);
/** One time in six. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const ledgers: fc.Arbitrary<Ledger> = fc.record({
  ...{ v: fc.constant(1 as const), revision: fc.constant('new'), startedAt: fc.constantFrom(1, 1, 1, 2) },
  ...{
    ticks: fc.constant(3),
    passed: fc.integer({ min: 0, max: 3 }),
    failed: fc.integer({ min: 0, max: 3 }),
  },
  ...{ silent: fc.constantFrom(0, 9), weight: fc.constantFrom(0, 10, 50), weightAt: ago },
});
const measurements = fc.constantFrom(...(['good', 'bad', 'unknown', 'broken'] as const)).map((health) => {
  const world = new World();
  world.health = health;
  return [world.measurement()];
});
const strategies = fc.constantFrom<Strategy>(
  { kind: 'weights', weights: [10, 50] },
  { kind: 'weights', weights: [10, 50], mirror: 20, promotionStep: 30 },
  { kind: 'iterations', iterations: 2 },
  { kind: 'iterations', iterations: 2, match: [{ headers: {} }] },
);
const types = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
] as const;
const gates = fc.subarray([...types]).map((some) => some.map(gate));
const plans: fc.Arbitrary<Plan> = fc
  .tuple(strategies, gates, fc.boolean(), fc.constantFrom('shift', 'inPlace'), fc.constantFrom(0, 1, 2, 3, 4))
  .map(([strategy, asked, hasCookie, way, odd]) => {
    const affinity = hasCookie ? { affinity: { cookieName: 'serin', maxAgeSeconds: 60 } } : {};
    const analysis = { ...aPlan().spec.analysis, strategy, gates: asked, ...affinity };
    const promotion = way === 'shift' ? 'shift' : 'inPlace';
    const plan = aPlan({ analysis, promotion, skipAnalysis: odd === 0, suspended: odd === 1 });
    return odd === 2 ? { ...plan, withdrawn: 'no label' } : plan;
  });

const sights = fc.record({
  ...{ main: workload, twin: maybe(workload), ledger: maybe(ledgers), measured: maybe(measurements) },
  ...{ isHeld: mostly, restorable: fc.boolean(), scaler: fc.boolean(), isBroken: rarely },
  ...{
    twinRevision: fc.constantFrom('new', 'new', 'new', 'new', 'other'),
    servedSince: maybe(fc.constantFrom(0, 0, 0, now)),
  },
  ...{ route: fc.constantFrom('none', 0, 10, 50, 100), isMarked: rarely, matches: rarely },
  ...{ command: seldom(fc.constantFrom(...verbs)), says: maybe(fc.constantFrom('open', 'closed', 'error')) },
  minReadySeconds: fc.constantFrom(0, 30, 45),
  member: seldom(fc.constantFrom(...phases)),
});
type Sight = typeof sights extends fc.Arbitrary<infer S> ? S : never;

function seenOf(sight: Sight, plan: Plan, state: State): Observation {
  const { main, twin, ledger, measured, route, command, says, member, servedSince } = sight;
  const progressing = { status: 'Unknown', reason: 'DeploymentPaused', message: '' };
  const seen: Observation = {
    main: {
      ...{ ...main, paused: sight.isHeld, restorable: sight.restorable, scaler: sight.scaler },
      ...{ pace: { ...aPace, minReadySeconds: sight.minReadySeconds }, progressing },
    },
    ...(twin === undefined
      ? {}
      : {
          twin: {
            ...{ ...twin, revision: sight.twinRevision },
            ...(servedSince === undefined ? {} : { servedSince }),
            ...(ledger === undefined ? {} : { ledger }),
            ...(sight.isBroken ? { trouble: 'crash loop' } : {}),
          },
        }),
    route:
      typeof route === 'string'
        ? { kind: 'none', why: 'no routes' }
        : {
            ...{ kind: 'split', weight: route, uniform: true, edited: route > 0 || sight.matches },
            ...(sight.matches ? { beside: { match: [{ headers: {} }] } } : {}),
            ...(sight.isMarked ? { rolledBack: 'new' } : {}),
          },
    ...(measured === undefined ? {} : { measurements: measured }),
    ...(command === undefined ? {} : { command: { v: 1, do: command, actor: 'bob', revision: 'new' } }),
    ...(member === undefined
      ? {}
      : { group: { name: 'g', members: [{ name: 'api', phase: member, passed: false, shifted: false }] } }),
  };
  if (says === undefined) return seen;
  const answers = gatesDue({ plan, state, seen, now }).map((type) => ({ name: type, type, says, why: 'so' }));
  return { ...seen, gates: answers };
}

const moments = fc
  .tuple(plans, states, sights)
  .map(([plan, state, sight]) => ({ plan, state, seen: seenOf(sight, plan, state) }));
const forAll = (holds: (moment: { plan: Plan; state: State; seen: Observation }) => void): void =>
  fc.assert(fc.property(moments, holds), { numRuns: 4_000 });

test('whatever is seen, it goes along the drawn ways, and says the same when asked again', () => {
  forAll(({ plan, state, seen }) => {
    const decision = step(plan, state, seen, now);
    const to = decision.state.phase;
    ok(to === state.phase || to in ways[state.phase], `${state.phase} -> ${to}`);
    deepEqual(step(plan, state, seen, now), decision);
  });
});

test('a command that is seen is obeyed or taken off, for good', () => {
  forAll(({ plan, state, seen }) => {
    if (seen.command === undefined) return;
    const { actions } = step(plan, state, seen, now);
    const ends = ['record', 'hold', 'unhold', 'restore', 'ignore-command', 'go-back'];
    ok(
      actions.some((action) => ends.includes(action.do)),
      JSON.stringify(actions),
    );
  });
});

test('no twin without a pod is given more than it has, and nothing stands beside the weight of one that is given up', () => {
  forAll(({ plan, state, seen }) => {
    const { actions, state: next } = step(plan, state, seen, now);
    const given = seen.route.kind === 'split' ? seen.route.weight : 0;
    for (const action of actions) {
      if (action.do !== 'route') continue;
      const isOver = next.phase === 'RollingBack' || action.rolledBack !== undefined;
      ok(!isOver || (action.weight === 0 && action.beside === undefined));
      const isMainGone = seen.main.ready === 0 || seen.main.available === 0;
      if ((seen.twin?.available ?? 0) === 0 && !isMainGone)
        ok(action.weight <= given && action.beside === undefined, JSON.stringify({ state, action, seen }));
    }
  });
});
