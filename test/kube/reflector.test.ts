// The ten things that client-node's informer was seen to do wrong (2.0.1, tried against a loopback server), each made right.
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { answer, cut, eventually, refusal, stream } from '../rig/scripted-api.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { bookmark, event, holds, page, pod, reflecting } from './reflector-rig.ts';

test('A: a connection that breaks mid-stream is opened again where it broke, without a new list', async (t) => {
  const rig = await reflecting(t, [
    page('10', [pod('a', '9')]),
    stream([event('ADDED', pod('b', '11'))], 'break'),
    stream([event('ADDED', pod('c', '12'))]),
  ]);
  await eventually(() => rig.changes.length === 3, 'the third change');
  deepEqual(await rig.requests(3), ['list', 'watch 10', 'watch 11']);
  deepEqual(rig.changes, ['+shop/a >9', '+shop/b >11', '+shop/c >12']);
  equal(rig.reflector.stats.restarts, 1);
});

test('B: an error answer to a watch is not the end; one that says forbidden is asked again slowly, and shown', async (t) => {
  const rig = await reflecting(t, [
    page('10', []),
    refusal(500, 'InternalError', 'etcd'),
    refusal(403, 'Forbidden', 'pods is forbidden'),
  ]);
  deepEqual(await rig.requests(4), ['list', 'watch 10', 'watch 10', 'watch 10']);
  deepEqual(rig.waits, [500, 30_000]);
  equal(rig.reflector.stats.trouble, 'cannot watch pods: pods is forbidden');
});

test('C: a first list that fails is tried again until there is one', async (t) => {
  const rig = await reflecting(t, [
    cut,
    refusal(401, 'Unauthorized', 'who?'),
    refusal(503, 'ServiceUnavailable', 'starting'),
    answer(200, '<html>'),
    page('10', [pod('a', '9')]),
  ]);
  deepEqual(await rig.requests(6), ['list', 'list', 'list', 'list', 'list', 'watch 10']);
  equal(rig.reflector.synced, true);
  equal(rig.reflector.stats.trouble, undefined);
  holds(rig, ['a 9']);
});

test('D: a listener that throws is reported, and neither stops nor repeats anything', async (t) => {
  const rig = await reflecting(
    t,
    [
      page('10', [pod('a', '9'), pod('b', '9')]),
      stream([event('ADDED', pod('c', '11'))], 'break'),
      stream([event('ADDED', pod('d', '12'))]),
    ],
    {
      onChange: (key) => {
        throw new Error(`no ${key}`);
      },
    },
  );
  await eventually(() => rig.changes.length === 4, 'the last change');
  deepEqual(await rig.requests(3), ['list', 'watch 10', 'watch 11']);
  deepEqual(rig.changes, ['+shop/a >9', '+shop/b >9', '+shop/c >11', '+shop/d >12']);
  equal(rig.failures.filter((failure) => /no shop/.test(String(failure))).length, 4);
});

test('E: stopped while it waits to try again, it opens no further watch', async (t) => {
  const clock = virtualClock();
  const rig = await reflecting(t, [page('10', []), refusal(500, 'InternalError', 'etcd')], { clock });
  await eventually(() => clock.wakes.length === 1, 'the wait');
  rig.stop();
  await rig.done;
  await clock.advance(600_000);
  deepEqual(await rig.requests(2), ['list', 'watch 10']);
});

test('E: stopped while a list is under way, it takes nothing in and ends', async (t) => {
  let reply = (): void => {};
  const rig = await reflecting(t, [
    (response, seen) => {
      reply = () => void page('10', [pod('a', '9')])(response, seen);
    },
  ]);
  await rig.requests(1);
  rig.stop();
  reply();
  await rig.done;
  deepEqual(rig.changes, []);
  equal(rig.reflector.synced, false);
});

test('F: it cannot be started twice, and stopping closes its only stream', async (t) => {
  const rig = await reflecting(t, [page('10', []), stream([])]);
  await rejects(rig.reflector.run(new AbortController().signal), /the reflector of pods was started before/);
  await rig.requests(2);
  rig.stop();
  await rig.done;
  await eventually(() => rig.api.connections.size === 0, 'the end of the connections');
  equal(rig.api.seen.length, 2);
});

test('G: a server that does not answer is never taken for one that has nothing', async (t) => {
  const clock = virtualClock();
  const rig = await reflecting(t, [cut], { clock });
  await eventually(() => rig.failures.length === 1, 'the failure');
  deepEqual(rig.reflector.stats, {
    lastSeen: undefined,
    relists: 0,
    restarts: 1,
    trouble: 'cannot list pods: socket hang up',
  });
  equal(rig.reflector.synced, false);
  deepEqual(rig.changes, []);
});

test('H: lists by pages; watches with bookmarks and a time of its own after which the server ends the stream', async (t) => {
  const queries = [];
  for (const random of [0, 0.5, 0.999]) {
    const rig = await reflecting(t, [page('10', [])], { random });
    await rig.requests(2);
    queries.push(...rig.api.seen.map(({ query }) => query));
  }
  const list = { labelSelector: 'app', limit: '500' };
  const watch = { labelSelector: 'app', watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '10' };
  deepEqual(queries, [
    list,
    { ...watch, timeoutSeconds: '300' },
    list,
    { ...watch, timeoutSeconds: '450' },
    list,
    { ...watch, timeoutSeconds: '600' },
  ]);
});

test('I: a name that belongs to another object is a deletion and an addition, across a list and in a stream', async (t) => {
  const rig = await reflecting(t, [
    page('10', [pod('a', '9', 'first'), pod('b', '9')]),
    refusal(410, 'Expired', 'too old'),
    page('20', [pod('a', '15', 'second'), pod('b', '9')]),
    stream([
      event('MODIFIED', pod('a', '21', 'third')),
      event('DELETED', pod('a', '22', 'second')),
      event('MODIFIED', pod('a', '23', 'third')),
      event('DELETED', pod('a', '24', 'third')),
    ]),
  ]);
  await eventually(() => rig.changes.length === 8, 'the last change');
  deepEqual(rig.changes, [
    '+shop/a >9',
    '+shop/b >9',
    '-shop/a 9>',
    '+shop/a >15',
    '-shop/a 15>',
    '+shop/a >21',
    '~shop/a 21>23',
    '-shop/a 23>',
  ]);
});

test('J: a quiet stream is left alone as long as bytes come, and opened again where it was once none do', async (t) => {
  const clock = virtualClock();
  let send = (_piece: object): void => {};
  const rig = await reflecting(
    t,
    [
      page('10', []),
      (response) => {
        response.writeHead(200).flushHeaders();
        send = (piece) => response.write(`${JSON.stringify(piece)}\n`);
      },
    ],
    { clock, kubeClock: clock },
  );
  const listens = (): boolean => clock.wakes.join() === String(clock.now() + 90_000);
  await eventually(listens, 'the stream');
  for (const version of ['11', '12', '13']) {
    await clock.advance(89_000);
    send(bookmark(version));
    await eventually(listens, `bookmark ${version}`);
  }
  equal(rig.api.seen.length, 2);
  equal(rig.reflector.stats.lastSeen, clock.now());
  await clock.advance(90_000);
  deepEqual(await rig.requests(3), ['list', 'watch 10', 'watch 13']);
  const { restarts, trouble } = rig.reflector.stats;
  deepEqual({ restarts, trouble }, { restarts: 0, trouble: undefined }, 'silence is no failure');
});
