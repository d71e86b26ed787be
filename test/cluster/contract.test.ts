// What the simulator is held to: a real cluster is as the observations say, each in a namespace of its own.
import { deepEqual } from 'node:assert/strict';
import { after, test } from 'node:test';
import type { MeshCluster, Observation } from '../contract/cluster.ts';
import { observations } from '../contract/observations/index.ts';
import { mesh as ofMesh } from '../contract/observations/mesh.ts';
import { RealClusters } from '../contract/real.ts';
import { withMesh } from '../contract/real-mesh.ts';
import { seen } from '../contract/seen.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { startKubelet } from '../rig/kubelet.ts';
import { prepareLab } from '../rig/lab.ts';
import { startMesh } from '../rig/mesh.ts';
import { enterNamespace } from '../rig/namespace.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const plane = await startControlPlane({ stateDir, binaries: prepared.binaries });
const kubelet = await startKubelet(plane);
const mesh = await startMesh({ stateDir, controlPlane: plane, ...prepared });
const clusters = new RealClusters(plane);
after(async () => {
  clusters.close();
  await mesh.stop();
  await kubelet.stop();
  await plane.stop();
});

let count = 0;
async function observe(observation: Observation<MeshCluster>): Promise<void> {
  count += 1;
  const cluster = withMesh(await clusters.open(`contract-${count}`), mesh);
  deepEqual(await seen(observation, cluster), observation.expected);
}

// Those of the mesh take long; they begin first.
const all: readonly Observation<MeshCluster>[] = [...ofMesh, ...observations];

test('a real cluster', { concurrency: 12 }, async (context) => {
  const together = all.filter(({ isLast }) => isLast === undefined);
  await Promise.all(together.map((each) => context.test(each.says, () => observe(each))));
});

for (const observation of all.filter(({ isLast }) => isLast)) {
  test(observation.says, () => observe(observation));
}
