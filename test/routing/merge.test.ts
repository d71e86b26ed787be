import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteSeen } from '../../src/rollout/types.ts';
import { mergeSeen } from '../../src/routing/merge.ts';

const split = (weight: number, more: Partial<Extract<RouteSeen, { kind: 'split' }>> = {}): RouteSeen => ({
  ...{ kind: 'split', weight, uniform: true, edited: true },
  ...more,
});
const none = (why: string): RouteSeen => ({ kind: 'none', why });

const cases: Readonly<Record<string, readonly [readonly [RouteSeen, ...RouteSeen[]], RouteSeen]>> = {
  'one is itself': [[split(20, { rolledBack: 'a' })], split(20, { rolledBack: 'a' })],
  'alike they are one': [[split(20), split(20)], split(20)],
  'the lowest weight counts, and they are not alike': [[split(20), split(10)], split(10, { uniform: false })],
  'one that drifted makes all uneven': [
    [split(20), split(20, { uniform: false })],
    split(20, { uniform: false }),
  ],
  'an edit of any is an edit': [[split(0, { edited: false }), split(0)], split(0)],
  'the mark of a rollback in any counts, and is still to be put in the others': [
    [split(0), split(0, { rolledBack: 'a' })],
    split(0, { uniform: false, rolledBack: 'a' }),
  ],
  'what goes beside in one alone is still to be put in the others': [
    [split(0, { beside: { mirror: 50 } }), split(0)],
    split(0, { beside: { mirror: 50 }, uniform: false }),
  ],
  'one that cannot be split leaves the others': [[none('weights of 0'), split(20)], split(20)],
  'where none can be split it says why the first cannot': [[none('first'), none('second')], none('first')],
};
for (const [what, [seen, expected]] of Object.entries(cases))
  test(`several ways to one workload: ${what}`, () => {
    deepEqual(mergeSeen(seen), expected);
  });
