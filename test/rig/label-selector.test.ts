import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { matchesLabels } from './label-selector.ts';

const labels = { app: 'web', tier: 'front' };
const cases: readonly (readonly [string, boolean])[] = [
  ['', true],
  ['app=web', true],
  ['app==web,tier=front', true],
  ['app=web,tier=back', false],
  ['app!=api', true],
  ['app', true],
  ['canary', false],
  ['!canary', true],
  ['!app', false],
  ['tier in (front, back),app=web', true],
  ['tier notin (front,back)', false],
  ['canary notin (true)', true],
];
for (const [selector, matches] of cases) {
  test(`"${selector}" ${matches ? 'matches' : 'does not match'}`, () =>
    equal(matchesLabels(selector, labels), matches));
}

test('what is no selector is refused', () =>
  throws(() => matchesLabels('a = = b', labels), /no label selector/));
