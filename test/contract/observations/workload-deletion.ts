// What goes with a workload, and what stays.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { shop } from '../shop.ts';
import { isUp } from './saying.ts';
const { deployments, replicaSets, pods } = kinds;

export const workloadDeletion: readonly Observation[] = [
  {
    says: 'a Deployment takes its ReplicaSets and pods with it',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop());
      await cluster.until('two pods', async () => isUp(await cluster.get(deployments, 'web'), 2));
      const said = await cluster.ask({ verb: 'delete', resource: deployments, name: 'web' });
      await cluster.until('everything to go', async () => {
        const left = [...(await cluster.list(replicaSets)), ...(await cluster.list(pods))];
        return left.length === 0;
      });
      return said.status;
    },
    expected: 200,
  },
  {
    says: 'a Deployment that is orphaned leaves its ReplicaSet, and another of that name takes it in without a new pod',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop());
      await cluster.until('two pods', async () => isUp(await cluster.get(deployments, 'web'), 2));
      const [before] = await cluster.list(replicaSets);
      const body = { propagationPolicy: 'Orphan' };
      await cluster.ask({ verb: 'delete', resource: deployments, name: 'web', body });
      await cluster.until('it to go', async () => (await cluster.list(deployments)).length === 0);
      const podsBefore = (await cluster.list(pods)).map(({ metadata }) => metadata.uid);
      const { metadata } = await cluster.create(deployments, shop());
      await cluster.until('two pods', async () => isUp(await cluster.get(deployments, 'web'), 2));
      const [after, ...others] = await cluster.list(replicaSets);
      const podsAfter = (await cluster.list(pods)).map(({ metadata: { uid } }) => uid);
      const owners = JSON.stringify(after?.metadata['ownerReferences']);
      return [
        after?.metadata.uid === before?.metadata.uid,
        others.length,
        owners.includes(metadata.uid),
        JSON.stringify(podsBefore) === JSON.stringify(podsAfter),
      ];
    },
    expected: [true, 0, true, true],
  },
  {
    says: 'a pod is told to end, keeps for its grace, and leaves the counts at once',
    scenario: async (cluster) => {
      await cluster.create(
        deployments,
        shop({ spec: { replicas: 1 }, pod: { terminationGracePeriodSeconds: 5 } }),
      );
      await cluster.until('a pod', async () => isUp(await cluster.get(deployments, 'web'), 1));
      const [pod] = await cluster.list(pods);
      const name = pod?.metadata.name ?? '';
      const said = await cluster.ask({ verb: 'delete', resource: pods, name });
      const { metadata } = said.body as unknown as KubeObject;
      const { body } = await cluster.ask({ verb: 'get', resource: pods, name });
      await cluster.until(
        'it to go',
        async () => (await cluster.ask({ verb: 'get', resource: pods, name })).status === 404,
      );
      await cluster.until('another', async () => isUp(await cluster.get(deployments, 'web'), 1));
      return [
        said.status,
        metadata['deletionGracePeriodSeconds'],
        body['kind'],
        (await cluster.list(pods)).length,
      ];
    },
    expected: [200, 5, 'Pod', 1],
  },
];
