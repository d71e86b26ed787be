import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { Refusal } from './refusal.ts';
import { matcherOf, meetsSelector } from './selectors.ts';

const labels = { app: 'web', tier: 'front' };
const expressions = (...matchExpressions: JsonObject[]): JsonObject => ({ matchExpressions });

const selectors: readonly (readonly [JsonObject, boolean])[] = [
  [{}, true],
  [{ matchLabels: { app: 'web' } }, true],
  [{ matchLabels: { app: 'other' } }, false],
  [expressions({ key: 'app', operator: 'In', values: ['a', 'web'] }), true],
  [expressions({ key: 'app', operator: 'In', values: ['a'] }), false],
  [expressions({ key: 'none', operator: 'In', values: ['a'] }), false],
  [expressions({ key: 'app', operator: 'NotIn', values: ['web'] }), false],
  [expressions({ key: 'none', operator: 'NotIn', values: ['web'] }), true],
  [expressions({ key: 'app', operator: 'Exists' }, { key: 'none', operator: 'DoesNotExist' }), true],
  [expressions({ key: 'app', operator: 'DoesNotExist' }), false],
];
for (const [selector, expected] of selectors)
  test(`${JSON.stringify(selector)} selects app=web,tier=front: ${expected}`, () => {
    equal(meetsSelector(selector, labels), expected);
  });

const pod: KubeObject = {
  metadata: { name: 'p', uid: 'u', resourceVersion: '1', labels },
  status: { phase: 'Running' },
};
const queries: readonly (readonly [string | undefined, string | undefined, boolean])[] = [
  [undefined, undefined, true],
  ['app=web,tier!=back', undefined, true],
  ['app in (a, b)', undefined, false],
  [undefined, 'status.phase=Running,metadata.name=p', true],
  [undefined, 'status.phase!=Running', false],
  [undefined, 'spec.nodeName=', true],
  ['app=web', 'metadata.name=q', false],
];
for (const [byLabel, byField, expected] of queries)
  test(`labels ${byLabel} and fields ${byField} select the pod: ${expected}`, () => {
    equal(matcherOf(byLabel, byField)(pod), expected);
  });

test('a field selector that cannot be read is refused', () => {
  throws(() => matcherOf(undefined, 'status.phase'), Refusal);
});
