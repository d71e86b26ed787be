import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonFrom, withTicks } from '../../src/analysis/comparison.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import type { RolloutSeen } from '../../src/telemetry/rollouts.ts';
import { gauges, published, seen } from './published.ts';

test('a rollout is shown in one phase at a time, and leaves nothing behind', async () => {
  const metrics = createMetrics();
  metrics.showRollout('shop/web', { ...seen, phase: 'Starting', weight: 0 });
  const checks = { passed: 3, failed: 1, silent: 0 };
  metrics.showRollout('shop/web', { ...seen, checks, verdict: 'fail', isPaused: true });
  metrics.showFailed('shop/api', 5_000);
  deepEqual(await gauges(metrics), [
    'serin_rollout_phase{namespace="shop",deployment="web",phase="Progressing"} 1',
    'serin_rollout_since_timestamp_seconds{namespace="shop",deployment="web"} 1000',
    'serin_rollout_twin_info{namespace="shop",deployment="web",twin="web-canary"} 1',
    'serin_rollout_paused{namespace="shop",deployment="web"} 1',
    'serin_rollout_weight{namespace="shop",deployment="web",arm="stable"} 80',
    'serin_rollout_weight{namespace="shop",deployment="web",arm="canary"} 20',
    'serin_rollout_checks{namespace="shop",deployment="web",result="passed"} 3',
    'serin_rollout_checks{namespace="shop",deployment="web",result="failed"} 1',
    'serin_rollout_checks{namespace="shop",deployment="web",result="silent"} 0',
    'serin_rollout_verdict{namespace="shop",deployment="web",verdict="fail"} 1',
    'serin_rollout_failed_timestamp_seconds{namespace="shop",deployment="api"} 5',
  ]);
  for (const key of ['shop/web', 'shop/api', 'shop/never-seen']) metrics.forgetRollout(key);
  deepEqual(await gauges(metrics), []);
});

test('a phase of which nobody wrote down when it was entered has been there since it was seen first', async () => {
  const metrics = createMetrics();
  const { since: _, ...unwritten } = { ...seen, phase: 'RollingBack' as const };
  for (const seenAt of [4_000, 9_000]) metrics.showRollout('shop/web', { ...unwritten, seenAt });
  deepEqual(await published(metrics, 'serin_rollout_since'), [
    'serin_rollout_since_timestamp_seconds{namespace="shop",deployment="web"} 4',
  ]);
});

test('a failed rollout is shown as failed until another begins', async () => {
  const metrics = createMetrics();
  metrics.showFailed('shop/web', 5_000);
  metrics.showRollout('shop/web', { ...seen, phase: 'Pending' });
  deepEqual(await published(metrics, 'serin_rollout_failed'), []);
});

test('however many rollouts come and go, and whatever became of them, there are no more series than before', async () => {
  const metrics = createMetrics();
  const series = async (): Promise<readonly string[]> =>
    (await metrics.registry.metrics()).split('\n').map((line) => line.replace(/ \S+$/, ''));
  const before = await series();
  for (let each = 0; each < 50; each += 1) {
    const key = `shop/web-${each}`;
    const revision = `r${each}`;
    const twin = `web-${each}-canary`;
    const ended = { startedAt: 1, endedAt: 2 };
    metrics.showRollout(key, { ...seen, revision, twin, phase: 'Starting' });
    metrics.showRollout(key, { ...seen, revision, twin, verdict: 'fail' });
    metrics.endRollout(key, { outcome: each % 2 === 0 ? 'Failed' : 'Succeeded', ...ended });
    metrics.showFailed(key, 2);
    metrics.forgetRollout(key);
  }
  deepEqual(await series(), before);
});

test('a phase takes from when it was entered to when another was seen, and a rollout from its beginning to its end', async () => {
  const metrics = createMetrics();
  const at = (phase: RolloutSeen['phase'], seconds: number): RolloutSeen => ({
    ...{ ...seen, phase, isApplied: false },
    ...{ since: seconds * 1000, seenAt: seconds * 1000 },
  });
  metrics.showRollout('shop/web', at('Starting', 100));
  // Another weight is no other phase.
  for (const seconds of [107, 150]) metrics.showRollout('shop/web', at('Progressing', seconds));
  metrics.showRollout('shop/web', at('RollingBack', 167));
  metrics.endRollout('shop/web', { outcome: 'Failed', startedAt: 100_000, endedAt: 170_000 });
  const some = async (name: string): Promise<string[]> =>
    (await published(metrics, name)).filter((line) => !line.endsWith(' 0'));
  deepEqual(await some('serin_rollout_phase_duration_seconds_sum'), [
    'serin_rollout_phase_duration_seconds_sum{phase="Starting"} 7',
    'serin_rollout_phase_duration_seconds_sum{phase="Progressing"} 60',
    'serin_rollout_phase_duration_seconds_sum{phase="RollingBack"} 3',
  ]);
  deepEqual(await some('serin_rollout_duration_seconds_sum'), [
    'serin_rollout_duration_seconds_sum{outcome="Failed"} 70',
  ]);
  equal((await published(metrics, 'serin_rollouts_total'))[1], 'serin_rollouts_total{outcome="Failed"} 1');
});

test('a twin takes from when its change was seen first until it was ready, and one that never was is not counted', async () => {
  const metrics = createMetrics();
  const name = 'serin_rollout_twin_ready_seconds';
  type Step = readonly [phase: RolloutSeen['phase'], at: number, revision: string];
  const after = async (...steps: readonly Step[]): Promise<string[]> => {
    for (const [phase, at, revision] of steps) {
      const now = { since: at * 1000, seenAt: at * 1000 };
      metrics.showRollout('shop/web', { ...seen, ...now, isApplied: false, phase, revision });
    }
    return (await published(metrics, name)).slice(-2);
  };
  const superseded = await after(['Starting', 100, 'r2'], ['Pending', 150, 'r3'], ['Starting', 151, 'r3']);
  deepEqual(superseded, [`${name}_sum 0`, `${name}_count 0`]);
  deepEqual(await after(['Progressing', 158, 'r3']), [`${name}_sum 8`, `${name}_count 1`]);
  const failed = await after(['Starting', 200, 'r4'], ['RollingBack', 300, 'r4']);
  deepEqual(failed, [`${name}_sum 8`, `${name}_count 1`]);
});

test('a weight takes from its decision until all routes are seen to give it, and is counted once', async () => {
  const metrics = createMetrics();
  metrics.showRollout('shop/web', { ...seen, seenAt: 1_001_000, isApplied: false });
  metrics.showRollout('shop/web', { ...seen, seenAt: 1_003_000 });
  metrics.showRollout('shop/web', { ...seen, seenAt: 1_009_000 });
  metrics.showRollout('shop/web', { ...seen, since: 1_020_000, seenAt: 1_021_000, weight: 60 });
  const name = 'serin_rollout_weight_delay_seconds';
  const ends = (await published(metrics, name)).slice(-2);
  deepEqual(ends, [`${name}_sum 4`, `${name}_count 2`]);
});

test('what the comparison has shown is published beside its bound as far as it is known, and goes with the rollout', async () => {
  const metrics = createMetrics();
  const spec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };
  const show = (comparison: ReturnType<typeof comparisonFrom>): void =>
    metrics.showRollout('shop/web', { ...seen, evidence: { comparison, spec } });
  const bound = `serin_rollout_evidence_bound{namespace="shop",deployment="web"} ${Math.log(200)}`;
  show(comparisonFrom(0));
  deepEqual(await published(metrics, 'serin_rollout_evidence'), [
    'serin_rollout_evidence{namespace="shop",deployment="web",of="errors"} 0',
    bound,
  ]);
  const arm = (errors: number) => ({ requests: 1000, errors, slower: [errors] });
  const tick = { until: 1, edges: [500], canary: arm(60), stable: arm(2) };
  show(withTicks(comparisonFrom(0), [tick], spec));
  const names = ['serin_rollout_evidence{', 'serin_rollout_odds_ratio'];
  const lines = await Promise.all(names.map((name) => published(metrics, name)));
  const told = lines.flat().map((line) => line.split(' '));
  deepEqual(
    told.map(([name]) => name),
    [
      'serin_rollout_evidence{namespace="shop",deployment="web",of="errors"}',
      'serin_rollout_evidence{namespace="shop",deployment="web",of="latency"}',
      'serin_rollout_odds_ratio{namespace="shop",deployment="web",end="least"}',
    ],
  );
  ok(told.every(([, value]) => Number(value) > 1));
  metrics.forgetRollout('shop/web');
  deepEqual(await gauges(metrics), []);
});
