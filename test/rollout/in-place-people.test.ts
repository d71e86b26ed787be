// What people do while main itself rolls, share by share.
import { deepEqual, equal } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { State } from '../../src/rollout/types.ts';
import { heldAt, inPlace, main } from './shares.ts';
import { aPlan, type World } from './world.ts';
import { says } from './worlds.ts';

describe('what people do to a promotion in place', () => {
  test('promote rolls the rest at once', () => {
    const world = says(heldAt(inPlace(), 1), 'promote');
    world.health = 'bad';
    world.until('Succeeded');
    deepEqual(main(world), { paused: false, runs: 'new', isWhole: true });
  });

  test('abort puts stable back', () => {
    const world = says(heldAt(inPlace(), 5), 'abort').until('Failed');
    deepEqual(main(world), { paused: false, runs: 'old', isWhole: true });
  });

  test('main resumed by hand is held again with the pods it has, and paused by hand it rolls on', () => {
    const world = heldAt(inPlace(), 1);
    world.main.paused = false;
    while (world.main.updated < 2) world.pass();
    world.look();
    deepEqual([world.main.paused, world.main.updated], [true, 2]);
    while (world.main.updated < 3) if (!world.look()) world.pass();
    heldAt(world, 3);
    while (world.main.paused) if (!world.look()) world.pass();
    world.main.paused = true;
    world.until('Succeeded');
  });

  test('scaled while it rolls, the share is of the pods there are', () => {
    const world = heldAt(inPlace(), 1);
    world.main.replicas = 20;
    heldAt(world, 6);
    world.main.replicas = 4;
    world.main.updated = 2;
    world.until('Succeeded');
    equal(world.main.updated, 4);
  });

  test('superseded mid-roll, another begins with the first share, and what is given up then puts stable back', () => {
    const world = heldAt(inPlace(), 3);
    world.supersede('third');
    heldAt(world, 1);
    equal(world.main.updated, 1);
    world.supersede('fourth');
    says(world, 'abort');
    deepEqual(world.log.at(-2), 'restore', 'pods of the third run still');
    world.until('Failed');
    deepEqual(main(world), { paused: false, runs: 'old', isWhole: true });
  });

  test('that an earlier version began, which wrote less, puts stable back all the same', () => {
    const world = heldAt(inPlace(), 3);
    const { mixed: _, ...earlier } = world.state;
    world.state = earlier;
    says(world, 'abort');
    equal(world.log.at(-2), 'restore');
  });

  test('nobody wants it any more: stable is put back', () => {
    const world = heldAt(inPlace(), 3);
    world.plan = { ...aPlan(), withdrawn: 'the namespace has lost its label' };
    world.until('Aborted');
    deepEqual(main(world), { paused: false, runs: 'old', isWhole: true });
  });
});

/** The owner's pause, which the hold took the place of. */
function withOwnPause(world: World): World {
  world.state = { ...world.state, ownPause: true };
  return world;
}

describe("the owner's own pause of a Deployment that was promoted in place", () => {
  const endings: readonly (readonly [string, State['phase'], (world: World) => void])[] = [
    ['promoted', 'Succeeded', () => undefined],
    ['failed', 'Failed', (world) => (world.health = 'bad')],
    ['aborted by a command', 'Failed', (world) => says(world, 'abort')],
    ['withdrawn', 'Aborted', (world) => (world.plan = { ...aPlan(), withdrawn: 'no label' })],
    ['given up for the stable template', 'Aborted', turnedBack],
  ];
  for (const [how, phase, happens] of endings)
    test(`comes back when it is ${how}, and no pod of another version is under it`, () => {
      const world = heldAt(withOwnPause(inPlace()), 3);
      happens(world);
      world.until(phase);
      deepEqual(main(world), { paused: true, runs: phase === 'Succeeded' ? 'new' : 'old', isWhole: true });
    });
});

/** As the webhook does it. */
function turnedBack(world: World): void {
  const { v, revision, stableRevision, ownPause } = world.state;
  world.state = {
    ...{
      v,
      revision,
      stableRevision,
      ownPause,
      mixed: true,
      actor: 'ann',
      phase: 'RollingBack',
      startedAt: 1,
    },
    ...{ ending: 'Aborted', message: 'the stable template was applied again by ann' },
  };
  Object.assign(world.main, { restorable: false, updated: world.main.replicas - world.main.updated });
}
