import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command, Verb } from '../../src/rollout/command.ts';
import type { Gate, GateType } from '../../src/rollout/gate.ts';
import type { Beside, Strategy } from '../../src/rollout/strategy.ts';
import type { Plan } from '../../src/rollout/types.ts';
import { aPlan, routes, World } from './world.ts';

function planned(analysis: Partial<Plan['spec']['analysis']>, spec: Partial<Plan['spec']> = {}): World {
  return new World(aPlan({ ...spec, analysis: { ...aPlan().spec.analysis, ...analysis } }));
}

const by = (strategy: Strategy): World => planned({ strategy });

function gated(...types: readonly GateType[]): World {
  const gate = {
    url: 'http://gate',
    timeoutMs: 1,
    retries: 0,
    muteAlert: false,
    disableTls: false,
    metadata: {},
  };
  return planned({ gates: types.map((type): Gate => ({ ...gate, name: type, type })) });
}

function goOn(world: World, looks: number): World {
  for (let each = 0; each < looks; each++) if (!world.look()) world.pass();
  return world;
}

function says(world: World, verb: Verb, change: Partial<Command> = {}): World {
  world.command = { v: 1, do: verb, actor: 'bob', revision: world.state.revision, ...change };
  world.look();
  equal(world.command, undefined, 'a command is obeyed or ignored at once');
  return world;
}

const messageOf = ({ state }: World): string => ('message' in state ? (state.message ?? '') : '');

/** What the twin was given beside its weight, in order, without what stayed as it was. */
function besides(world: World): readonly (readonly [weight: number, beside: Beside | undefined])[] {
  const seen: (readonly [number, Beside | undefined])[] = [];
  for (let looks = 0; looks < 600 && world.state.phase !== 'Succeeded'; looks++) {
    if (!world.look()) world.pass();
    const last = seen.at(-1);
    if (last?.[0] !== world.weight || JSON.stringify(last[1]) !== JSON.stringify(world.beside))
      seen.push([world.weight, world.beside]);
  }
  return seen;
}

describe('ways to give a candidate traffic', () => {
  test('copies go to it for one check, then the weights begin without', () => {
    deepEqual(besides(by({ kind: 'weights', weights: [20], mirror: 50 })), [
      [0, undefined],
      [0, { mirror: 50 }],
      [20, undefined],
      [100, undefined],
      [0, undefined],
    ]);
  });

  test('blue/green gives it nothing until every check has passed, and then everything', () => {
    const world = by({ kind: 'iterations', iterations: 4 }).until('Progressing');
    equal(world.twin?.replicas, 4, 'all the pods from the start');
    world.until('Succeeded');
    deepEqual(routes(world), ['route 100', 'route 0']);
    ok(world.now - 1_000_000 >= 4 * 60_000);
  });

  test('A/B gives it who matches, and everybody before main rolls (flagger#1752)', () => {
    const matches = [{ headers: { 'x-user': { exact: 'insider' } } }];
    const given = besides(by({ kind: 'iterations', iterations: 2, match: matches }));
    deepEqual(given, [
      [0, undefined],
      [0, { match: matches }],
      [100, undefined],
      [0, undefined],
    ]);
  });

  test('a cookie keeps users with it while the weight is between nothing and everything', () => {
    const affinity = { cookieName: 'serin', maxAgeSeconds: 60 };
    const given = besides(planned({ affinity }));
    for (const [weight, beside] of given)
      deepEqual(beside, weight > 0 && weight < 100 ? { affinity: { ...affinity, value: 'new' } } : undefined);
  });

  test('nothing is left beside the weight of a candidate that failed', () => {
    const world = by({ kind: 'iterations', iterations: 2, match: [{}] });
    world.health = 'bad';
    world.until('RollingBack');
    deepEqual([world.weight, world.beside], [0, undefined]);
  });

  test('traffic goes back to main by the step of the plan, one each interval, and never stays on the way (D2)', () => {
    const world = by({ kind: 'weights', weights: [50], promotionStep: 30 }).until('Promoting.Return');
    const from = routes(world).length;
    const begins = world.now;
    world.until('Succeeded');
    deepEqual(routes(world).slice(from), ['route 70', 'route 40', 'route 10', 'route 0']);
    ok(world.now - begins >= 3 * 60_000);
  });

  test('checks that nothing is sent to say what would help', () => {
    const world = by({ kind: 'iterations', iterations: 2 });
    world.health = 'unknown';
    world.until('Waiting');
    match(messageOf(world), /mirror requests, make load with a gate of type rollout/);
  });

  test('skipping the analysis takes all the pods first, and no check', () => {
    const world = planned({}, { skipAnalysis: true });
    world.health = 'bad';
    world.until('Succeeded');
    deepEqual(routes(world), ['route 100', 'route 0']);
  });

  test('a plan that is suspended begins nothing, says so once, and goes on when it is not', () => {
    const world = goOn(planned({}, { suspended: true }), 20);
    equal(world.state.phase, 'Pending');
    match(messageOf(world), /suspended by the plan/);
    deepEqual(world.log, ['record', 'event']);
  });
});

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

  test('rollout: closed fails the check with its sentence', () => {
    const world = gated('rollout');
    world.gates = { rollout: 'closed' };
    world.until('Failed');
    match(messageOf(world), /gate rollout \(rollout\) is closed: so/);
  });

  test('confirm-traffic-increase: holds the weight, and nothing before it is asked again (flagger#1248)', () => {
    const world = gated('pre-rollout', 'confirm-traffic-increase');
    world.gates = { 'confirm-traffic-increase': 'closed' };
    world.until('Waiting');
    goOn(world, 60);
    deepEqual([world.state.phase, world.weight], ['Waiting', 10]);
    equal(world.asked.lastIndexOf('pre-rollout') < world.asked.indexOf('confirm-traffic-increase'), true);
    world.gates = {};
    world.until('Succeeded');
  });

  test('confirm-promotion: checks go on, the weight is told as it is (D7), and it may still be rolled back', () => {
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
