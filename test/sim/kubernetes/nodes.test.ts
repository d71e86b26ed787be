import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../api/kinds.ts';
import { TestCluster } from './cluster.ts';

const onNode = ({ pods }: TestCluster, node: string) => pods.filter(({ spec }) => spec.nodeName === node);

test('a node that dies takes its pods at once, without grace, and they are made again', async () => {
  const cluster = new TestCluster();
  await cluster.open(6);
  const [node = ''] = cluster.kubernetes.nodes;
  const lost = onNode(cluster, node).length;
  ok(lost > 0 && lost < 6);
  await cluster.kubernetes.loseNode(node);
  equal(cluster.pods.length, 6 - lost);
  await cluster.pass(0.25);
  equal(cluster.endpoints, 6 - lost);
  await cluster.pass(10);
  deepEqual([cluster.ready, cluster.endpoints], [6, 6]);
});

test('a drain empties a node, keeps to the budget on the way, and nothing is put there meanwhile', async () => {
  const cluster = new TestCluster();
  await cluster.open(6);
  await cluster.create(kinds.disruptionBudgets, {
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: 1 },
  });
  await cluster.pass(5);
  const [node = ''] = cluster.kubernetes.nodes;
  ok(onNode(cluster, node).length > 1);
  let least = 6;
  cluster.api.onWrite(() => {
    least = Math.min(least, cluster.ready);
  });
  cluster.kubernetes.drain(node);
  await cluster.pass(60);
  deepEqual([onNode(cluster, node).length, cluster.ready, least], [0, 6, 5]);
});

test('without a budget a drain takes all pods of the node together', async () => {
  const cluster = new TestCluster();
  await cluster.open(6);
  const [node = ''] = cluster.kubernetes.nodes;
  const there = onNode(cluster, node).length;
  cluster.kubernetes.drain(node);
  await cluster.pass(0.01);
  equal(cluster.ready, 6 - there);
});

test('a pod that is killed is gone at once, and made again', async () => {
  const cluster = new TestCluster();
  await cluster.open(2);
  const [pod] = cluster.pods;
  await cluster.kubernetes.killPod('shop', pod?.metadata.name ?? '');
  equal(cluster.pods.length, 1);
  await cluster.pass(5);
  equal(cluster.ready, 2);
});

test('while nothing is written nothing happens: an hour of rest is an hour without a call', async () => {
  const cluster = new TestCluster();
  await cluster.open(4);
  await cluster.pass(60);
  cluster.calls.length = 0;
  await cluster.pass(3_600);
  deepEqual(cluster.calls, []);
});

test('the same seed makes the same history, and another seed another', async () => {
  const historyOf = async (seed: number): Promise<string> => {
    const cluster = new TestCluster(seed);
    const seen: string[] = [];
    cluster.api.onWrite(({ at, object }) => seen.push(`${at} ${JSON.stringify(object)}`));
    await cluster.open(3);
    await cluster.patch(kinds.deployments, 'web', {
      spec: { template: { spec: { containers: [{ name: 'shop', image: 'shop:2' }] } } },
    });
    await cluster.pass(60);
    return seen.join('\n');
  };
  const [one, again, other] = [await historyOf(7), await historyOf(7), await historyOf(8)];
  equal(one, again);
  ok(one !== other);
});
