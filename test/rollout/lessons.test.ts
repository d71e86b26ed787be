// What went wrong with others where the machine decides: Flagger's defects (D..) and what its users met (flagger#..).
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { routes, World } from './world.ts';
import { by, gated, goOn, messageOf } from './worlds.ts';

/** At that weight, which was given just now. */
function at(weight: number, world = new World()): World {
  for (let looks = 0; world.weight !== weight && looks < 300; looks++) if (!world.look()) world.pass();
  equal(world.weight, weight);
  return world;
}

const weightsOf = (world: World, weights: readonly number[]): void => {
  const { spec } = world.plan;
  const analysis = { ...spec.analysis, strategy: { kind: 'weights', weights } as const };
  world.plan = { ...world.plan, spec: { ...spec, analysis } };
};

describe('Flagger', () => {
  for (const survives of [0, 1, 2, 3])
    test(`a version that comes after a failure is tried from the first weight, though we die after ${survives} actions (D1)`, () => {
      const world = new World();
      world.health = 'bad';
      world.until('Failed');
      world.supersede('third');
      world.health = 'good';
      world.look(survives);
      const from = routes(world).length;
      world.until('Succeeded');
      deepEqual(
        routes(world)
          .slice(from)
          .filter((line) => line !== 'route 0'),
        ['route 10', 'route 30', 'route 50', 'route 100'],
      );
    });

  test('drift is repaired to the weight there was: no evidence is lost, and nothing is asked again (D3)', () => {
    const world = at(30, gated('pre-rollout'));
    const { passed } = world.twin?.ledger ?? {};
    Object.assign(world, { weight: 0, beside: undefined });
    world.look();
    deepEqual([world.weight, world.twin?.ledger?.passed], [30, passed]);
    world.until('Succeeded');
    equal(world.asked.filter((type) => type === 'pre-rollout').length, 1);
  });

  test('a template that comes while everything moves is promoted by no check of another (D8)', () => {
    const world = new World().until('Promoting.Shift');
    const from = world.log.length;
    world.supersede('third');
    world.until('Promoting.Shift');
    deepEqual([world.twin?.ledger?.passed, world.main.paused], [3, true]);
    deepEqual(
      world.log.slice(from).filter((line) => line === 'unhold' || line.startsWith('route')),
      ['route 0', 'route 10', 'route 30', 'route 50'],
    );
  });

  test('weights that are edited mid-run go on from the weight there is, by one check each (D11)', () => {
    const world = at(30);
    weightsOf(world, [5, 35, 60]);
    world.until('Promoting.Shift');
    deepEqual(routes(world), ['route 10', 'route 30', 'route 35', 'route 60']);
  });

  test('weights that end below the one there is are at their end, and still take the check that is due (D11)', () => {
    const world = at(30);
    const then = world.now;
    weightsOf(world, [5, 10]);
    world.until('Promoting.Shift');
    ok(world.now - then >= world.plan.spec.analysis.intervalMs);
    deepEqual(routes(world), ['route 10', 'route 30']);
  });

  test('a restart and an edit of the interval give no step before its time (D14)', () => {
    const world = at(10);
    const then = world.now;
    const { spec } = world.plan;
    world.plan = { ...world.plan, spec: { ...spec, analysis: { ...spec.analysis, intervalMs: 300_000 } } };
    // Nothing is kept between two looks but what is written: each is the first after a restart.
    while (world.weight === 10) if (!world.look()) world.now += 7_000;
    ok(world.now - then >= 300_000);
  });

  test('a promotion that cannot go on keeps the traffic on what is healthy, and so does what is applied then (D17)', () => {
    const world = new World().until('Promoting.Roll');
    world.mainComesUp = false;
    goOn(world, 200);
    match(messageOf(world), /^promotion stuck/);
    // The earlier template is applied: main rolls back to it, and has the traffic once it has pods.
    ok(world.state.phase === 'Promoting.Roll');
    world.state = { ...world.state, ending: 'Aborted', since: world.now, message: '' };
    goOn(world, 50);
    deepEqual([world.weight, world.twin?.ready], [100, 4]);
    world.mainComesUp = true;
    world.until('Aborted');
    deepEqual([world.weight, world.twin], [0, undefined]);
  });
});

describe('a version that ran before', () => {
  test('is asked for once the rollout is over, and named where that is said', () => {
    for (const health of ['good', 'bad'] as const) {
      const world = new World();
      world.health = health;
      world.until('Succeeded', 'Failed');
      const { phase } = world.state;
      world.command = { v: 1, do: 'rollback', actor: 'bob', revision: 'new', to: 'older' };
      world.look();
      deepEqual([world.log.at(-1), world.command, world.state.phase], ['go-back', undefined, phase]);
    }
  });

  test('is promoted without checks and gates, with all the pods first', () => {
    const world = gated('confirm-rollout', 'pre-rollout', 'rollout');
    world.state = { ...world.state, known: true };
    world.health = 'bad';
    world.gates = { rollout: 'closed', 'confirm-rollout': 'closed' };
    world.until('Succeeded');
    deepEqual([routes(world), world.asked], [['route 100', 'route 0'], []]);
  });

  test('is the stable one while another is on trial: that one is given up, unless a third is named', () => {
    const world = at(30);
    world.command = { v: 1, do: 'rollback', actor: 'bob', revision: 'new', to: 'older' };
    world.look();
    equal(world.events.at(-1), 'revision new is on trial: abort it first, or apply the earlier template');
    world.command = { v: 1, do: 'rollback', actor: 'bob', revision: 'new', to: 'old' };
    world.look();
    deepEqual([world.state.phase, world.weight], ['RollingBack', 0]);
    equal(messageOf(world.until('Failed')), 'aborted by bob');
  });

  test('cannot be had while main rolls', () => {
    const world = new World().until('Promoting.Roll');
    world.command = { v: 1, do: 'rollback', actor: 'bob', revision: 'new' };
    world.look();
    match(world.events.at(-1) ?? '', /^the promotion is under way/);
    world.until('Succeeded');
  });
});

test('retry begins anew though the routes say still that its weight was taken', () => {
  const world = by({ kind: 'weights', weights: [20] });
  world.health = 'bad';
  world.until('Failed');
  // A re-sync put back what stood there.
  Object.assign(world, { edited: true, rolledBack: 'new', health: 'good' });
  world.command = { v: 1, do: 'retry', actor: 'bob', revision: 'new' };
  const from = routes(world).length;
  world.until('Succeeded');
  deepEqual(routes(world).slice(from), ['route 0', 'route 20', 'route 100', 'route 0']);
});
