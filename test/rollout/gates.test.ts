import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { routes } from './world.ts';
import { gated, goOn, messageOf } from './worlds.ts';

describe('gates', () => {
  test('confirm-rollout: nothing is made while it is closed', () => {
    const world = gated('confirm-rollout');
    world.gates = { 'confirm-rollout': 'closed' };
    goOn(world, 30);
    deepEqual([world.state.phase, world.log], ['Pending', ['record', 'event']]);
    world.gates = {};
    world.until('Succeeded');
  });

  test('pre-rollout: closed is a failed check, and no answer is none', () => {
    const world = gated('pre-rollout');
    world.gates = { 'pre-rollout': 'error' };
    goOn(world, 60);
    deepEqual([world.state.phase, world.twin?.ledger?.failed], ['Starting', 0]);
    world.gates = { 'pre-rollout': 'closed' };
    world.until('Failed');
    deepEqual(routes(world), []);
  });

  test('pre-rollout: is asked for each candidate, whatever the last check of the one before came to', () => {
    const world = gated('pre-rollout');
    world.health = 'unknown';
    while (world.twin?.ledger?.last?.verdict !== 'inconclusive') if (!world.look()) world.pass();
    const ledger = world.twin?.ledger;
    world.supersede('third');
    world.gates = { 'pre-rollout': 'closed' };
    while (world.twin?.revision !== 'third') if (!world.look()) world.pass();
    // It stands on main, until the next candidate has evidence of its own.
    Object.assign(world.twin, { ledger });
    world.until('Failed');
    deepEqual([world.weight, world.asked.filter((type) => type === 'pre-rollout').length > 1], [0, true]);
  });

  test('rollout: closed fails the check with its sentence', () => {
    const world = gated('rollout');
    world.gates = { rollout: 'closed' };
    world.until('Failed');
    match(messageOf(world), /gate rollout \(rollout\) is closed: so/);
  });

  test('confirm-traffic-increase: holds the weight, and nothing before it is asked again (flagger#1248)', () => {
    const world = gated('pre-rollout', 'confirm-traffic-increase');
    while (world.weight === 0) if (!world.look()) world.pass();
    world.gates = { 'confirm-traffic-increase': 'closed' };
    world.until('Waiting');
    goOn(world, 60);
    deepEqual([world.state.phase, world.weight], ['Waiting', 10]);
    equal(world.asked.filter((type) => type === 'pre-rollout').length, 1);
    world.gates = {};
    world.until('Succeeded');
  });

  test('confirm-traffic-increase: holds the first weight too, without a failed check, for longer than any deadline', () => {
    const world = gated('pre-rollout', 'confirm-traffic-increase');
    world.gates = { 'confirm-traffic-increase': 'closed' };
    goOn(world, 100);
    ok(world.now - 1_000_000 > world.plan.spec.progressDeadlineMs);
    const { failed, passed } = world.twin?.ledger ?? {};
    deepEqual([world.state.phase, world.weight, failed, passed], ['Starting', 0, 0, 0]);
    match(messageOf(world), /^no traffic yet: gate confirm-traffic-increase .* is closed/);
    equal(world.asked.filter((type) => type === 'pre-rollout').length, 1);
    equal(world.events.filter((each) => each.startsWith('no traffic yet')).length, 1);
    // Pods that are lost meanwhile have the time that pods have.
    world.twinComesUp = false;
    goOn(world, 10);
    equal(world.state.phase, 'Starting');
    Object.assign(world, { twinComesUp: true, gates: {} });
    world.until('Succeeded');
  });

  test('confirm-promotion: checks go on, the weight is told as it is (D7), and it may still be rolled back (flagger#1450)', () => {
    const world = gated('confirm-promotion');
    world.gates = { 'confirm-promotion': 'closed' };
    world.until('Waiting');
    deepEqual('weight' in world.state && world.state.weight, 50);
    const ticks = world.twin?.ledger?.ticks ?? 0;
    goOn(world, 30);
    ok((world.twin?.ledger?.ticks ?? 0) > ticks);
    world.health = 'bad';
    world.until('Failed');
  });

  for (const holds of ['confirm-rollout', 'confirm-promotion'] as const)
    test(`rollback: is heard while ${holds} holds (D10)`, () => {
      const world = gated(holds, 'rollback');
      world.gates = { [holds]: 'closed' };
      goOn(world, 80);
      world.gates = { [holds]: 'closed', rollback: 'open' };
      world.until('Failed');
      equal(messageOf(world), 'rolled back by gate rollback');
    });
});
