import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { aPlan, World, routes } from './world.ts';

describe('a failing candidate', () => {
  test('is taken off the traffic before anything is written, drained, removed, and stays failed', () => {
    const world = new World();
    world.health = 'bad';
    world.until('Failed');
    const from = world.log.indexOf('route 0');
    assert.deepEqual(world.log.slice(from), [
      ...['route 0', 'ledger', 'record', 'event'],
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

  test('fails soon when it crash-loops while its pods are waited for: nothing tells of a pod that crashes again', () => {
    for (const from of ['Starting', 'Progressing', 'Promoting.Shift'] as const) {
      const world = new World();
      world.until(from);
      world.twinComesUp = false;
      world.pass();
      while (world.look());
      world.trouble = 'container app crash-loops';
      const then = world.now;
      world.pass();
      world.until('Failed');
      assert.ok(world.now - then <= 10_000, `${from}: ${world.now - then} ms`);
    }
  });

  test('keeps its reason when the record of it did not get through', () => {
    for (const isReset of [false, true]) {
      const world = new World();
      world.health = 'bad';
      while (world.weight === 0) if (!world.look()) world.pass();
      while (world.weight > 0) if (!world.look(2)) world.pass();
      // Whoever puts the routes back as they were does not put the candidate back.
      if (isReset) Object.assign(world, { weight: 10, rolledBack: undefined });
      world.health = 'good';
      world.until('Failed');
      const { state } = world;
      assert.match(state.phase === 'Failed' ? state.message : '', /^failed checks threshold reached \(3\): /);
      assert.equal(world.weight, 0);
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
