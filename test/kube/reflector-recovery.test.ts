import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Kube } from '../../src/kube/kube.ts';
import { answer, cut, eventually, refusal, stream } from '../rig/scripted-api.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { bookmark, event, holds, page, pod, reflecting } from './reflector-rig.ts';

const tooOld = refusal(410, 'Expired', 'too old');
const busy = refusal(500, 'InternalError', 'etcd');
const uninstalled = answer(404, '404 page not found\n');

for (const [where, step] of [
  ['as the answer', tooOld],
  ['in the stream', stream([event('ERROR', { kind: 'Status', code: 410, message: 'too old' })])],
] as const)
  test(`a version that is too old, told ${where}, makes it list again and tell only what differs`, async (t) => {
    const rig = await reflecting(t, [
      page('10', [pod('a', '1'), pod('b', '2'), pod('c', '3')]),
      step,
      page('20', [pod('a', '1'), pod('c', '12'), pod('d', '13')]),
    ]);
    deepEqual(await rig.requests(4), ['list', 'watch 10', 'list', 'watch 20']);
    deepEqual(rig.changes.slice(3), ['-shop/b 2>', '~shop/c 3>12', '+shop/d >13']);
    holds(rig, ['a 1', 'c 12', 'd 13']);
    equal(rig.reflector.stats.relists, 1);
  });

test('goes on from the last event or bookmark when the server ends the stream, whatever versions look like', async (t) => {
  const rig = await reflecting(t, [
    page('x-10', []),
    stream([event('ADDED', pod('a', 'zz')), event('DELETED', pod('a', '3'))], 'end'),
    stream([bookmark('Ω')], 'end'),
  ]);
  deepEqual(await rig.requests(4), ['list', 'watch x-10', 'watch 3', 'watch Ω']);
  deepEqual(rig.changes, ['+shop/a >zz', '-shop/a zz>']);
});

test('walks all pages and takes them in at once, from the version of the first', async (t) => {
  const sizes: number[] = [];
  const rig = await reflecting(
    t,
    [page('10', [pod('a', '1')], 'c1'), page('10', [pod('b', '2')], 'c2'), page('10', [pod('c', '3')])],
    { onChange: () => sizes.push(rig.reflector.store.list().length) },
  );
  deepEqual(await rig.requests(4), ['list', 'list c1', 'list c2', 'watch 10']);
  deepEqual(sizes, [3, 3, 3]);
});

test('a list that is overtaken begins again, a few times, then pauses', async (t) => {
  const overtaken = [page('10', [pod('a', '1')], 'c1'), tooOld];
  const rig = await reflecting(t, [
    ...overtaken,
    ...overtaken,
    ...overtaken,
    ...overtaken,
    page('20', [pod('b', '2')]),
  ]);
  deepEqual((await rig.requests(10)).slice(-3), ['list c1', 'list', 'watch 20']);
  deepEqual(rig.waits, [500]);
  holds(rig, ['b 2']);
});

test('waits twice as long after each failure, up to 30 s, and lists anew since its version may never come', async (t) => {
  const steps = [page('10', []), busy, busy, busy, cut, busy, busy, busy, busy, busy];
  const rig = await reflecting(t, steps);
  deepEqual((await rig.requests(11)).slice(0, 6), [
    'list',
    'watch 10',
    'watch 10',
    'watch 10',
    'list',
    'list',
  ]);
  deepEqual(rig.waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('only a stream that gave something or lasted counts as a recovery, not one that opened', async (t) => {
  const rig = await reflecting(t, [
    page('10', []),
    busy,
    stream([], 'end'),
    stream([bookmark('11')], 'break'),
    busy,
    stream([], 'break'),
  ]);
  await rig.requests(7);
  deepEqual(rig.waits, [500, 1_000, 500, 1_000, 2_000]);
});

test('a stream that was quiet for half a minute before it broke was a recovery', async (t) => {
  const clock = virtualClock();
  let hangUp = (): void => {};
  const rig = await reflecting(
    t,
    [
      page('10', []),
      busy,
      busy,
      (response) => {
        response.writeHead(200).flushHeaders();
        hangUp = () => response.destroy();
      },
    ],
    { clock },
  );
  const waits = (ms: number): boolean => clock.wakes.join() === String(clock.now() + ms);
  for (const ms of [500, 1_000]) {
    await eventually(() => waits(ms), `the wait of ${ms} ms`);
    await clock.advance(ms);
  }
  await rig.requests(4);
  await clock.advance(30_000);
  hangUp();
  await eventually(() => waits(500), 'a wait as after a first failure');
});

test('waits as long as the API server asked for', async (t) => {
  const rig = await reflecting(t, [
    refusal(429, 'TooManyRequests', 'later', { 'retry-after': '17' }),
    page('10', []),
    stream([
      event('ERROR', { kind: 'Status', code: 429, message: 'later', details: { retryAfterSeconds: 40 } }),
    ]),
  ]);
  await rig.requests(4);
  deepEqual(rig.waits, [17_000, 40_000]);
});

test('a kind that is not installed is nothing, known at once, and looked for every half minute', async (t) => {
  const clock = virtualClock();
  const rig = await reflecting(t, [uninstalled, uninstalled, page('10', [pod('a', '9')])], { clock });
  for (const lists of [1, 2]) {
    await rig.requests(lists);
    await eventually(() => clock.wakes.join() === String(clock.now() + 30_000), 'half a minute');
    deepEqual([rig.reflector.synced, rig.reflector.isInstalled], [true, false]);
    await clock.advance(30_000);
  }
  deepEqual(await rig.requests(4), ['list', 'list', 'list', 'watch 10']);
  equal(rig.reflector.isInstalled, true);
  deepEqual(rig.changes, ['+shop/a >9']);
  deepEqual(rig.failures, []);
});

test('a kind that is taken away is told gone, object by object', async (t) => {
  const rig = await reflecting(t, [
    page('10', [pod('a', '9')]),
    stream([], 'break'),
    uninstalled,
    uninstalled,
  ]);
  await eventually(() => rig.changes.length === 2, 'the deletion');
  deepEqual((await rig.requests(5)).slice(0, 4), ['list', 'watch 10', 'watch 10', 'list']);
  deepEqual(rig.changes, ['+shop/a >9', '-shop/a 9>']);
  equal(rig.reflector.synced, true);
});

test('tells of everything again when asked to', async (t) => {
  const rig = await reflecting(t, [page('10', [pod('a', '9'), pod('b', '8')])]);
  await rig.requests(2);
  rig.reflector.announceAll();
  deepEqual(rig.changes.slice(2), ['~shop/a 9>9', '~shop/b 8>8']);
});

test('a failure that is no answer of the API server does not end it either', async (t) => {
  let isBroken = true;
  const around = (kube: Kube): Kube => ({
    ...kube,
    list: (...args) => {
      if (isBroken) {
        isBroken = false;
        throw new TypeError('a defect of ours');
      }
      return kube.list(...args);
    },
  });
  const rig = await reflecting(t, [page('10', [])], { around });
  deepEqual(await rig.requests(2), ['list', 'watch 10']);
  deepEqual(rig.failures.map(String), ['TypeError: a defect of ours']);
});
