import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { step } from '../../src/rollout/step.ts';
import type { State } from '../../src/rollout/types.ts';
import { aPlan, type Health, World } from './world.ts';

const routes = (world: World): readonly string[] => world.log.filter((line) => line.startsWith('route'));

describe('a healthy candidate', () => {
  test('climbs the ladder, carries everything, and main rolls while it has no traffic', () => {
    const world = new World().until('Succeeded');
    assert.deepEqual(
      world.log.filter(
        (line) => line.startsWith('route') || ['unhold', 'unroute', 'remove-twin'].includes(line),
      ),
      ['route 10', 'route 30', 'route 50', 'route 100', 'unhold', 'route 0', 'unroute', 'remove-twin'],
    );
    assert.equal(world.main.paused, false);
    assert.equal(world.twin, undefined);
  });

  test('is given pods before weight: one for 10 %, two for 30 and 50 % of four, four for everything', () => {
    const replicas: [number, number][] = [];
    const world = new World();
    while (world.state.phase !== 'Promoting.Roll') {
      if (!world.look()) world.pass();
      replicas.push([world.weight, world.twin?.replicas ?? 0]);
    }
    const least = new Map<number, number>();
    for (const [weight, pods] of replicas.filter(([each]) => each > 0))
      least.set(weight, Math.min(pods, least.get(weight) ?? pods));
    assert.deepEqual(
      [...least],
      [
        [10, 1],
        [30, 2],
        [50, 2],
        [100, 4],
      ],
    );
  });

  test('takes an interval for each weight, neither more nor less, when looked at all the time', () => {
    const world = new World();
    const at = new Map<number, number>();
    while (world.weight < 100) {
      if (!world.look()) {
        world.now += 1_000;
        if (world.twin !== undefined) world.twin.ready = world.twin.replicas;
      }
      if (!at.has(world.weight)) at.set(world.weight, world.now);
    }
    const times = [10, 30, 50, 100].map((weight) => at.get(weight) ?? 0);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    assert.ok(
      gaps.every((gap) => gap >= 60_000 && gap <= 63_000),
      `gaps ${gaps.join(', ')}`,
    );
  });

  test('gives traffic back to a main that a scaler shrank only as its pods come back (flagger#1600)', () => {
    const world = new World();
    world.main.scaler = true;
    world.until('Promoting.Return');
    world.main = { ...world.main, replicas: 2, ready: 2, updated: 2 };
    while (world.main.replicas === 2) if (!world.look()) world.now += 1_000;
    assert.equal(world.main.replicas, 4, 'main is asked for the pods that served when the rollout began');
    world.look();
    assert.equal(world.weight, 50, 'two of four pods carry half');
    world.main.ready = 3;
    world.look();
    assert.equal(world.weight, 25);
    world.main.ready = 4;
    world.main.updated = 4;
    world.until('Succeeded');
    assert.equal(world.weight, 0);
  });

  test('keeps the traffic where main fails to roll, and says so once (flagger#1898)', () => {
    const world = new World();
    world.until('Promoting.Roll');
    world.mainComesUp = false;
    for (let looks = 0; looks < 200; looks++) if (!world.look()) world.pass();
    assert.equal(world.state.phase, 'Promoting.Roll');
    assert.match(
      'message' in world.state ? world.state.message : '',
      /^promotion stuck: 0 of 4 pods run the new version/,
    );
    assert.equal(world.weight, 100);
    assert.equal(world.log.filter((line) => line === 'event').length, 6);
    world.mainComesUp = true;
    world.until('Succeeded');
  });

  test('takes a main that a person scaled down at its word, and one scaled to zero too', () => {
    for (const replicas of [1, 0]) {
      const world = new World();
      world.until('Promoting.Roll');
      world.main.replicas = replicas;
      world.until('Succeeded');
      assert.equal(world.main.replicas, replicas);
    }
  });
});

describe('a failing candidate', () => {
  test('is taken off the traffic before anything is written, drained, removed, and stays failed', () => {
    const world = new World();
    world.health = 'bad';
    world.until('Failed');
    const from = world.log.indexOf('route 0');
    assert.deepEqual(world.log.slice(from), [
      ...['route 0', 'record', 'event'],
      'record',
      ...['unroute', 'remove-twin', 'record', 'condition'],
    ]);
    assert.deepEqual(routes(world), ['route 10', 'route 0']);
    assert.equal(world.main.paused, true, 'the hold stays on: the candidate is still in the template');
    const { state } = world;
    assert.equal(
      state.phase === 'Failed' && state.message.startsWith('failed checks threshold reached (3): '),
      true,
    );
  });

  test('is replaced by the stable template where the plan says restore', () => {
    const world = new World(aPlan({ onFailure: 'restore' }));
    world.health = 'bad';
    world.until('Failed');
    assert.ok(world.log.includes('restore'));
    assert.ok(!world.log.includes('condition'));
  });

  test('fails without statistics when its pods never come up', () => {
    const world = new World();
    world.twinComesUp = false;
    world.until('Failed');
    assert.deepEqual(routes(world), []);
    assert.ok(world.now - 1_000_000 <= 610_000, 'by the deadline');
  });

  test('fails at once when it crash-loops, on trial or before', () => {
    for (const from of ['Starting', 'Progressing', 'Promoting.Shift'] as const) {
      const world = new World();
      world.until(from);
      world.trouble = 'container app crash-loops';
      const then = world.now;
      world.until('Failed');
      assert.ok(world.now - then <= 10_000);
    }
  });

  test('that lost its traffic just before the controller died is never let back in', () => {
    const world = new World();
    world.until('Progressing');
    while (world.weight === 0) if (!world.look()) world.pass();
    world.health = 'bad';
    while (world.weight > 0) if (!world.look(1)) world.pass();
    assert.equal(world.state.phase, 'Progressing', 'the decision was not recorded');
    world.health = 'good';
    world.until('Failed');
    assert.deepEqual(
      routes(world).filter((line) => line !== 'route 0'),
      ['route 10'],
    );
  });
});

describe('what is not known', () => {
  for (const health of ['unknown', 'broken'] as const) {
    test(`holds the weight when the metrics are ${health}, and goes on when they are back`, () => {
      const world = new World();
      world.health = health;
      world.until('Waiting');
      assert.equal(world.weight, 10);
      for (let looks = 0; looks < 300; looks++) if (!world.look()) world.pass();
      assert.equal(world.state.phase, 'Waiting');
      assert.equal(world.weight, 10);
      assert.equal(world.twin?.ledger?.failed, 0);
      world.health = 'good';
      world.until('Succeeded');
    });
  }

  test('weight goes to zero at once when every twin pod is lost, and comes back with them', () => {
    const world = new World();
    while (world.weight === 0) if (!world.look()) world.pass();
    if (world.twin !== undefined) world.twin.ready = 0;
    world.look();
    assert.equal(world.weight, 0);
    world.pass();
    world.look();
    assert.equal(world.weight, 10);
  });

  test('a deleted twin is started again with no evidence', () => {
    const world = new World();
    while (world.weight === 0) if (!world.look()) world.pass();
    world.twin = undefined;
    world.look();
    assert.equal(world.weight, 0);
    assert.equal(world.state.phase, 'Starting');
    world.until('Succeeded');
  });

  test('drift in the routes is repaired to the weight that stands in the state', () => {
    const world = new World();
    while (world.weight < 30) if (!world.look()) world.pass();
    world.weight = 0;
    world.look();
    assert.equal(world.weight, 30);
  });

  test('a hold that somebody took off is put back before anything else', () => {
    const world = new World();
    world.until('Progressing');
    world.main.paused = false;
    world.look();
    assert.equal(world.main.paused, true);
    assert.equal(world.state.phase, 'Progressing');
  });
});

describe('no traffic to split', () => {
  test('the plan is checked as often as the ladder has weights, then main rolls', () => {
    const world = new World();
    world.routed = false;
    world.until('Succeeded');
    assert.equal(routes(world).length, 0);
    assert.ok(world.now - 1_000_000 >= 3 * 60_000);
  });

  test('a bad check fails the candidate all the same', () => {
    const world = new World();
    world.routed = false;
    world.health = 'bad';
    world.until('Failed');
  });
});

describe('another template', () => {
  test('supersedes: traffic goes first, then the twin runs the new one with no evidence', () => {
    const world = new World();
    while (world.weight < 30) if (!world.look()) world.pass();
    world.state = {
      v: 1,
      phase: 'Pending',
      revision: 'third',
      stableRevision: 'old',
      actor: 'bob',
      ownPause: false,
    };
    const from = world.log.length;
    while (world.weight !== 10) if (!world.look()) world.pass();
    assert.deepEqual(world.log.slice(from, from + 4), ['route 0', 'record', 'event', 'twin']);
    assert.equal(world.twin?.revision, 'third');
    assert.equal(world.twin?.ledger, undefined);
    world.until('Succeeded');
  });

  test('the stable one ends the rollout as Aborted and restarts nothing', () => {
    const world = new World();
    while (world.weight < 30) if (!world.look()) world.pass();
    const { v, revision, stableRevision, ownPause } = world.state;
    world.main.paused = false;
    world.main.updated = 4;
    world.state = {
      ...{ v, revision, stableRevision, ownPause, actor: 'ann', phase: 'RollingBack', ending: 'Aborted' },
      message: 'the stable template was applied again by ann',
    };
    const from = world.log.length;
    world.until('Aborted');
    assert.deepEqual(world.log.slice(from), [
      'route 0',
      'record',
      'unroute',
      'remove-twin',
      'event',
      'record',
    ]);
  });
});

const health = fc.constantFrom<Health>('good', 'bad', 'unknown', 'broken');
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), after: fc.integer({ min: 0, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('health' as const), health }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('twin-lost' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drift' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock-back' as const) }) },
);

describe('any history', () => {
  const ladder = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 });
  test('keeps every invariant of the world, ends when the faults end, and never lets a failed candidate back in', () => {
    fc.assert(
      fc.property(ladder, fc.array(happening, { maxLength: 120 }), (weights, events) => {
        const world = new World(
          aPlan(
            {},
            weights.sort((a, b) => a - b),
          ),
        );
        let failed = false;
        for (const event of events) {
          if (event.kind === 'look') world.look();
          if (event.kind === 'crash') world.look(event.after);
          if (event.kind === 'pass') world.pass();
          if (event.kind === 'health') world.health = event.health;
          if (event.kind === 'twin-lost' && world.twin !== undefined) world.twin.ready = 0;
          if (event.kind === 'drift' && world.main.ready > 0) world.weight = Math.min(world.weight, 5);
          if (event.kind === 'clock-back') world.now -= 3_600_000;
          failed ||= world.rolledBack === world.state.revision;
        }
        world.health = failed ? 'good' : world.health === 'bad' ? 'bad' : 'good';
        const before = world.log.length;
        world.until('Succeeded', 'Failed');
        if (!failed) return;
        assert.equal(world.state.phase, 'Failed');
        assert.ok(world.log.slice(before).every((line) => !line.startsWith('route') || line === 'route 0'));
      }),
      { numRuns: 300 },
    );
  });

  test('asks for the same again when nothing came of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), health, (looks, then) => {
        const world = new World();
        world.health = then;
        for (let i = 0; i < looks; i++) if (!world.look()) world.pass();
        const seen = world.observe();
        const once = step(world.plan, world.state, seen, world.now);
        assert.deepEqual(step(world.plan, world.state, seen, world.now), once);
      }),
    );
  });

  test('the ended states ask for nothing', () => {
    const { v, revision, stableRevision, actor, ownPause } = new World().state;
    for (const phase of ['Succeeded', 'Aborted'] as const) {
      const state: State = {
        v,
        revision,
        stableRevision,
        actor,
        ownPause,
        phase,
        startedAt: 1,
        endedAt: 2,
        message: '',
      };
      assert.deepEqual(step(aPlan(), state, new World().observe(), 3), { state, actions: [] });
    }
  });
});
