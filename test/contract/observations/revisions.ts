// Revisions, the annotations that go with them, and the way back.
import { numberAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { imagePatch } from '../shop.ts';
import { progressing } from './saying.ts';
import { opened, roll, sizes, up } from './steps.ts';
const { deployments, replicaSets } = kinds;

export const revisions: readonly Observation[] = [
  {
    says: 'the Deployment’s annotations are copied to its ReplicaSet, but for the applied configuration; those taken away stay there',
    scenario: async (cluster) => {
      const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
      await opened(cluster, 1, { annotations: { a: '1', b: '1', [lastApplied]: '{}' } });
      await cluster.patch(deployments, 'web', 'merge', { metadata: { annotations: { a: '2', b: null } } });
      await cluster.quiet();
      const [set] = await cluster.list(replicaSets);
      return [set?.metadata.annotations, (await cluster.get(deployments, 'web')).metadata.annotations];
    },
    expected: [
      {
        a: '2',
        b: '1',
        'deployment.kubernetes.io/desired-replicas': '1',
        'deployment.kubernetes.io/max-replicas': '2',
        'deployment.kubernetes.io/revision': '1',
      },
      {
        a: '2',
        'deployment.kubernetes.io/revision': '1',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    ],
  },
  {
    says: 'an annotation alone makes a generation that the controller observes, and nothing rolls',
    scenario: async (cluster) => {
      const before = await opened(cluster, 1);
      await cluster.patch(deployments, 'web', 'merge', { metadata: { annotations: { a: '1' } } });
      await cluster.quiet();
      const after = await cluster.get(deployments, 'web');
      return [
        (after.metadata.generation ?? 0) - (before.metadata.generation ?? 0),
        numberAt(after['status'], 'observedGeneration') === after.metadata.generation,
        (await cluster.list(replicaSets)).length,
        progressing(after),
      ];
    },
    expected: [1, true, 1, 'True/NewReplicaSetAvailable'],
  },
  {
    says: 'revisions: a new template makes one more; an old template again takes the next, and its set remembers the old',
    scenario: async (cluster) => {
      await opened(cluster, 1);
      await roll(cluster, '2');
      await up(cluster, 1);
      await roll(cluster, '1');
      const { metadata } = await up(cluster, 1);
      const sets = await cluster.list(replicaSets);
      return [
        metadata.annotations?.['deployment.kubernetes.io/revision'],
        sets
          .map(({ metadata: { annotations: notes } }) =>
            ['revision', 'revision-history'].map(
              (key) => notes?.[`deployment.kubernetes.io/${key}`] ?? 'none',
            ),
          )
          .sort(([a = ''], [b = '']) => Number(a) - Number(b)),
      ];
    },
    expected: [
      '3',
      [
        ['2', 'none'],
        ['3', '1'],
      ],
    ],
  },
  {
    says: 'the controller’s write of the revision makes no new generation',
    scenario: async (cluster) => {
      await opened(cluster, 1);
      const { metadata } = await roll(cluster, '2');
      const after = await up(cluster, 1);
      return [
        after.metadata.annotations?.['deployment.kubernetes.io/revision'],
        after.metadata.generation === metadata.generation,
      ];
    },
    expected: ['2', true],
  },
  {
    says: 'undo brings back the template before and the annotations of its ReplicaSet',
    scenario: async (cluster) => {
      await opened(cluster, 1, { annotations: { a: '1' } });
      await cluster.patch(deployments, 'web', 'strategic', {
        metadata: { annotations: { a: '2', b: '2' } },
        ...imagePatch('2'),
      });
      await up(cluster, 1);
      const printed = await cluster.rolloutUndo('web');
      const { metadata, spec } = await up(cluster, 1);
      return [printed, metadata.annotations, JSON.stringify(spec).includes('shop:1'), await sizes(cluster)];
    },
    expected: [
      { code: 0, stdout: 'deployment.apps/web rolled back\n', stderr: '' },
      { a: '1', 'deployment.kubernetes.io/revision': '3' },
      true,
      [
        [2, 0],
        [3, 1],
      ],
    ],
  },
  {
    says: 'undo is refused by kubectl where there is no past, and where the Deployment is paused',
    scenario: async (cluster) => {
      await opened(cluster, 1);
      const none = await cluster.rolloutUndo('web');
      await roll(cluster, '2');
      await up(cluster, 1);
      await cluster.patch(deployments, 'web', 'merge', { spec: { paused: true } });
      return [none, await cluster.rolloutUndo('web')];
    },
    expected: [
      { code: 1, stdout: '', stderr: 'error: no rollout history found for deployment "web"\n' },
      {
        code: 1,
        stdout: '',
        stderr:
          "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again\n",
      },
    ],
  },
  {
    says: 'ReplicaSets beyond revisionHistoryLimit are cleaned up, the oldest first',
    scenario: async (cluster) => {
      await opened(cluster, 1, { spec: { revisionHistoryLimit: 1 } });
      await roll(cluster, '2');
      await up(cluster, 1);
      await roll(cluster, '4');
      await up(cluster, 1);
      return sizes(cluster);
    },
    expected: [
      [2, 0],
      [3, 1],
    ],
  },
];
