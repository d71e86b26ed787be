import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonFrom, withTicks } from '../../src/analysis/comparison.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';

/** The published lines that are about `name`, without help. */
async function published({ registry }: Metrics, name: string): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name));
}

test('everything that is counted is published at 0 from the start', async () => {
  golden('telemetry/metrics.txt', await createMetrics().registry.metrics());
  noStaleGolden('telemetry');
});

test('what happened is counted under its own kind alone', async () => {
  const metrics = createMetrics();
  metrics.ticks.inc('fail');
  metrics.ticks.inc('fail');
  deepEqual(await published(metrics, 'serin_ticks_total'), [
    'serin_ticks_total{verdict="pass"} 0',
    'serin_ticks_total{verdict="fail"} 2',
    'serin_ticks_total{verdict="inconclusive"} 0',
    'serin_ticks_total{verdict="error"} 0',
  ]);
});

test('a rollout is shown in one phase at a time, and leaves nothing behind', async () => {
  const metrics = createMetrics();
  metrics.showRollout('shop', 'web', 'Starting', 0);
  metrics.showRollout('shop', 'web', 'Progressing', 20);
  metrics.showRollout('shop', 'api', 'RollingBack', 0);
  deepEqual(await published(metrics, 'serin_rollout_'), [
    'serin_rollout_phase{namespace="shop",deployment="web",phase="Progressing"} 1',
    'serin_rollout_phase{namespace="shop",deployment="api",phase="RollingBack"} 1',
    'serin_rollout_weight{namespace="shop",deployment="web",arm="stable"} 80',
    'serin_rollout_weight{namespace="shop",deployment="web",arm="canary"} 20',
    'serin_rollout_weight{namespace="shop",deployment="api",arm="stable"} 100',
    'serin_rollout_weight{namespace="shop",deployment="api",arm="canary"} 0',
  ]);
  for (const name of ['web', 'api', 'never-seen']) metrics.forgetRollout('shop', name);
  deepEqual(await published(metrics, 'serin_rollout_'), []);
});

test('what the comparison has shown is published as far as it is known, and goes with the rollout', async () => {
  const metrics = createMetrics();
  metrics.showEvidence('shop', 'web', comparisonFrom(0));
  deepEqual(await published(metrics, 'serin_rollout_'), [
    'serin_rollout_evidence{namespace="shop",deployment="web",of="errors"} 0',
  ]);
  const arm = (errors: number) => ({ requests: 1000, errors, slower: [errors] });
  const tick = { until: 1, edges: [500], canary: arm(60), stable: arm(2) };
  const spec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };
  metrics.showEvidence('shop', 'web', withTicks(comparisonFrom(0), [tick], spec));
  const lines = (await published(metrics, 'serin_rollout_')).map((line) => line.split(' '));
  deepEqual(
    lines.map(([name]) => name),
    [
      'serin_rollout_evidence{namespace="shop",deployment="web",of="errors"}',
      'serin_rollout_evidence{namespace="shop",deployment="web",of="latency"}',
      'serin_rollout_odds_ratio{namespace="shop",deployment="web",end="least"}',
    ],
  );
  ok(lines.every(([, value]) => Number(value) > 1));
  metrics.forgetRollout('shop', 'web');
  deepEqual(await published(metrics, 'serin_rollout_'), []);
});

test('the queue and the reflectors are asked when somebody asks', async () => {
  const metrics = createMetrics();
  const now = { depth: 3, relists: 1, restarts: 4 };
  metrics.followQueue(() => now.depth);
  metrics.followReflector('deployments', () => now);
  await metrics.registry.metrics();
  Object.assign(now, { depth: 2, restarts: 5 });
  deepEqual(await published(metrics, 'serin_queue_depth'), ['serin_queue_depth 2']);
  deepEqual(await published(metrics, 'serin_reflector_'), [
    'serin_reflector_relists_total{resource="deployments"} 1',
    'serin_reflector_restarts_total{resource="deployments"} 5',
  ]);
});

test('no certificate is not one that ended in 1970', async () => {
  const metrics = createMetrics();
  const name = 'serin_certificate_expiry_timestamp_seconds';
  deepEqual(await published(metrics, name), []);
  metrics.certificateExpiry.set(1_800_000_000);
  deepEqual(await published(metrics, name), [`${name} 1800000000`]);
});

test('two processes in one do not share their numbers', async () => {
  const [a, b] = [createMetrics(), createMetrics()];
  a.leader.set(1);
  equal((await published(b, 'serin_leader'))[0], 'serin_leader 0');
});
