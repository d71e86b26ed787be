// The traffic of a candidate whose place another takes, where a scaler has shrunk main while the twin served for it.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { World } from './world.ts';
import { by } from './worlds.ts';

/** Half of the traffic is on a twin of two pods, and the scaler left main two of four. */
function shrunk(): World {
  const world = by({ kind: 'weights', weights: [50] });
  while (world.weight < 50) if (!world.look()) world.pass();
  Object.assign(world.main, { scaler: true, replicas: 2, ready: 2 });
  world.supersede('third');
  return world;
}

describe('a candidate that takes the place of another while main is small', () => {
  test('leaves the traffic where its pods are until main, which is asked once, has those it had', () => {
    const world = shrunk();
    const from = world.log.length;
    for (let looks = 0; looks < 5; looks++) world.look();
    deepEqual([world.weight, world.main.replicas], [50, 4]);
    world.main.ready = 3;
    world.look();
    equal(world.weight, 25);
    world.main.ready = 4;
    while (world.twin?.revision !== 'third') if (!world.look()) world.pass();
    deepEqual(
      world.log.slice(from).filter((line) => line.startsWith('route') || line === 'scale-main'),
      ['scale-main', 'route 50', 'route 25', 'route 0'],
    );
    equal(world.events.filter((each) => each.includes('traffic of the one before goes back')).length, 1);
    world.until('Succeeded');
  });

  test('goes on in small steps where the scaler is content with fewer pods, and asks no second time', () => {
    const world = shrunk();
    const given: number[] = [];
    while (world.state.phase === 'Pending') {
      Object.assign(world.main, { replicas: 2, ready: 2 });
      if (!world.look()) world.now += 1_000;
      if (given.at(-1) !== world.weight) given.push(world.weight);
    }
    deepEqual(given, [50, 40, 28, 14, 0]);
    equal(world.log.filter((line) => line === 'scale-main').length, 1);
  });

  const atOnce: readonly (readonly [string, (world: World) => void])[] = [
    ['no scaler sets the pods of main', (world) => (world.main.scaler = false)],
    ['the twin has no pod', (world) => world.twin !== undefined && (world.twin.ready = 0)],
    ['nobody can reach the twin', (world) => (world.servedSince = undefined)],
    ['the candidate before had failed', (world) => (world.rolledBack = 'second')],
    ['somebody has scaled main to zero', (world) => Object.assign(world.main, { replicas: 0, ready: 0 })],
    [
      'an earlier version wrote less',
      (world) => {
        const { v, phase, revision, stableRevision, actor, ownPause } = world.state;
        if (phase === 'Pending') world.state = { v, phase, revision, stableRevision, actor, ownPause };
      },
    ],
  ];
  for (const [when, happens] of atOnce)
    test(`gives all of it back at once where ${when}`, () => {
      const world = shrunk();
      happens(world);
      world.look();
      ok(world.log.at(-1) === 'route 0', world.log.join(' '));
    });
});
