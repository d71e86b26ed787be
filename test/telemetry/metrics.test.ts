import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { gauges, published, seen } from './published.ts';

test('everything that is counted is published at 0 from the start', async () => {
  const metrics = createMetrics({ version: '1.2.3', node: 'v24' });
  golden('telemetry/metrics.txt', await metrics.registry.metrics());
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

test('a process that no longer leads shows nothing that another knows better', async () => {
  const metrics = createMetrics();
  const stats = { relists: 1, restarts: 4, lastSeen: 7_000, trouble: undefined };
  metrics.leader.set(1);
  metrics.followQueue(() => 3);
  metrics.followReflector('deployments', { stats, synced: true, isInstalled: true });
  metrics.showRollout('shop/web', seen);
  metrics.showFailed('shop/api', 5_000);
  metrics.stopLeading();
  deepEqual(await gauges(metrics), []);
  deepEqual(await published(metrics, 'serin_reflector_'), []);
  deepEqual(await published(metrics, 'serin_leader'), ['serin_leader 0']);
  deepEqual(await published(metrics, 'serin_queue_depth'), ['serin_queue_depth 0']);
});

test('a call of the API server is counted by what was asked, and timed where an answer ends it', async () => {
  const metrics = createMetrics();
  const call = { verb: 'get', resource: 'deployments', code: '200', tookMs: 30 } as const;
  for (const each of [call, call, { ...call, code: 'none' }, { ...call, verb: 'watch' } as const])
    metrics.apiCall(each);
  deepEqual(await published(metrics, 'serin_api_requests_total'), [
    'serin_api_requests_total{verb="get",resource="deployments",code="200"} 2',
    'serin_api_requests_total{verb="get",resource="deployments",code="none"} 1',
    'serin_api_requests_total{verb="watch",resource="deployments",code="200"} 1',
  ]);
  const name = 'serin_api_request_duration_seconds_count';
  const timed = (await published(metrics, name)).filter((line) => !line.endsWith(' 0'));
  deepEqual(timed, [`${name}{verb="get"} 2`]);
});

test('the queue and the reflectors are asked when somebody asks', async () => {
  const metrics = createMetrics();
  const queue = { depth: 3 };
  const stats = { relists: 1, restarts: 4, lastSeen: 7_000, trouble: undefined };
  metrics.followQueue(() => queue.depth);
  metrics.followReflector('deployments', { stats, synced: true, isInstalled: true });
  metrics.followReflector('httproutes', {
    stats: { ...stats, lastSeen: 9_000 },
    synced: false,
    isInstalled: false,
  });
  await metrics.registry.metrics();
  queue.depth = 2;
  stats.restarts = 5;
  deepEqual(await published(metrics, 'serin_queue_depth'), ['serin_queue_depth 2']);
  deepEqual(await published(metrics, 'serin_reflector_'), [
    'serin_reflector_relists_total{resource="deployments"} 1',
    'serin_reflector_relists_total{resource="httproutes"} 1',
    'serin_reflector_restarts_total{resource="deployments"} 5',
    'serin_reflector_restarts_total{resource="httproutes"} 4',
    'serin_reflector_synced{resource="deployments"} 1',
    'serin_reflector_synced{resource="httproutes"} 0',
    'serin_reflector_last_seen_timestamp_seconds{resource="deployments"} 7',
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
