// A Deployment on its way from one template to another.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { listAt, numberAt, objectAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { changes, conditionsOf, countsOf, isUp, named, progressing } from './saying.ts';
import { opened, roll, sizes, up } from './steps.ts';
const { deployments, pods, replicaSets } = kinds;

export const rollouts: readonly Observation[] = [
  {
    says: 'from nothing to available: what Progressing and Available say on the way',
    scenario: async (cluster) => {
      const versions = await cluster.follow(deployments);
      await opened(cluster, 1);
      const said = versions().map(conditionsOf);
      return ['Progressing', 'Available'].map((type) =>
        changes(said.map((conditions) => conditions.find((each) => each.startsWith(type)) ?? 'nothing')),
      );
    },
    expected: [
      [
        'nothing',
        'Progressing=True/NewReplicaSetCreated',
        'Progressing=True/ReplicaSetUpdated',
        'Progressing=True/NewReplicaSetAvailable',
      ],
      ['nothing', 'Available=False/MinimumReplicasUnavailable', 'Available=True/MinimumReplicasAvailable'],
    ],
  },
  {
    says: 'at rest: status and conditions of a Deployment',
    scenario: async (cluster) => {
      const object = await opened(cluster);
      const status = objectAt(object, 'status');
      const conditions = listAt(status, 'conditions').map((each) => {
        const { lastUpdateTime, lastTransitionTime, ...said } = objectAt({ each }, 'each');
        return { ...said, times: [typeof lastUpdateTime, typeof lastTransitionTime] };
      });
      const [set] = await cluster.list(replicaSets);
      return named({ ...status, conditions }, { [set?.metadata.name ?? '']: 'SET' });
    },
    expected: {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      terminatingReplicas: 0,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
          times: ['string', 'string'],
        },
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: 'ReplicaSet "SET" has successfully progressed.',
          times: ['string', 'string'],
        },
      ],
    },
  },
  {
    says: 'a ReplicaSet is named by the hash that is its label, its selector and its pods’ label, and owned by the Deployment',
    scenario: async (cluster) => {
      await opened(cluster, 1);
      const [set] = await cluster.list(replicaSets);
      const [pod] = await cluster.list(pods);
      const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
      const owner = (object: KubeObject | undefined) => {
        const [reference] = (object?.metadata['ownerReferences'] ?? []) as readonly Record<string, unknown>[];
        const { uid: _, ...rest } = reference ?? {};
        return rest;
      };
      const seen = {
        name: set?.metadata.name,
        labels: set?.metadata.labels,
        annotations: set?.metadata.annotations,
        selector: objectAt(set?.['spec'], 'selector'),
        owner: owner(set),
        status: set?.['status'],
        pod: { labels: pod?.metadata.labels, owner: owner(pod), generateName: pod?.metadata['generateName'] },
      };
      return [hash.length > 4, named(seen, { [hash]: 'HASH' })];
    },
    expected: [
      true,
      {
        name: 'web-HASH',
        labels: { app: 'web', 'pod-template-hash': 'HASH' },
        annotations: {
          'deployment.kubernetes.io/desired-replicas': '1',
          'deployment.kubernetes.io/max-replicas': '2',
          'deployment.kubernetes.io/revision': '1',
        },
        selector: { matchLabels: { app: 'web', 'pod-template-hash': 'HASH' } },
        owner: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'web',
          controller: true,
          blockOwnerDeletion: true,
        },
        status: {
          replicas: 1,
          fullyLabeledReplicas: 1,
          readyReplicas: 1,
          availableReplicas: 1,
          terminatingReplicas: 0,
          observedGeneration: 1,
        },
        pod: {
          labels: { app: 'web', 'pod-template-hash': 'HASH' },
          owner: {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'web-HASH',
            controller: true,
            blockOwnerDeletion: true,
          },
          generateName: 'web-HASH-',
        },
      },
    ],
  },
  {
    says: 'a rolling update: what Progressing says on the way',
    scenario: async (cluster) => {
      await opened(cluster);
      const versions = await cluster.follow(deployments);
      await roll(cluster, '2');
      await up(cluster, 2);
      return changes(versions().map(progressing));
    },
    expected: [
      'True/NewReplicaSetAvailable',
      'True/NewReplicaSetCreated',
      'True/ReplicaSetUpdated',
      'True/NewReplicaSetAvailable',
    ],
  },
  {
    says: 'at the first step of a rolling update the controller counts the old pods under the new generation: none is updated',
    scenario: async (cluster) => {
      await opened(cluster);
      const versions = await cluster.follow(deployments);
      await roll(cluster, 'never');
      await cluster.quiet();
      return versions()
        .filter(
          (object) => numberAt(object['status'], 'observedGeneration') === (object.metadata.generation ?? 0),
        )
        .every((object) => (numberAt(object['status'], 'updatedReplicas') ?? 0) < 2);
    },
    expected: true,
  },
  {
    says: 'scaled to zero and up again: the same set, no revision',
    scenario: async (cluster) => {
      await opened(cluster);
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 0 } });
      const zero = await up(cluster, 0);
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 1 } });
      await up(cluster, 1);
      return [countsOf(zero), conditionsOf(zero), await sizes(cluster)];
    },
    expected: [
      {},
      ['Available=True/MinimumReplicasAvailable', 'Progressing=True/NewReplicaSetAvailable'],
      [[1, 1]],
    ],
  },
  {
    says: 'Recreate: no pod of the new template before the last of the old is gone',
    scenario: async (cluster) => {
      await opened(cluster, 2, { spec: { strategy: { type: 'Recreate' } } });
      const versions = await cluster.follow(pods);
      const seen = await cluster.follow(deployments);
      await roll(cluster, '2');
      await cluster.until('two of the new', async () =>
        isUp(await cluster.get(deployments, 'web'), 2, 'updatedReplicas'),
      );
      await up(cluster, 2);
      const first = versions().findIndex((pod) => JSON.stringify(pod['spec']).includes('shop:2'));
      const last = versions().findLastIndex((pod) => JSON.stringify(pod['spec']).includes('shop:1'));
      const least = Math.min(...seen().map(({ status }) => numberAt(status, 'availableReplicas') ?? 0));
      return [first > last, least, await sizes(cluster)];
    },
    expected: [
      true,
      0,
      [
        [1, 0],
        [2, 2],
      ],
    ],
  },
];
