import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ladder } from '../../src/rollout/weights.ts';

const ladders: readonly (readonly [step: number, max: number, weights: readonly number[]])[] = [
  [10, 50, [10, 20, 30, 40, 50]],
  [20, 50, [20, 40, 50]],
  [60, 50, [50]],
  [50, 50, [50]],
  [100, 100, [100]],
  [1, 3, [1, 2, 3]],
];

for (const [step, max, weights] of ladders) {
  test(`a step of ${step} up to ${max} goes over ${weights.join(', ')}`, () =>
    deepEqual(ladder(step, max), weights));
}

test('every ladder rises by at most a step and ends at its maximum', () => {
  const percent = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(percent, percent, (step, max) => {
      const weights = ladder(step, max);
      equal(weights.at(-1), max);
      for (const [index, weight] of weights.entries()) {
        const rise = weight - (weights[index - 1] ?? 0);
        ok(rise > 0 && rise <= step);
      }
    }),
  );
});
