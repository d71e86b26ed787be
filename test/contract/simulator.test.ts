// The simulator does what Kubernetes does: each observation is compared with what a real control plane said
// (test/cluster/contract.test.ts makes the same ones there).
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { observations } from './observations/index.ts';
import { mesh as ofMesh } from './observations/mesh.ts';
import { seen } from './seen.ts';
import { simulatedMeshCluster } from './simulated-mesh.ts';
import { simulatedCluster } from './simulated.ts';

for (const observation of ofMesh) {
  test(observation.says, async () => {
    deepEqual(await seen(observation, await simulatedMeshCluster('contract-0')), observation.expected);
  });
}

for (const observation of observations) {
  test(observation.says, async () => {
    deepEqual(await seen(observation, await simulatedCluster('contract-0')), observation.expected);
  });
}

test('each observation says something of its own, and there are enough of them', () => {
  equal(new Set(observations.map(({ says }) => says)).size, observations.length);
  ok(observations.length >= 60);
});
