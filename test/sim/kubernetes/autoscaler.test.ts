import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../api/kinds.ts';
import { TestCluster } from './cluster.ts';

const user = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';

/** A shop of two whose autoscaler wants 100 requests a second of each pod, between 2 and 10. */
async function scaled(): Promise<TestCluster> {
  const cluster = new TestCluster();
  await cluster.open(2);
  const pods = { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '100' } };
  await cluster.create(kinds.horizontalPodAutoscalers, {
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      ...{ minReplicas: 2, maxReplicas: 10, metrics: [{ type: 'Pods', pods }] },
    },
  });
  return cluster;
}

const sizeAfter = async (cluster: TestCluster, rate: number | undefined, seconds: number) => {
  cluster.kubernetes.rateOf = (workload) => (workload === 'shop/web' ? rate : undefined);
  await cluster.pass(seconds);
  return cluster.deployment.spec.replicas;
};

test('as many pods as the rate wants, rounded up, within the bounds, through /scale', async () => {
  const cluster = await scaled();
  cluster.calls.length = 0;
  equal(await sizeAfter(cluster, 410, 16), 5);
  deepEqual(
    cluster.calls.filter((call) => call.includes(user)),
    [`patch deployments/scale by ${user}`, `update horizontalpodautoscalers/status by ${user}`],
  );
  equal(await sizeAfter(cluster, 5_000, 31), 10);
});

test('a tenth more or less is no reason to scale', async () => {
  const cluster = await scaled();
  equal(await sizeAfter(cluster, 219, 60), 2);
  equal(await sizeAfter(cluster, 221, 31), 3);
});

test('at most double at once, or four more', async () => {
  const cluster = await scaled();
  equal(await sizeAfter(cluster, 1_000, 16), 6);
  equal(await sizeAfter(cluster, 1_000, 15), 10);
});

test('down only to the most that was wanted in five minutes', async () => {
  const cluster = await scaled();
  equal(await sizeAfter(cluster, 600, 46), 6);
  equal(await sizeAfter(cluster, 100, 240), 6);
  equal(await sizeAfter(cluster, 100, 80), 2);
});

test('without a measured rate, at zero replicas or once it is deleted, it does nothing', async () => {
  const cluster = await scaled();
  equal(await sizeAfter(cluster, undefined, 60), 2);
  await cluster.patch(kinds.deployments, 'web', { spec: { replicas: 0 } });
  equal(await sizeAfter(cluster, 600, 60), 0);
});
