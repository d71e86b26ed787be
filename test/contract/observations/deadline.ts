// What Progressing says of pauses and deadlines, and who may say it.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { imagePatch } from '../shop.ts';
import { changes, conditionsOf, countsOf, progressing } from './saying.ts';
import { hold, opened, roll, sizes, up } from './steps.ts';
const { deployments, pods, replicaSets } = kinds;

const deadline = {
  status: {
    conditions: [
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'the canary failed',
      },
    ],
  },
};

export const deadlines: readonly Observation[] = [
  {
    says: 'ProgressDeadlineExceeded that somebody says on a paused Deployment is kept through scale, annotation and label',
    scenario: async (cluster) => {
      await opened(cluster);
      await hold(cluster, '2');
      await cluster.quiet();
      await cluster.patch(deployments, 'web', 'strategic', deadline, 'status');
      await cluster.quiet();
      const said = conditionsOf(await cluster.get(deployments, 'web'));
      await cluster.patch(deployments, 'web', 'merge', {
        metadata: { annotations: { a: 'b' }, labels: { c: 'd' } },
      });
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 3 } }, 'scale');
      const later = conditionsOf(await up(cluster, 3));
      return [said, later];
    },
    expected: [
      ['Available=True/MinimumReplicasAvailable', 'Progressing=False/ProgressDeadlineExceeded'],
      ['Progressing=False/ProgressDeadlineExceeded', 'Available=True/MinimumReplicasAvailable'],
    ],
  },
  {
    says: 'ProgressDeadlineExceeded on a paused Deployment is kept through another template: the old failure under a new generation',
    scenario: async (cluster) => {
      await opened(cluster);
      await hold(cluster, '2');
      await cluster.quiet();
      await cluster.patch(deployments, 'web', 'strategic', deadline, 'status');
      await cluster.quiet();
      await hold(cluster, '3');
      await cluster.quiet();
      const { metadata, status } = (await cluster.get(deployments, 'web')) as KubeObject & {
        status: { observedGeneration: number };
      };
      const seen = status.observedGeneration === metadata.generation;
      return [seen, progressing(await cluster.get(deployments, 'web'))];
    },
    expected: [true, 'False/ProgressDeadlineExceeded'],
  },
  {
    says: 'with ProgressDeadlineExceeded said, the template of the running set put back and resumed: at once available again, no pod anew',
    scenario: async (cluster) => {
      await opened(cluster);
      const before = (await cluster.list(pods)).map(({ metadata }) => metadata.uid);
      await hold(cluster, '2');
      await cluster.quiet();
      await cluster.patch(deployments, 'web', 'strategic', deadline, 'status');
      await cluster.patch(deployments, 'web', 'strategic', {
        spec: { paused: null, ...objectAt(imagePatch('1'), 'spec') },
      });
      await cluster.quiet();
      const after = (await cluster.list(pods)).map(({ metadata }) => metadata.uid);
      const now = await cluster.get(deployments, 'web');
      return [JSON.stringify(before) === JSON.stringify(after), conditionsOf(now), countsOf(now)];
    },
    expected: [
      true,
      ['Available=True/MinimumReplicasAvailable', 'Progressing=True/NewReplicaSetAvailable'],
      { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
    ],
  },
  {
    says: 'resumed, the new template rolls: what Progressing says on the way',
    scenario: async (cluster) => {
      await opened(cluster);
      await hold(cluster, '2');
      await cluster.quiet();
      const versions = await cluster.follow(deployments);
      await cluster.patch(deployments, 'web', 'merge', { spec: { paused: null } });
      await up(cluster, 2);
      return [changes(versions().map(progressing)), await sizes(cluster)];
    },
    expected: [
      [
        'Unknown/DeploymentPaused',
        'Unknown/DeploymentResumed',
        'True/ReplicaSetUpdated',
        'True/NewReplicaSetAvailable',
      ],
      [
        [1, 0],
        [2, 2],
      ],
    ],
  },
  {
    says: 'paused and resumed without another template, nothing rolls, and the condition comes back',
    scenario: async (cluster) => {
      await opened(cluster);
      const versions = await cluster.follow(deployments);
      await cluster.patch(deployments, 'web', 'merge', { spec: { paused: true } });
      await cluster.quiet();
      await cluster.patch(deployments, 'web', 'merge', { spec: { paused: null } });
      await cluster.quiet();
      return [changes(versions().map(progressing)), (await cluster.list(replicaSets)).length];
    },
    expected: [
      [
        'True/NewReplicaSetAvailable',
        'Unknown/DeploymentPaused',
        'Unknown/DeploymentResumed',
        'True/NewReplicaSetAvailable',
      ],
      1,
    ],
  },
  {
    says: 'a rollout that does not move for progressDeadlineSeconds is said to have failed, and a later success unsays it',
    scenario: async (cluster) => {
      await opened(cluster, 1, { spec: { progressDeadlineSeconds: 2 } });
      const versions = await cluster.follow(deployments);
      await roll(cluster, 'never');
      await cluster.until(
        'the deadline',
        async () => progressing(await cluster.get(deployments, 'web')) === 'False/ProgressDeadlineExceeded',
      );
      const failed = await cluster.get(deployments, 'web');
      const [condition] = listAt(failed['status'], 'conditions').filter(
        (each) => textAt(each, 'type') === 'Progressing',
      );
      const message = (textAt(condition, 'message') ?? '').replace(/"web-\w+"/, '"SET"');
      const spec = { progressDeadlineSeconds: 600, ...objectAt(imagePatch('3'), 'spec') };
      await cluster.patch(deployments, 'web', 'strategic', { spec });
      await up(cluster, 1);
      // Whether a pod of the new set is progress depends on what was counted before it.
      const said = versions()
        .map(progressing)
        .filter((each) => each !== 'True/ReplicaSetUpdated');
      return [message, changes(said)];
    },
    expected: [
      'ReplicaSet "SET" has timed out progressing.',
      [
        'True/NewReplicaSetAvailable',
        'True/NewReplicaSetCreated',
        'False/ProgressDeadlineExceeded',
        'True/NewReplicaSetCreated',
        'True/NewReplicaSetAvailable',
      ],
    ],
  },
];
