// How many pods of which template there are while a rolling update is under way.
import { numberAt } from '../../../src/routing/json.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { opened, roll, sizes, up } from './steps.ts';
const { deployments, replicaSets } = kinds;

/** The sizes that a surge and a number unavailable allow at the first step of a rollout that never gets ready. */
const firstStep = (
  [replicas, maxSurge, maxUnavailable]: readonly [number, number | string, number | string],
  expected: Json,
): Observation => ({
  says: `of ${replicas} with maxSurge ${maxSurge} and maxUnavailable ${maxUnavailable}, the first step has these sizes`,
  scenario: async (cluster) => {
    await opened(cluster, replicas, { spec: { strategy: { rollingUpdate: { maxSurge, maxUnavailable } } } });
    await roll(cluster, 'never');
    await cluster.until('the new set', async () => (await cluster.list(replicaSets)).length === 2);
    await cluster.quiet();
    return sizes(cluster);
  },
  expected,
});

export const surge: readonly Observation[] = [
  firstStep(
    [4, '25%', '25%'],
    [
      [1, 3],
      [2, 2],
    ],
  ),
  firstStep(
    [3, '25%', '25%'],
    [
      [1, 3],
      [2, 1],
    ],
  ),
  firstStep(
    [10, '30%', 2],
    [
      [1, 8],
      [2, 5],
    ],
  ),
  firstStep(
    [1, 1, 0],
    [
      [1, 1],
      [2, 1],
    ],
  ),
  firstStep(
    [2, 0, '1%'],
    [
      [1, 1],
      [2, 1],
    ],
  ),
  firstStep(
    [5, '100%', 0],
    [
      [1, 5],
      [2, 5],
    ],
  ),
  {
    says: 'another template before the first is done: the half-done set is taken back first, and three revisions are kept',
    scenario: async (cluster) => {
      await opened(cluster);
      await roll(cluster, 'never');
      await cluster.until('the new set', async () => (await cluster.list(replicaSets)).length === 2);
      await cluster.quiet();
      await roll(cluster, '3');
      await up(cluster, 2);
      return sizes(cluster);
    },
    expected: [
      [1, 0],
      [2, 0],
      [3, 2],
    ],
  },
  {
    says: 'a change of scale amid a rollout is shared out in proportion, before the rollout goes on',
    scenario: async (cluster) => {
      await opened(cluster, 4, { spec: { strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } } });
      await roll(cluster, 'never');
      await cluster.until('the new set', async () => (await cluster.list(replicaSets)).length === 2);
      await cluster.quiet();
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 8 } }, 'scale');
      await cluster.quiet();
      return sizes(cluster);
    },
    expected: [
      [1, 7],
      [2, 3],
    ],
  },
  {
    says: 'a rolling update never has fewer available than it may, nor more pods than it may',
    scenario: async (cluster) => {
      await opened(cluster, 4, { spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } });
      const versions = await cluster.follow(deployments);
      const sets = await cluster.follow(replicaSets);
      await roll(cluster, '2');
      await up(cluster, 4);
      const sized = new Map<string, number>();
      const totals = sets().map(({ metadata, spec }) => {
        sized.set(metadata.name, numberAt(spec, 'replicas') ?? 0);
        return [...sized.values()].reduce((sum, size) => sum + size, 0);
      });
      return [
        Math.min(...versions().map(({ status }) => numberAt(status, 'availableReplicas') ?? 0)),
        Math.max(...totals),
      ];
    },
    expected: [4, 5],
  },
];
