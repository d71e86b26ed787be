import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { paceOf } from '../../src/kube/deployment.ts';
import type { JsonObject } from '../../src/rollout/types.ts';

const specs: readonly (readonly [string, JsonObject, number])[] = [
  ['a percent rounds up for surge and down for unavailable', { replicas: 10 }, 3 + 2],
  ['numbers are pods', { replicas: 10, strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } } }, 3],
  [
    'one pod moves at least',
    { replicas: 1, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } } },
    1,
  ],
  ['a Recreate replaces them all', { replicas: 7, strategy: { type: 'Recreate' } }, 7],
];
for (const [what, spec, batch] of specs)
  test(`how many pods a Deployment rolls at a time: ${what}`, () => {
    const { minReadySeconds, progressDeadlineSeconds, batch: is } = paceOf({ spec });
    deepEqual([minReadySeconds, progressDeadlineSeconds, is], [0, 600, batch]);
  });
