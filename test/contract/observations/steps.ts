// The steps that observations of Deployments are made of.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { numberAt, objectAt } from '../../../src/routing/json.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Cluster } from '../cluster.ts';
import { imagePatch, shop } from '../shop.ts';
import { isUp, told } from './saying.ts';

const { deployments, replicaSets } = kinds;

/** The shop, up and at rest. */
export async function opened(
  cluster: Cluster,
  replicas = 2,
  more: Parameters<typeof shop>[0] = {},
): Promise<KubeObject> {
  await cluster.create(deployments, shop({ ...more, spec: { replicas, ...more?.spec } }));
  return up(cluster, replicas);
}

/** Waits until there are so many pods and all available, of the newest template unless paused, and nothing moves. */
export async function up(cluster: Cluster, replicas: number): Promise<KubeObject> {
  await cluster.until(`${replicas} available`, async () => {
    const object = await cluster.get(deployments, 'web');
    const isPaused = objectAt(object, 'spec')['paused'] === true;
    return ['replicas', 'availableReplicas', isPaused ? 'replicas' : 'updatedReplicas'].every((key) =>
      isUp(object, replicas, key),
    );
  });
  await cluster.quiet();
  return cluster.get(deployments, 'web');
}

/** Another version and the hold in one patch, as an admission would leave it. */
export const hold = (cluster: Cluster, tag: string): Promise<KubeObject> =>
  cluster.patch(deployments, 'web', 'strategic', {
    spec: { paused: true, ...objectAt(imagePatch(tag), 'spec') },
  });

/** Revision and size of every ReplicaSet. */
export const sizes = async (cluster: Cluster): Promise<readonly unknown[]> =>
  (await cluster.list(replicaSets))
    .map((set) => [
      Number(set.metadata.annotations?.['deployment.kubernetes.io/revision']),
      numberAt(set['spec'], 'replicas'),
    ])
    .sort(([a = 0], [b = 0]) => a - b);

/** Another version, without a hold. */
export const roll = (cluster: Cluster, tag: string): Promise<KubeObject> =>
  cluster.patch(deployments, 'web', 'strategic', imagePatch(tag));

/** A patch of the shop, and what is said to it. */
export const tell = async ({ ask }: Cluster, patchType: 'json' | 'merge' | 'strategic', body: Json) =>
  told(await ask({ verb: 'patch', patchType, resource: deployments, name: 'web', body }));
