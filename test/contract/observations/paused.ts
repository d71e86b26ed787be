// A Deployment that is paused: what the hold of a release stands on.
import { numberAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { imagePatch, shop } from '../shop.ts';
import { changes, conditionsOf, countsOf, progressing } from './saying.ts';
import { hold, opened, sizes, up } from './steps.ts';
const { deployments, replicaSets, pods } = kinds;

export const paused: readonly Observation[] = [
  {
    says: 'a new template with paused makes no ReplicaSet; the condition says paused; no count is of the new template',
    scenario: async (cluster) => {
      await opened(cluster);
      const before = (await cluster.list(pods)).map(({ metadata }) => metadata.uid);
      await hold(cluster, '2');
      await cluster.quiet();
      const held = await cluster.get(deployments, 'web');
      const after = (await cluster.list(pods)).map(({ metadata }) => metadata.uid);
      return [
        (await cluster.list(replicaSets)).length,
        conditionsOf(held),
        countsOf(held),
        JSON.stringify(before) === JSON.stringify(after),
      ];
    },
    expected: [
      1,
      ['Available=True/MinimumReplicasAvailable', 'Progressing=Unknown/DeploymentPaused'],
      { replicas: 2, readyReplicas: 2, availableReplicas: 2 },
      true,
    ],
  },
  {
    says: 'the controller says paused in a first write, which leaves observedGeneration behind, and counts in a second',
    scenario: async (cluster) => {
      await opened(cluster);
      const versions = await cluster.follow(deployments);
      await hold(cluster, '2');
      await cluster.quiet();
      return changes(
        versions().map((object) => [
          object.metadata.generation,
          numberAt(object['status'], 'observedGeneration'),
          progressing(object),
          numberAt(object['status'], 'updatedReplicas') ?? 0,
        ]),
      );
    },
    expected: [
      [2, 1, 'True/NewReplicaSetAvailable', 2],
      [2, 1, 'Unknown/DeploymentPaused', 2],
      [2, 2, 'Unknown/DeploymentPaused', 0],
    ],
  },
  {
    says: 'while paused the old ReplicaSet is scaled up and down',
    scenario: async (cluster) => {
      await opened(cluster);
      await hold(cluster, '2');
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 4 } }, 'scale');
      const four = countsOf(await up(cluster, 4));
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 1 } });
      const one = countsOf(await up(cluster, 1));
      return [four, one, await sizes(cluster)];
    },
    expected: [
      { replicas: 4, readyReplicas: 4, availableReplicas: 4 },
      { replicas: 1, readyReplicas: 1, availableReplicas: 1 },
      [[1, 1]],
    ],
  },
  {
    says: 'while paused a pod that is lost is made again, of the old template',
    scenario: async (cluster) => {
      await opened(cluster);
      await hold(cluster, '2');
      await cluster.quiet();
      const [pod] = await cluster.list(pods);
      await cluster.ask({ verb: 'delete', resource: pods, name: pod?.metadata.name ?? '' });
      await cluster.quiet();
      await up(cluster, 2);
      const images = (await cluster.list(pods)).map((each) => JSON.stringify(each).includes('shop:1'));
      return images;
    },
    expected: [true, true],
  },
  {
    says: 'paused amid a rollout, a change of scale is shared out in proportion to the sizes',
    scenario: async (cluster) => {
      await opened(cluster, 8, { spec: { strategy: { rollingUpdate: { maxSurge: 4, maxUnavailable: 0 } } } });
      await cluster.patch(deployments, 'web', 'strategic', imagePatch('never'));
      await cluster.until('the new set', async () => (await cluster.list(replicaSets)).length === 2);
      await cluster.quiet();
      const before = await sizes(cluster);
      await cluster.patch(deployments, 'web', 'merge', { spec: { paused: true } });
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 14 } }, 'scale');
      await cluster.quiet();
      const more = await sizes(cluster);
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 5 } }, 'scale');
      await cluster.quiet();
      return [before, more, await sizes(cluster)];
    },
    expected: [
      [
        [1, 8],
        [2, 4],
      ],
      [
        [1, 12],
        [2, 6],
      ],
      [
        [1, 6],
        [2, 3],
      ],
    ],
  },
  {
    says: 'a Deployment that is born paused makes no pods, and is scaled without any',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop({ spec: { paused: true } }));
      await cluster.quiet();
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 3 } }, 'scale');
      await cluster.quiet();
      const object = await cluster.get(deployments, 'web');
      return [countsOf(object), conditionsOf(object), (await cluster.list(replicaSets)).length];
    },
    expected: [{}, ['Progressing=Unknown/DeploymentPaused', 'Available=False/MinimumReplicasUnavailable'], 0],
  },
  {
    says: 'while paused, annotations of the Deployment do not go to the ReplicaSet of the old template',
    scenario: async (cluster) => {
      await opened(cluster, 2, { annotations: { a: '1' } });
      await hold(cluster, '2');
      await cluster.patch(deployments, 'web', 'merge', { metadata: { annotations: { a: '2', b: '2' } } });
      await cluster.quiet();
      const [set] = await cluster.list(replicaSets);
      return set?.metadata.annotations;
    },
    expected: {
      a: '1',
      'deployment.kubernetes.io/desired-replicas': '2',
      'deployment.kubernetes.io/max-replicas': '3',
      'deployment.kubernetes.io/revision': '1',
    },
  },
  {
    says: 'while paused, old ReplicaSets beyond the history limit are cleaned up',
    scenario: async (cluster) => {
      await opened(cluster, 1, { spec: { revisionHistoryLimit: 0 } });
      await cluster.patch(deployments, 'web', 'merge', { spec: { revisionHistoryLimit: 5 } });
      await cluster.patch(deployments, 'web', 'strategic', imagePatch('2'));
      await up(cluster, 1);
      const two = (await cluster.list(replicaSets)).length;
      await hold(cluster, '3');
      await cluster.patch(deployments, 'web', 'merge', { spec: { revisionHistoryLimit: 1 } });
      await cluster.quiet();
      return [two, await sizes(cluster)];
    },
    expected: [2, [[2, 1]]],
  },
];
