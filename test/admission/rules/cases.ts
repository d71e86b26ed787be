// Attempts, and the rules that each of them breaks.
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { violationsOf } from '../../../src/admission/judge.ts';
import type { Around, Attempt } from '../../../src/admission/rules/rule.ts';
import { around } from './world.ts';

export type Cases = {
  readonly [what: string]: readonly [attempt: Attempt, broken: readonly string[], world?: Around];
};

/** A test for each case. */
export function judged(cases: Cases): void {
  for (const [what, [attempt, broken, world]] of Object.entries(cases))
    test(`${what}: ${broken.length === 0 ? 'passes' : broken.join(', ')}`, async () => {
      const found = await violationsOf(attempt, world ?? around());
      deepEqual(
        found.map((violation) => violation.rule),
        broken,
      );
    });
}
