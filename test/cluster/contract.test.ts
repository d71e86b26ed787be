// What the simulator is held to: a real control plane is as the observations say, each in a namespace of its own.
import { deepEqual } from 'node:assert/strict';
import { after, test } from 'node:test';
import { observations } from '../contract/observations/index.ts';
import { RealClusters } from '../contract/real.ts';
import { seen } from '../contract/seen.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { findIstioCrds } from '../rig/istio-crds.ts';
import { startKubelet } from '../rig/kubelet.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  binaries: await toolchain(controlPlaneTools),
  istioCrds: await findIstioCrds(),
}));
const plane = await startControlPlane({ stateDir, binaries: prepared.binaries });
const kubelet = await startKubelet(plane);
await plane.kubectl(['apply', '--server-side', '-f', prepared.istioCrds]);
const clusters = new RealClusters(plane);
after(async () => {
  clusters.close();
  await kubelet.stop();
  await plane.stop();
});

test('a real control plane', { concurrency: 10 }, async (context) => {
  const all = observations.map((observation, index) =>
    context.test(observation.says, async () => {
      deepEqual(await seen(observation, await clusters.open(`contract-${index}`)), observation.expected);
    }),
  );
  await Promise.all(all);
});
