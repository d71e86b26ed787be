// What a budget says of evictions.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { objectAt } from '../../../src/routing/json.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Cluster, Observation, Said } from '../cluster.ts';
import { opened } from './steps.ts';
import { told } from './saying.ts';

const { disruptionBudgets, pods } = kinds;

/** The shop with a budget that has been counted. */
async function guarded(cluster: Cluster, replicas: number, spec: JsonObject, more = {}): Promise<void> {
  await opened(cluster, replicas, more);
  const selector = { matchLabels: { app: 'web' } };
  await cluster.create(disruptionBudgets, {
    ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web' } },
    spec: { selector, ...spec },
  });
  await cluster.until('the budget to count', async () => {
    const status = objectAt(await cluster.get(disruptionBudgets, 'web'), 'status');
    return status['expectedPods'] === replicas && status['currentHealthy'] === replicas;
  });
}

async function evict(cluster: Cluster, pod: KubeObject | undefined): Promise<Said> {
  const { name = '' } = pod?.metadata ?? {};
  const { namespace } = cluster;
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  return cluster.ask({ verb: 'create', resource: pods, name, subresource: 'eviction', body });
}

const counts = async (cluster: Cluster) => {
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = objectAt(
    await cluster.get(disruptionBudgets, 'web'),
    'status',
  );
  return { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods };
};

export const evictions: readonly Observation[] = [
  {
    says: 'a budget that wants every pod refuses an eviction, and what it says',
    scenario: async (cluster) => {
      await guarded(cluster, 2, { minAvailable: 2 });
      const [pod] = await cluster.list(pods);
      const said = await evict(cluster, pod);
      return [await counts(cluster), told(said), said.body['details']];
    },
    expected: [
      { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 2 },
      [429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget."],
      {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget web needs 2 healthy pods and has 2 currently',
          },
        ],
      },
    ],
  },
  {
    says: 'a budget of one lets one pod go, and another not before it is replaced',
    scenario: async (cluster) => {
      await guarded(cluster, 2, { maxUnavailable: 1 }, { tag: 'late' });
      const before = await counts(cluster);
      const [one, other] = await cluster.list(pods);
      const [first, second] = [await evict(cluster, one), await evict(cluster, other)];
      await cluster.until('the replacement', async () => (await counts(cluster)).disruptionsAllowed === 1);
      return [before, told(first), first.body['status'], second.status, (await evict(cluster, other)).status];
    },
    expected: [
      { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
      [201],
      'Success',
      429,
      201,
    ],
  },
  {
    says: 'percentages of a budget round up, whichever way they are said',
    scenario: async (cluster) => {
      await guarded(cluster, 3, { maxUnavailable: '50%' });
      const unavailable = await counts(cluster);
      await cluster.patch(disruptionBudgets, 'web', 'merge', {
        spec: { maxUnavailable: null, minAvailable: '50%' },
      });
      await cluster.quiet();
      return [unavailable, await counts(cluster)];
    },
    expected: [
      { disruptionsAllowed: 2, currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 },
      { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 },
    ],
  },
];
