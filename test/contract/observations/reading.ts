// What kubectl reads in a Deployment's status.
import { kinds } from '../../sim/api/kinds.ts';
import type { Cluster, Observation } from '../cluster.ts';
import { imagePatch, shop } from '../shop.ts';
import { hold, opened, up } from './steps.ts';
import { isUp, progressing } from './saying.ts';

const { deployments, replicaSets } = kinds;
const settled = async (cluster: Cluster): Promise<void> => {
  await cluster.until('the new set', async () => (await cluster.list(replicaSets)).length === 2);
  await cluster.quiet();
};

export const reading: readonly Observation[] = [
  {
    says: 'rollout status of a Deployment that is up',
    scenario: async (cluster) => {
      await opened(cluster, 1);
      return cluster.rolloutStatus('web');
    },
    expected: { code: 0, stdout: 'deployment "web" successfully rolled out\n', stderr: '' },
  },
  {
    says: 'rollout status of a held Deployment waits for new replicas',
    scenario: async (cluster) => {
      await opened(cluster);
      await hold(cluster, '2');
      await cluster.quiet();
      return cluster.rolloutStatus('web');
    },
    expected: {
      code: 0,
      stdout:
        'Waiting for deployment "web" rollout to finish: 0 out of 2 new replicas have been updated...\n',
      stderr: '',
    },
  },
  {
    says: 'rollout status of a held Deployment with the deadline said fails',
    scenario: async (cluster) => {
      await opened(cluster);
      await hold(cluster, '2');
      await cluster.quiet();
      const condition = {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'x',
      };
      await cluster.patch(deployments, 'web', 'strategic', { status: { conditions: [condition] } }, 'status');
      await cluster.quiet();
      return cluster.rolloutStatus('web');
    },
    expected: { code: 1, stdout: '', stderr: 'error: deployment "web" exceeded its progress deadline\n' },
  },
  {
    says: 'rollout status of a rollout that waits for its first pod, and then for old ones to end',
    scenario: async (cluster) => {
      await opened(cluster, 2, { spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } });
      await cluster.patch(deployments, 'web', 'strategic', imagePatch('never'));
      await settled(cluster);
      const first = await cluster.rolloutStatus('web');
      await cluster.patch(deployments, 'web', 'merge', {
        spec: { strategy: { rollingUpdate: { maxSurge: 2 } } },
      });
      await cluster.quiet();
      return [first, await cluster.rolloutStatus('web')];
    },
    expected: [
      {
        code: 0,
        stdout:
          'Waiting for deployment "web" rollout to finish: 1 out of 2 new replicas have been updated...\n',
        stderr: '',
      },
      {
        code: 0,
        stdout: 'Waiting for deployment "web" rollout to finish: 2 old replicas are pending termination...\n',
        stderr: '',
      },
    ],
  },
  {
    says: 'rollout status of a first rollout that is not ready',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop({ tag: 'never' }));
      await cluster.until('two pods', async () => isUp(await cluster.get(deployments, 'web'), 2, 'replicas'));
      await cluster.quiet();
      return cluster.rolloutStatus('web');
    },
    expected: {
      code: 0,
      stdout: 'Waiting for deployment "web" rollout to finish: 0 of 2 updated replicas are available...\n',
      stderr: '',
    },
  },
  {
    says: 'rollout status after the deadline',
    scenario: async (cluster) => {
      await cluster.create(
        deployments,
        shop({ tag: 'never', spec: { replicas: 1, progressDeadlineSeconds: 1 } }),
      );
      await cluster.until('the deadline', async () => {
        const object = await cluster.get(deployments, 'web');
        // Its first pod may be counted after a first deadline, which that takes back.
        return isUp(object, 1, 'replicas') && progressing(object) === 'False/ProgressDeadlineExceeded';
      });
      return cluster.rolloutStatus('web');
    },
    expected: { code: 1, stdout: '', stderr: 'error: deployment "web" exceeded its progress deadline\n' },
  },
  {
    says: 'rollout status of a Deployment at zero',
    scenario: async (cluster) => {
      await opened(cluster, 1);
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 0 } });
      await up(cluster, 0);
      return cluster.rolloutStatus('web');
    },
    expected: { code: 0, stdout: 'deployment "web" successfully rolled out\n', stderr: '' },
  },
];
