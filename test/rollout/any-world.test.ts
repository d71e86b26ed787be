// Any strategy, whatever happens: time, crashes between any two actions, pods, metrics, gates, people.
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verbs } from '../../src/rollout/command.ts';
import type { AskedType } from '../../src/rollout/gate.ts';
import type { Strategy } from '../../src/rollout/strategy.ts';
import { aPlan, type Health, World } from './world.ts';
import { gate, says } from './worlds.ts';

const ladder: Strategy = { kind: 'weights', weights: [10, 30, 50] };
const strategies: readonly Strategy[] = [
  ladder,
  { kind: 'weights', weights: [50], mirror: 20, promotionStep: 30 },
  { kind: 'iterations', iterations: 2 },
  { kind: 'iterations', iterations: 2, match: [{ headers: {} }], mirror: 10 },
];
const gateTypes = [
  ...(['confirm-rollout', 'pre-rollout', 'rollout'] as const),
  ...(['confirm-traffic-increase', 'confirm-promotion', 'rollback'] as const),
];
const setups = fc.record({
  strategy: fc.constantFrom(...strategies),
  way: fc.constantFrom('shift', 'shift', 'without routes', 'inPlace'),
  hasCookie: fc.boolean(),
  gates: fc.subarray([...gateTypes]),
  onFailure: fc.constantFrom('hold', 'restore'),
  ownPause: fc.boolean(),
  minReadySeconds: fc.constantFrom(0, 5, 45),
});
type Setup = typeof setups extends fc.Arbitrary<infer S> ? S : never;

function worldOf({ strategy, way, hasCookie, gates, onFailure, ...setup }: Setup): World {
  const affinity = hasCookie ? { affinity: { cookieName: 'serin', maxAgeSeconds: 60 } } : {};
  const how = way === 'inPlace' ? ladder : strategy;
  const analysis = { ...aPlan().spec.analysis, strategy: how, gates: gates.map(gate), ...affinity };
  const failing = onFailure === 'hold' ? 'hold' : 'restore';
  const world = new World(
    aPlan({ analysis, onFailure: failing, promotion: way === 'inPlace' ? 'inPlace' : 'shift' }),
  );
  Object.assign(world, {
    routed: way === 'shift',
    rollsBy: way === 'inPlace' ? 1 : Number.POSITIVE_INFINITY,
  });
  world.state = { ...world.state, ownPause: setup.ownPause };
  world.main.minReadySeconds = setup.minReadySeconds;
  return world;
}

type Happening = (world: World) => void;
const rare = (
  arbitrary: fc.Arbitrary<Happening>,
): { weight: number; arbitrary: fc.Arbitrary<Happening> } => ({
  weight: 1,
  arbitrary,
});

const goesOn: fc.Arbitrary<Happening> = fc.integer({ min: 1, max: 30 }).map((looks) => (world: World) => {
  for (let each = 0; each < looks; each++) if (!world.look()) world.pass();
});
const crash: fc.Arbitrary<Happening> = fc
  .integer({ min: 0, max: 4 })
  .map((survives) => (world: World) => void world.look(survives));
const metrics: fc.Arbitrary<Happening> = fc
  .constantFrom<Health>('good', 'good', 'bad', 'unknown', 'broken')
  .map((health) => (world: World) => void (world.health = health));
const pods: fc.Arbitrary<Happening> = fc.boolean().map((up) => (world: World) => {
  world.twinComesUp = up;
  if (!up && world.twin !== undefined) world.twin.ready = 0;
});
const twinGone: fc.Arbitrary<Happening> = fc.constant((world: World) => {
  // The garbage collector leaves what has traffic to the controller; a person does not.
  world.twin = undefined;
});
const answers = (shut: AskedType | undefined): fc.Arbitrary<Happening> =>
  fc.tuple(fc.constantFrom(...gateTypes), fc.constantFrom('open', 'closed', 'error')).map(
    ([type, answer]): Happening =>
      (world) => {
        if (type !== shut)
          world.gates[type] = answer === 'open' ? 'open' : answer === 'error' ? 'error' : 'closed';
      },
  );
const suspended: fc.Arbitrary<Happening> = fc.boolean().map((is) => (world: World) => {
  world.plan = { ...world.plan, spec: { ...world.plan.spec, suspended: is } };
});
const scaled: fc.Arbitrary<Happening> = fc.constantFrom(1, 4, 7).map((replicas) => (world: World) => {
  const { main } = world;
  const isWhole = main.updated >= main.replicas;
  const updated = isWhole ? replicas : Math.min(main.updated, replicas);
  Object.assign(main, { replicas, ready: replicas, updated });
});
const superseded: fc.Arbitrary<Happening> = fc
  .constantFrom('third', 'fourth')
  .map((revision) => (world: World) => {
    const isKeptBack = ['Pending', 'Starting', 'Rolling', 'Progressing', 'Waiting', 'Promoting.Shift'];
    if (isKeptBack.includes(world.state.phase)) world.supersede(revision);
  });
const commands = (mayPromote: boolean): fc.Arbitrary<Happening> =>
  fc
    .constantFrom(...verbs.filter((verb) => mayPromote || verb !== 'promote'))
    .map((verb) => (world: World) => void says(world, verb));

const histories = fc
  .record({
    shut: fc.constantFrom(undefined, ...gateTypes.filter((type) => type !== 'rollback')),
    mayPromote: fc.boolean(),
  })
  .chain(({ shut, mayPromote }) =>
    fc.record({
      ...{ shut: fc.constant(shut), setup: setups },
      happenings: fc.array(
        fc.oneof(
          { weight: 6, arbitrary: goesOn },
          { weight: 3, arbitrary: crash },
          ...[metrics, pods, twinGone, answers(shut), suspended, scaled, superseded].map(rare),
          rare(commands(mayPromote)),
        ),
        { maxLength: 40 },
      ),
    }),
  );

/** All that could keep a rollout from its end is over. */
function allIsWell(world: World): World {
  Object.assign(world, { health: 'good', twinComesUp: true, gates: {} });
  world.plan = { ...world.plan, spec: { ...world.plan.spec, suspended: false } };
  if ('pause' in world.state) says(world, 'resume');
  return world.until('Succeeded', 'Failed', 'Aborted');
}

/** No check is counted that had not its time; before the first weight one is made at once. */
function countsOnce({ twin, state, now, plan }: World): void {
  if (!('needed' in state)) return;
  const most = (now - state.startedAt) / plan.spec.analysis.intervalMs + 1;
  const { ledger } = twin ?? {};
  if (ledger?.startedAt === state.startedAt) ok(ledger.ticks <= most, `${ledger.ticks} checks`);
  if (ledger !== undefined) ok(ledger.passed + ledger.failed <= ledger.ticks);
}

/** How far a rollout may come at most while a gate of that type stays shut, and nobody promotes it. */
function staysBehind(world: World, shut: AskedType): void {
  const { state, routed, plan } = world;
  const weight = 'weight' in state ? state.weight : 0;
  const isShare = state.phase === 'Rolling' || plan.spec.analysis.strategy.kind === 'weights';
  const isOver = state.phase === 'Succeeded' || state.phase.startsWith('Promoting');
  if (shut === 'confirm-promotion') ok(!isOver && weight < 100, state.phase);
  if (shut === 'confirm-rollout') ok(state.phase === 'Pending' || !('needed' in state), state.phase);
  if (shut === 'pre-rollout') ok(weight === 0 && !isOver, state.phase);
  if (shut === 'confirm-traffic-increase' && isShare && routed) ok(weight === 0 && !isOver, state.phase);
}

test('ends whatever happened once all is well, goes past no gate that never opened, and leaves nothing', () => {
  fc.assert(
    fc.property(histories, ({ setup, shut, happenings }) => {
      const world = worldOf(setup);
      const isShut = shut !== undefined && setup.gates.includes(shut);
      if (shut !== undefined) world.gates[shut] = 'closed';
      for (const happens of happenings) {
        happens(world);
        countsOnce(world);
        const isPromoted = world.events.some((each) => each.startsWith('promoted by'));
        if (isShut && !isPromoted) staysBehind(world, shut);
      }
      const { state, main, weight, beside, edited, twin } = allIsWell(world);
      deepEqual(
        { weight, beside, edited, twin },
        { weight: 0, beside: undefined, edited: false, twin: undefined },
      );
      const isKeptBack = state.phase === 'Failed' && main.restorable;
      deepEqual(main.paused, isKeptBack || setup.ownPause);
      if (!isKeptBack) deepEqual(main.updated, main.replicas);
      deepEqual(main.minReadySeconds, setup.minReadySeconds);
    }),
    { numRuns: 1_000 },
  );
});
