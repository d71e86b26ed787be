import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../../src/errors.ts';
import type { WatchEvent } from '../../../src/kube/kube.ts';
import { aConfigMap, type Bench, openBench, type Process } from './bench.ts';
import { kinds } from './kinds.ts';
import type { Fault } from './types.ts';
import { plainWire } from './wire.ts';

const { configMaps } = kinds;
const second = 1_000;

/** What became of a call: its result, its error, or that nobody was told anything. */
async function fate(bench: Bench, work: Promise<unknown>, withinMs = 30 * second): Promise<string> {
  let known = 'nothing';
  work.then(
    () => (known = 'done'),
    (error: unknown) => (known = error instanceof SerinError ? error.code : String(error)),
  );
  await bench.time.run(bench.time.now + withinMs, () => known !== 'nothing');
  return known;
}

const create = ({ kube }: Process, name = 'a') => kube.create(configMaps, 'shop', aConfigMap(name));

test('a call takes its latency each way', async () => {
  const bench = await openBench();
  const process = bench.process(
    'p',
    plainWire(() => 30),
  );
  const begun = bench.time.now;
  await bench.passing(create(process));
  equal(bench.time.now - begun, 60);
});

const faults: readonly (readonly [string, Fault, string, boolean])[] = [
  ['crashes the caller before it takes effect', { do: 'crash', when: 'before' }, 'nothing', false],
  ['crashes the caller after it took effect', { do: 'crash', when: 'after' }, 'nothing', true],
  ['loses the answer', { do: 'lost' }, 'KUBE_UNREACHABLE', true],
  ['hangs', { do: 'hang' }, 'KUBE_UNREACHABLE', false],
  ['is refused on the way', { do: 'refuse', status: 503, reason: 'ServiceUnavailable' }, 'KUBE_BUSY', false],
  ['is delayed', { do: 'delay', ms: 5 * second }, 'done', true],
  [
    'is delayed beyond patience, and takes effect all the same',
    { do: 'delay', ms: 20 * second },
    'KUBE_UNREACHABLE',
    true,
  ],
];
for (const [what, fault, expected, isThere] of faults)
  test(`a call that ${what}`, async () => {
    const bench = await openBench();
    const process = bench.process();
    process.wire.fault = () => fault;
    equal(await fate(bench, create(process)), expected);
    await bench.pass(30 * second);
    equal(bench.api.get(configMaps, 'shop', 'a') !== undefined, isThere);
    equal(process.life.isDead, fault.do === 'crash');
  });

test('an API server that is overloaded says for how long', async () => {
  const bench = await openBench();
  bench.api.outage = { status: 429, retryAfterSeconds: 7 };
  const failed: unknown = await bench.passing(create(bench.process()).catch((error: unknown) => error));
  ok(failed instanceof SerinError);
  deepEqual([failed.code, failed.retryAfterMs], ['KUBE_BUSY', 7_000]);
});

test('what is on its way when the wire is cut arrives when it is mended, if somebody still waits', async () => {
  const bench = await openBench();
  const process = bench.process();
  process.wire.isCut = true;
  const mended = create(process, 'a');
  bench.time.after(3 * second, () => (process.wire.isCut = false));
  equal(await fate(bench, mended), 'done');
  process.wire.isCut = true;
  equal(await fate(bench, create(process, 'b')), 'KUBE_UNREACHABLE');
  process.wire.isCut = false;
  await bench.pass(30 * second);
  equal(bench.api.get(configMaps, 'shop', 'b'), undefined);
});

test('a paused process gets its answers when it goes on; a dead one never', async () => {
  const bench = await openBench();
  const process = bench.process();
  const work = create(process);
  process.life.pause(5 * second);
  const begun = bench.time.now;
  equal(await fate(bench, work), 'done');
  equal(bench.time.now - begun, 5 * second);
  const lost = create(process, 'b');
  process.life.kill();
  equal(await fate(bench, lost), 'nothing');
});

test('the wire and the process itself say the same of a failure', async () => {
  const bench = await openBench();
  await bench.kube.create(configMaps, 'shop', aConfigMap('a'));
  const { kube } = bench.process();
  const stale = { type: 'merge', body: { metadata: { resourceVersion: '1' }, data: { x: '1' } } } as const;
  const messages = await Promise.all(
    [kube, bench.kube].map((each) =>
      bench.passing(
        each.patch(configMaps, 'shop', 'a', stale).catch((error: unknown) => (error as SerinError).message),
      ),
    ),
  );
  equal(messages[0], messages[1]);
});

/** Follows config maps from the newest version on, until the stream ends. */
function following(
  bench: Bench,
  { kube }: Process,
  scope: Record<string, string> = {},
  from = String(bench.api.version),
) {
  const seen: string[] = [];
  const stop = new AbortController();
  const follow = async (): Promise<void> => {
    const asked = { ...scope, resourceVersion: from, timeoutSeconds: 300 };
    const say = (event: WatchEvent): string =>
      event.type === 'BOOKMARK'
        ? `BOOKMARK ${event.resourceVersion}`
        : `${event.type} ${event.object.metadata.name}`;
    try {
      for await (const event of kube.watch(configMaps, asked, stop.signal)) seen.push(say(event));
      seen.push('end');
    } catch (error) {
      seen.push((error as SerinError).message);
    }
  };
  void follow();
  return { seen, stop };
}

test('events come late and never out of order', async () => {
  const bench = await openBench();
  const lags = [500, 10, 300, 0];
  const process = bench.process(
    'p',
    plainWire(
      () => 1,
      () => lags.shift() ?? 0,
    ),
  );
  const { seen } = following(bench, process);
  await bench.pass(10);
  for (const name of ['a', 'b', 'c', 'd']) await bench.kube.create(configMaps, 'shop', aConfigMap(name));
  await bench.pass(400);
  deepEqual(seen, []);
  await bench.pass(200);
  deepEqual(seen, ['ADDED a', 'ADDED b', 'ADDED c', 'ADDED d']);
});

test('a watch brings bookmarks, and ends when it said', async () => {
  const bench = await openBench();
  const { seen } = following(bench, bench.process());
  await bench.pass(400 * second);
  const version = bench.api.version;
  deepEqual(seen, [...Array.from({ length: 5 }, () => `BOOKMARK ${version}`), 'end']);
});

test('a watch from a version that is forgotten is told so, as an event', async () => {
  const bench = await openBench();
  const from = String(bench.api.version);
  await bench.kube.create(configMaps, 'shop', aConfigMap('a'));
  bench.api.compact();
  const { seen } = following(bench, bench.process(), {}, from);
  await bench.pass(second);
  deepEqual(seen, [`cannot watch configmaps: too old resource version: ${from} (${bench.api.version})`]);
});

test('a watch that is reset fails, one that is stalled says nothing more, and one of a dead process is closed', async () => {
  const bench = await openBench();
  const [reset, stalled] = [bench.process('reset'), bench.process('stalled')];
  const seen = [following(bench, reset).seen, following(bench, stalled).seen];
  await bench.pass(100);
  await bench.kube.create(configMaps, 'shop', aConfigMap('a'));
  reset.wire.breakWatches('reset');
  stalled.wire.breakWatches('stall');
  await bench.pass(second);
  deepEqual(seen, [['cannot watch configmaps: read ECONNRESET'], []]);
});

test('to a watch that selects, what comes to match is added and what ceases to is deleted', async () => {
  const bench = await openBench();
  const { seen } = following(bench, bench.process(), { namespace: 'shop', labelSelector: 'app=web' });
  await bench.pass(100);
  await bench.kube.create(configMaps, 'shop', aConfigMap('a'));
  for (const app of ['web', 'web', 'other']) {
    const body = { metadata: { labels: { app } }, data: { at: String(bench.api.version) } };
    await bench.kube.patch(configMaps, 'shop', 'a', { type: 'merge', body });
  }
  await bench.pass(second);
  deepEqual(seen, ['ADDED a', 'MODIFIED a', 'DELETED a']);
});

test('a list is as of its first page, until that is forgotten', async () => {
  const bench = await openBench();
  for (const name of ['a', 'b', 'c']) await bench.kube.create(configMaps, 'shop', aConfigMap(name));
  const page = (more = {}) =>
    bench.call({ verb: 'list', resource: configMaps, query: { limit: '2', ...more } });
  const first = (await page()).body['metadata'] as Record<string, string>;
  await bench.kube.create(configMaps, 'shop', aConfigMap('d'));
  const rest = await page({ continue: first['continue'] });
  deepEqual(
    (rest.body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name),
    ['c'],
  );
  bench.api.compact();
  equal((await page({ continue: first['continue'] })).status, 410);
});
