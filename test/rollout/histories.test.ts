import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { step } from '../../src/rollout/step.ts';
import type { State } from '../../src/rollout/types.ts';
import { aPlan, type Health, World } from './world.ts';

const health = fc.constantFrom<Health>('good', 'bad', 'unknown', 'broken');
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), after: fc.integer({ min: 0, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('health' as const), health }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('twin-lost' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drift' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock-back' as const) }) },
);

describe('any history', () => {
  const ladder = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 });
  test('keeps every invariant of the world, ends when the faults end, and never lets a failed candidate back in', () => {
    fc.assert(
      fc.property(ladder, fc.array(happening, { maxLength: 120 }), (weights, events) => {
        const world = new World(
          aPlan(
            {},
            weights.sort((a, b) => a - b),
          ),
        );
        let failed = false;
        for (const event of events) {
          if (event.kind === 'look') world.look();
          if (event.kind === 'crash') world.look(event.after);
          if (event.kind === 'pass') world.pass();
          if (event.kind === 'health') world.health = event.health;
          if (event.kind === 'twin-lost' && world.twin !== undefined) world.twin.ready = 0;
          if (event.kind === 'drift' && world.main.ready > 0) world.weight = Math.min(world.weight, 5);
          if (event.kind === 'clock-back') world.now -= 3_600_000;
          failed ||= world.rolledBack === world.state.revision;
        }
        world.health = failed ? 'good' : world.health === 'bad' ? 'bad' : 'good';
        const before = world.log.length;
        world.until('Succeeded', 'Failed');
        if (!failed) return;
        assert.equal(world.state.phase, 'Failed');
        assert.ok(world.log.slice(before).every((line) => !line.startsWith('route') || line === 'route 0'));
      }),
      { numRuns: 300 },
    );
  });

  test('asks for the same again when nothing came of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), health, (looks, then) => {
        const world = new World();
        world.health = then;
        for (let i = 0; i < looks; i++) if (!world.look()) world.pass();
        const seen = world.observe();
        const once = step(world.plan, world.state, seen, world.now);
        assert.deepEqual(step(world.plan, world.state, seen, world.now), once);
      }),
    );
  });

  test('the ended states ask for nothing', () => {
    const { v, revision, stableRevision, actor, ownPause } = new World().state;
    for (const phase of ['Succeeded', 'Aborted'] as const) {
      const state: State = {
        v,
        revision,
        stableRevision,
        actor,
        ownPause,
        phase,
        startedAt: 1,
        endedAt: 2,
        message: '',
      };
      assert.deepEqual(step(aPlan(), state, new World().observe(), 3), { state, actions: [] });
    }
  });
});
