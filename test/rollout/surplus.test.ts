import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { carried } from '../../src/rollout/capacity.ts';
import type { RolloutSpec } from '../../src/rollout/types.ts';
import { aPlan, World } from './world.ts';

/** A trial at `weight` of a main of `pods`, with a scaler. */
function onTrial(pods: number, weight: number, change: Partial<RolloutSpec> = {}): World {
  const world = new World(aPlan(change, [weight]));
  Object.assign(world.main, { replicas: pods, ready: pods, scaler: true });
  world.health = 'unknown';
  return world.until('Progressing');
}

/** Two intervals of looks, in which main keeps what its scaler gave it. */
function goOn(world: World): void {
  const until = world.now + 2 * world.plan.spec.analysis.intervalMs;
  while (world.now < until && world.state.phase !== 'RollingBack') if (!world.look()) world.pass();
}

test('the twin shrinks with the load: as its share of what main is left with, and a fifth more', () => {
  const world = onTrial(40, 50);
  goOn(world);
  equal(world.twin?.replicas, 20);
  // The scaler has only heard of the twin: nothing is too much.
  Object.assign(world.main, { replicas: 20, ready: 20 });
  goOn(world);
  equal(world.twin?.replicas, 20);
  // The night.
  Object.assign(world.main, { replicas: 5, ready: 5 });
  goOn(world);
  equal(world.twin?.replicas, 6);
  equal(world.weight, 50);
  // The morning.
  Object.assign(world.main, { replicas: 12, ready: 12 });
  goOn(world);
  equal(world.twin?.replicas, 12);
  equal(world.weight, 50);
});

const affinity = { cookieName: 'serin', maxAgeSeconds: 60 };
const { analysis } = aPlan().spec;
const strategy = { kind: 'weights', weights: [50] } as const;
const kept: Readonly<Record<string, (world: World) => void>> = {
  'without a scaler': ({ main }) => Object.assign(main, { scaler: false }),
  'where main was scaled to none': ({ main }) => Object.assign(main, { replicas: 0, ready: 0 }),
  'where users stay with it by a cookie': (world) =>
    (world.plan = aPlan({ analysis: { ...analysis, strategy, affinity } })),
  'where it has a scaler of its own': (world) =>
    (world.plan = aPlan({ scaler: { kind: 'HorizontalPodAutoscaler', name: 'web' } }, [50])),
};
for (const [where, change] of Object.entries(kept))
  test(`the twin keeps its pods ${where}`, () => {
    const world = onTrial(40, 50);
    Object.assign(world.main, { replicas: 5, ready: 5 });
    change(world);
    goOn(world);
    equal(world.twin?.replicas, 20);
  });

test('whatever a scaler does, no twin gets more than its pods carry of what the scaler says, and none flaps', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 99 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
      (pods, weight, sizes) => {
        const world = onTrial(pods, weight);
        for (const size of sizes) {
          // It adds what main lacks for its share of a load that `size` pods carry.
          const share = Math.max(1, Math.ceil((size * (100 - world.weight)) / 100));
          Object.assign(world.main, { replicas: share, ready: share });
          goOn(world);
          const { twin } = world;
          ok(twin !== undefined && world.weight <= carried(twin.ready, Math.min(size, pods)));
          const written = world.log.length;
          goOn(world);
          ok(
            !world.log.slice(written).some((line) => /^(twin|route)/.test(line)),
            world.log.slice(written).join(' | '),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});
