import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Beside } from '../../src/rollout/strategy.ts';
import { aPlan, routes, World } from './world.ts';
import { by, goOn, messageOf, planned, says } from './worlds.ts';

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

  const holding: readonly (readonly [string, (world: World) => void, RegExp])[] = [
    ['suspended', (world) => (world.plan = aPlan({ suspended: true })), /^no traffic yet: suspended by/],
    ['paused', (world) => says(world, 'pause'), /^no traffic yet: paused by bob$/],
  ];
  for (const [what, holds, said] of holding)
    test(`a canary that is ${what} before its first weight says so once, and in its state`, () => {
      const world = new World().until('Starting');
      holds(world);
      goOn(world, 20);
      deepEqual([world.state.phase, world.weight], ['Starting', 0]);
      match(messageOf(world), said);
      equal(world.events.filter((each) => said.test(each)).length, 1);
    });
});
