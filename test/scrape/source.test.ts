import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { pod } from './proxies.ts';
import { long, rig } from './rig.ts';

test('both arms are counted look by look, a few seconds after each other', async () => {
  const { clock, look, counted, lists } = rig();
  equal(await look(), 'absent: no samples of these workloads');
  const heard: string[] = [];
  for (let at = 0; at < 3; at += 1) {
    await clock.advance(2000);
    heard.push(await look());
  }
  deepEqual(heard, [
    '20 beside 40',
    '20 beside 40, 20 beside 40',
    '20 beside 40, 20 beside 40, 20 beside 40',
  ]);
  deepEqual([counted(), lists], [0, ['app=web', 'app=web-canary']]);
  await clock.advance(2000);
  equal(await look({ countedUntil: clock.now() - 4000 }), '20 beside 40, 20 beside 40');
});

test('a look that comes for another reason asks no proxy again', async () => {
  const { clock, look, asked } = rig();
  await look();
  await clock.advance(500);
  await look();
  equal(asked.length, 3);
});

test('no more is asked than the addresses that the API gives, at this port and path, and no machine of its own', async () => {
  const { pods, look, asked } = rig();
  const names = ['evil.example.com', '10.0.0.9/x', '', 'fd00::7'];
  pods.set(
    'web',
    names.map((ip, at) => pod({ name: `web-${at}`, ip, startTime: long })),
  );
  await look();
  const path = ':15090/stats/prometheus?filter=istio_request%28s_total%7C_duration%29';
  deepEqual(asked.map(({ url }) => url).toSorted(), [`http://10.0.1.1${path}`, `http://[fd00::7]${path}`]);
  for (const { init } of asked)
    deepEqual(
      [init.method, init.redirect, init.onlyOutside, init.headers],
      ['GET', 'manual', true, { accept: 'text/plain' }],
    );
});

test('pods are listed again where others are ready than are known, and else each ten seconds', async () => {
  const { clock, pods, look, lists } = rig();
  await look();
  const more = pod({
    name: 'web-canary-1',
    ip: '10.0.1.2',
    startTime: new Date(clock.now() + 1000).toISOString(),
  });
  await clock.advance(2000);
  pods.set('web-canary', [...(pods.get('web-canary') ?? []), more]);
  equal(await look(), '40 beside 40'); // A pod that is new counts from its first request.
  equal(lists.length, 4);
  for (let at = 0; at < 5; at += 1) {
    await clock.advance(2000);
    await look();
  }
  equal(lists.length, 6);
});

test('what a pod that is gone has served stays counted', async () => {
  const { clock, pods, look } = rig();
  await look();
  await clock.advance(2000);
  await look();
  pods.set('web', (pods.get('web') ?? []).slice(0, 1));
  for (let at = 0; at < 3; at += 1) {
    await clock.advance(2000);
    await look();
  }
  equal(await look(), '20 beside 40, 20 beside 20, 20 beside 20, 20 beside 20');
});

const silences: readonly (readonly [why: string, respond: () => Response | Promise<never>])[] = [
  ['answered 503', () => new Response('no healthy upstream', { status: 503 })],
  ['answered 302', () => new Response('', { status: 302, headers: { location: 'http://169.254.169.254/' } })],
  ['line 1 of the page is no sample', () => new Response('istio_requests_total{\n')],
  ['the answer is larger than 4 MiB', () => new Response('#'.repeat(4 * 1024 * 1024 + 1))],
  ['connect ECONNREFUSED', () => Promise.reject(new Error('connect ECONNREFUSED'))],
];
for (const [why, respond] of silences)
  test(`while a ready pod has no page, all waits: ${why}`, async () => {
    const { look } = rig({ respond: (host) => (host === '10.0.1.1' ? respond() : undefined) });
    equal(await look(), `incomplete: the proxy of pod web-canary-0 is not heard: ${why}`);
  });

test('a proxy that does not answer is waited for a second', async () => {
  const { look } = rig({ respond: (host) => (host === '10.0.0.2' ? 'silence' : undefined) });
  equal(await look(), 'incomplete: the proxy of pod web-1 is not heard: no answer within 1000 ms');
});

test('a proxy that misses a scrape is waited for, and what it counted meanwhile is not lost', async () => {
  let isDown = false;
  const { clock, look } = rig({
    respond: (host) => (isDown && host === '10.0.1.1' ? new Response('', { status: 500 }) : undefined),
  });
  await look();
  const heard: string[] = [];
  for (const down of [false, true, false]) {
    isDown = down;
    await clock.advance(2000);
    heard.push(await look());
  }
  deepEqual(heard, ['20 beside 40', '20 beside 40', '20 beside 40, 0 beside 40, 40 beside 40']);
});

test('where a pod has no proxy Prometheus counts, all the time', async () => {
  const { clock, pods, look, asked, counted } = rig();
  const bare = pod({ name: 'web-0', ip: '10.0.0.1', startTime: long, containers: ['web'] });
  pods.set('web', [bare]);
  equal(await look(), 'absent: counted by Prometheus');
  pods.set('web', [pod({ name: 'web-0', ip: '10.0.0.1', startTime: long })]);
  await clock.advance(12_000);
  equal(await look(), 'absent: counted by Prometheus');
  deepEqual([counted(), asked.length], [2, 0]);
});

test('an API server that does not tell the pods is an error, and no verdict', async () => {
  const { look, broken } = rig();
  broken.api = true;
  equal(await look(), 'error: the pods are not known: no API server');
});

test('a pod that is not ready is asked, too, and not waited for', async () => {
  const { clock, pods, look, asked } = rig();
  const dying = pod({ name: 'web-canary-1', ip: '10.0.1.2', startTime: long, ready: false });
  const ended = pod({ name: 'web-canary-2', ip: '10.0.1.3', startTime: long, phase: 'Succeeded' });
  pods.set('web-canary', [...(pods.get('web-canary') ?? []), dying, ended]);
  const ready = { stable: 2, canary: 1 };
  await look({ ready });
  await clock.advance(2000);
  equal(await look({ ready }), '40 beside 40');
  ok(asked.every(({ url }) => !url.includes('10.0.1.3')));
});
