import { deepEqual, equal, match } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { routes, World } from './world.ts';
import { gated, goOn, messageOf, planned, says } from './worlds.ts';

describe('commands', () => {
  test('promote takes all the pods before all the traffic', () => {
    const world = says(new World().until('Progressing'), 'promote');
    world.until('Succeeded');
    equal(routes(world).at(-2), 'route 100');
  });

  test('promote passes a gate that is closed', () => {
    const world = gated('confirm-rollout');
    world.gates = { 'confirm-rollout': 'closed' };
    says(goOn(world, 5), 'promote').until('Succeeded');
  });

  test('abort fails the candidate, with who and why', () => {
    const world = says(new World().until('Progressing'), 'abort', { reason: 'wrong build' }).until('Failed');
    equal(messageOf(world), 'aborted by bob: wrong build');
  });

  test('pause holds the weight while checks go on, and resume lets it rise', () => {
    const world = new World();
    while (world.weight === 0) if (!world.look()) world.pass();
    goOn(says(world, 'pause'), 60);
    deepEqual([world.weight, (world.twin?.ledger?.passed ?? 0) > 3], [10, true]);
    says(world, 'resume').until('Succeeded');
  });

  test('a pause before the first weight keeps it from coming', () => {
    const world = goOn(says(new World().until('Starting'), 'pause'), 40);
    deepEqual([world.state.phase, routes(world)], ['Starting', []]);
  });

  test('a pause before the first weight stops the time for its pods, and resume gives them all of it', () => {
    const world = new World();
    world.twinComesUp = false;
    says(world.until('Starting'), 'pause');
    while (world.now < 1_000_000 + 2 * world.plan.spec.progressDeadlineMs) if (!world.look()) world.pass();
    equal(world.state.phase, 'Starting');
    goOn(says(world, 'resume'), 10);
    equal(world.state.phase, 'Starting');
    world.twinComesUp = true;
    world.until('Succeeded');
  });

  test('retry begins anew, with no evidence and no mark', () => {
    const world = new World();
    world.health = 'bad';
    world.until('Failed');
    world.health = 'good';
    says(world, 'retry');
    equal(world.state.phase, 'Pending');
    world.until('Succeeded');
  });

  test('a command keeps a hold that somebody took off', () => {
    const world = new World().until('Progressing');
    world.main.paused = false;
    says(world, 'abort');
    deepEqual([world.state.phase, world.main.paused], ['RollingBack', true]);
  });

  test('what makes no sense is ignored with a sentence', () => {
    const world = new World().until('Succeeded');
    for (const verb of ['promote', 'abort', 'pause', 'resume', 'retry'] as const) {
      says(world, verb);
      equal(world.state.phase, 'Succeeded');
      match(world.events.at(-1) ?? '', /Succeeded/);
    }
  });

  test('nothing is promoted while the plan is suspended', () => {
    const world = says(planned({}, { suspended: true }), 'promote');
    equal(world.state.phase, 'Pending');
  });
});

describe('a group', () => {
  const others = (
    phase: 'Progressing' | 'Promoting.Shift' | 'Promoting.Roll' | 'Failed',
    shifted = false,
  ) => ({
    name: 'shop',
    members: [{ name: 'api', phase, passed: phase !== 'Progressing' && phase !== 'Failed', shifted }],
  });

  test('waits for all to pass, then for all to shift, then rolls', () => {
    const world = new World();
    world.group = others('Progressing');
    world.until('Waiting');
    match(messageOf(world), /waits for api of group shop/);
    world.group = others('Promoting.Shift');
    goOn(world, 60);
    deepEqual([world.state.phase, world.weight], ['Promoting.Shift', 100]);
    world.group = others('Promoting.Shift', true);
    world.until('Succeeded');
  });

  test('falls with a member that fails before any rolls, and with none after', () => {
    const world = new World().until('Progressing');
    world.group = others('Failed');
    world.until('Failed');
    const late = new World();
    late.group = {
      name: 'shop',
      members: [...others('Failed').members, ...others('Promoting.Roll').members],
    };
    late.until('Succeeded');
  });
});
