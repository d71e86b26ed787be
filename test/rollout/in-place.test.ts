import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Member } from '../../src/rollout/types.ts';
import { gated, heldAt, inPlace, main } from './shares.ts';
import type { World } from './world.ts';
import { goOn, messageOf, says } from './worlds.ts';

describe('promotion in place', () => {
  test('goes through the shares, holds each for a check, and there is neither twin nor route', () => {
    const world = inPlace();
    const shares = new Set<number>();
    const times: number[] = [];
    for (let looks = 0; looks < 300 && world.state.phase !== 'Succeeded'; looks++) {
      if (world.main.paused && !shares.has(world.main.updated)) times.push(world.now);
      if (world.main.paused) shares.add(world.main.updated);
      if (!world.look()) world.pass();
    }
    deepEqual([...shares], [0, 1, 3, 5]);
    ok(times.slice(2).every((at, index) => at - (times[index + 1] ?? 0) >= 60_000));
    deepEqual(main(world), { paused: false, runs: 'new', isWhole: true });
    deepEqual(
      world.log.filter((line) => line.startsWith('route') || line.includes('twin')),
      [],
    );
  });

  test('a failed check is one of the threshold, and a good one after it goes on', () => {
    const world = heldAt(inPlace(), 1);
    world.health = 'bad';
    while (world.state.phase === 'Rolling' && world.state.checks.failed < 2) if (!world.look()) world.pass();
    world.health = 'good';
    world.until('Succeeded');
    equal(world.events.filter((each) => each.startsWith('halt at 10 % of the pods')).length, 2);
  });

  test('the threshold puts stable back at once, and has failed when its pods are back', () => {
    const world = heldAt(inPlace(), 3);
    world.health = 'bad';
    world.until('RollingBack');
    deepEqual(main(world), { paused: false, runs: 'old', isWhole: false });
    deepEqual(world.log.slice(-2), ['restore', 'event']);
    world.until('Failed');
    deepEqual(main(world), { paused: false, runs: 'old', isWhole: true });
    match(messageOf(world), /^failed checks threshold reached \(3\)/);
  });

  test('what is not known holds the share, and is told once', () => {
    const world = heldAt(inPlace(), 1);
    world.health = 'unknown';
    goOn(world, 100);
    deepEqual([world.state.phase, world.main.updated], ['Rolling', 1]);
    equal(world.events.filter((each) => each.includes('nothing is known')).length, 1);
    world.health = 'good';
    world.until('Succeeded');
  });

  test('a new pod that crashes is not waited for', () => {
    const world = inPlace();
    world.mainComesUp = false;
    world.until('Rolling');
    goOn(world, 4);
    world.main.trouble = 'container app crash-loops';
    const then = world.now;
    world.mainComesUp = true;
    world.until('RollingBack');
    ok(world.now - then <= 2_000);
    equal(messageOf(world.until('Failed')), 'the new pods broke: container app crash-loops');
  });

  test('pods that do not come up are waited for until the deadline', () => {
    const world = inPlace();
    world.mainComesUp = false;
    world.until('RollingBack');
    match(messageOf(world), /^1 of 10 pods run the new version and 9 are available after 600s/);
    world.mainComesUp = true;
    world.until('Failed');
  });

  test('a crash after any action resumes where it was, and judges no check twice', () => {
    for (const survives of [0, 1, 2]) {
      const world = inPlace();
      for (let looks = 0; looks < 400 && world.state.phase !== 'Succeeded'; looks++) {
        if (looks % 2 === 0) world.look(survives);
        else if (!world.look()) world.pass();
      }
      deepEqual(main(world), { paused: false, runs: 'new', isWhole: true });
      ok(world.now - 1_000_000 >= 3 * 60_000);
    }
  });
});

describe('the brake of a promotion in place', () => {
  test('comes with each share but the last, and is gone in the end', () => {
    const world = inPlace();
    const seen = new Map<number, number>();
    for (let looks = 0; looks < 600 && world.state.phase !== 'Succeeded'; looks++) {
      const { state, main: now } = world;
      if (state.phase === 'Rolling' && !now.paused) seen.set(state.weight, now.minReadySeconds);
      if (!world.look()) world.pass();
    }
    deepEqual(Object.fromEntries(seen), { 10: 30, 30: 30, 50: 30, 100: 0 });
    equal(world.main.minReadySeconds, 0);
  });

  test('keeps main at one batch where Serin is gone as soon as it rolls', () => {
    const world = inPlace();
    Object.assign(world, { rollsBy: 3 });
    while (world.main.paused) if (!world.look()) world.pass();
    const until = world.now + 30_000;
    world.wakeAt = 0;
    while (world.now < until) world.pass();
    equal(world.main.updated, 3);
    heldAt(world, 3);
  });

  test('that was superseded with the roll goes before another begins, and comes with it again', () => {
    const world = heldAt(inPlace(), 1);
    world.supersede('third');
    while (world.state.phase === 'Pending') world.look();
    equal(world.main.minReadySeconds, 0);
    heldAt(world, 1);
    equal(world.main.minReadySeconds, 30);
    world.until('Succeeded');
    equal(world.main.minReadySeconds, 0);
  });

  test('never takes the place of what the owner writes meanwhile, and none is needed where that is as long', () => {
    const world = heldAt(inPlace(), 1);
    world.main.minReadySeconds = 7;
    heldAt(world, 3);
    equal(world.state.brake?.own, 7);
    world.main.minReadySeconds = 45;
    heldAt(world, 5);
    deepEqual([world.state.brake, world.main.minReadySeconds], [undefined, 45]);
    world.until('Succeeded');
    equal(world.main.minReadySeconds, 45);
  });

  test('a share of more pods than a batch has the time that the brake takes, whatever the deadline', () => {
    const world = inPlace({ strategy: { kind: 'weights', weights: [50] } }, { progressDeadlineMs: 60_000 });
    heldAt(world, 5);
    ok(world.now - 1_000_000 >= 120_000);
    world.until('Succeeded');
  });

  const ends: readonly (readonly [string, (world: World) => void])[] = [
    ['promoted by a person', (world) => says(world, 'promote')],
    ['aborted', (world) => says(world, 'abort')],
    ['failed', (world) => (world.health = 'bad')],
    ['not wanted any more', (world) => (world.plan = { ...world.plan, withdrawn: 'no label' })],
  ];
  for (const [how, happens] of ends)
    for (const rolls of [true, false])
      test(`is off in the end where it is ${how}${rolls ? ' while it rolls' : ''}`, () => {
        const world = heldAt(inPlace(), 1);
        if (rolls) while (world.main.paused) if (!world.look()) world.pass();
        equal(world.main.minReadySeconds, 30);
        happens(world);
        world.until('Succeeded', 'Failed', 'Aborted');
        equal(world.main.minReadySeconds, 0);
      });
});

describe('what holds a promotion in place', () => {
  for (const type of ['confirm-rollout', 'pre-rollout', 'confirm-traffic-increase'] as const)
    test(`a closed gate of type ${type} lets no pod roll`, () => {
      const world = gated(type);
      world.gates = { [type]: 'closed' };
      goOn(world, 30);
      deepEqual([world.state.phase, world.main.updated, world.log], ['Pending', 0, ['record', 'event']]);
      world.gates = {};
      world.until('Succeeded');
    });

  for (const [type, pods] of [
    ['confirm-traffic-increase', 1],
    ['confirm-promotion', 5],
  ] as const)
    test(`a closed gate of type ${type} holds ${pods} of ten`, () => {
      const world = heldAt(gated(type), pods === 1 ? 1 : 3);
      world.gates = { [type]: 'closed' };
      goOn(world, 100);
      deepEqual([world.state.phase, world.main.updated], ['Rolling', pods]);
      equal(world.events.filter((each) => each.endsWith('is closed: so')).length, 1);
      world.gates = {};
      world.until('Succeeded');
    });

  test('a closed gate of type rollout fails the check, and rollback ends it', () => {
    const world = gated('rollout');
    world.gates = { rollout: 'closed' };
    match(messageOf(world.until('Failed')), /gate rollout \(rollout\) is closed/);
    const back = heldAt(gated('rollback'), 1);
    back.gates = { rollback: 'open' };
    equal(messageOf(back.until('Failed')), 'rolled back by gate rollback');
  });

  test('a pause holds the share, and resume lets it go on', () => {
    const world = says(heldAt(inPlace(), 3), 'pause');
    goOn(world, 60);
    deepEqual([world.state.phase, world.main.updated], ['Rolling', 3]);
    match(messageOf(world), /^30 % of the pods hold: paused by bob/);
    says(world, 'resume').until('Succeeded');
  });

  test('a plan that is suspended holds the share', () => {
    const world = heldAt(inPlace(), 1);
    const spec = { ...world.plan.spec, suspended: true };
    const held = { ...world.plan, spec };
    world.plan = held;
    goOn(world, 60);
    equal(world.main.updated, 1);
    world.plan = { ...held, spec: { ...spec, suspended: false } };
    world.until('Succeeded');
  });

  test('others of a group are waited for before the last share, and fail it before it is whole', () => {
    const group = (member: Partial<Member>) => ({
      name: 'shop',
      members: [{ name: 'api', phase: 'Progressing', passed: false, shifted: false, ...member } as Member],
    });
    const world = inPlace();
    world.group = group({});
    goOn(heldAt(world, 5), 60);
    equal(world.main.updated, 5);
    equal(messageOf(world), '50 % of the pods hold: passed, and waits for api of group shop');
    equal(world.state.phase === 'Rolling' && world.state.passed, true, 'which the others see');
    world.group = group({ passed: true });
    while (world.main.updated < 7) if (!world.look()) world.pass();
    equal(
      world.state.phase === 'Rolling' && world.state.passed,
      true,
      'they need not wait for its pods to pass',
    );
    world.group = group({ phase: 'RollingBack' });
    world.until('Failed');
    equal(messageOf(world), 'api, of group shop too, is rolled back');
  });
});
