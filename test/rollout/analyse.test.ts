import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { World, routes } from './world.ts';

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

  test('a Service of the twin that somebody deleted takes its weight along, and has it back once proxies know it', () => {
    const world = new World();
    while (world.weight < 30) if (!world.look()) world.pass();
    world.servedSince = undefined;
    const from = world.log.length;
    const [deletedAt, settleMs] = [world.now, world.plan.settleMs];
    while (world.weight === 0 || world.log.length === from) if (!world.look()) world.pass();
    assert.deepEqual(world.log.slice(from), ['route 0', 'twin', 'route 30']);
    assert.ok(world.now >= deletedAt + settleMs);
    world.until('Succeeded');
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
    world.supersede('third');
    const from = world.log.length;
    while (world.weight !== 10) if (!world.look()) world.pass();
    assert.deepEqual(world.log.slice(from, from + 4), ['route 0', 'record', 'event', 'twin']);
    assert.equal(world.twin?.revision, 'third');
    assert.equal(world.twin?.ledger, undefined);
    world.until('Succeeded');
  });

  test('that is the same as the one on trial again begins anew: what was seen before is not counted twice', () => {
    const world = new World();
    while (world.weight < 30) if (!world.look()) world.pass();
    world.now += 1_000;
    world.supersede(world.state.revision);
    world.until('Promoting.Shift');
    assert.deepEqual([world.twin?.ledger?.passed, world.twin?.ledger?.ticks], [3, 3]);
  });

  test('the stable one ends the rollout as Aborted and restarts nothing (D9, flagger#1163)', () => {
    const world = new World();
    while (world.weight < 30) if (!world.look()) world.pass();
    const { v, revision, stableRevision, ownPause } = world.state;
    Object.assign(world.main, { paused: false, restorable: false, updated: 4 });
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
