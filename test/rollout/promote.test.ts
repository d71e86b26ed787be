import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { World } from './world.ts';

describe('a Service that is not there', () => {
  test('is given nothing though routes come up while main rolls', () => {
    const world = new World();
    world.routed = false;
    world.until('Promoting.Roll');
    world.routed = true;
    world.servedSince = undefined;
    world.until('Succeeded');
    assert.deepEqual(
      world.log.filter((line) => line.startsWith('route')),
      [],
    );
  });

  test('loses the traffic to a main that has pods while it rolls', () => {
    const world = new World();
    world.mainComesUp = false;
    world.until('Promoting.Roll');
    while (world.main.paused) if (!world.look()) world.pass();
    world.main.ready = 2;
    world.servedSince = undefined;
    world.look();
    assert.equal(world.weight, 0);
  });
});

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
    const world = shrunk();
    assert.equal(world.weight, 50, 'two of four pods carry half');
    assert.equal(world.main.replicas, 4, 'main is asked for the pods that served when the rollout began');
    world.main.ready = 3;
    world.look();
    assert.equal(world.weight, 25);
    world.main.ready = 4;
    world.main.updated = 4;
    world.until('Succeeded');
    assert.equal(world.weight, 0);
    assert.equal(world.log.filter((line) => line === 'scale-main').length, 1);
  });

  test('goes on in small steps where the scaler is content with fewer pods than before, and asks no second time', () => {
    const world = shrunk();
    const given = new Map<number, number>();
    while (world.state.phase === 'Promoting.Return') {
      world.main = { ...world.main, replicas: 2, ready: 2, updated: 2 };
      if (!world.look()) world.now += 1_000;
      if (!given.has(world.weight)) given.set(world.weight, world.now);
    }
    assert.deepEqual([...given.keys()], [50, 40, 28, 14, 0]);
    const times = [...given.values()];
    assert.ok(times.slice(1).every((at, i) => at - (times[i] ?? 0) >= 29_000));
    assert.equal(world.log.filter((line) => line === 'scale-main').length, 1);
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

/** A main with a scaler that left it two pods of four while it had no traffic; the first weight is back on it. */
function shrunk(): World {
  const world = new World();
  world.main.scaler = true;
  world.until('Promoting.Return');
  world.main = { ...world.main, replicas: 2, ready: 2, updated: 2 };
  while (world.weight === 100) if (!world.look()) world.now += 1_000;
  return world;
}
