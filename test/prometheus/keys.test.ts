import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import { resources } from '../../src/kube/objects.ts';
import { type Keys, secretKeys } from '../../src/prometheus/keys.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function rig() {
  const kube = memoryKube();
  const clock = virtualClock();
  let reads = 0;
  let trouble: SerinError | undefined;
  kube.before = ({ verb }) => {
    if (verb !== 'get') return;
    reads += 1;
    if (trouble !== undefined) throw trouble;
  };
  const keys: Keys = secretKeys({ kube, clock, namespace: 'serin-system', name: 'prom' });
  const store = async (token: string): Promise<void> => {
    const before = await kube.get(resources.secrets, 'serin-system', 'prom').catch(() => undefined);
    const data = { token: base64(token) };
    if (before === undefined)
      await kube.create(resources.secrets, 'serin-system', { metadata: { name: 'prom' }, data });
    else await kube.patch(resources.secrets, 'serin-system', 'prom', { type: 'merge', body: { data } });
    reads = 0;
  };
  const token = async (): Promise<string> => {
    const read = await keys.current();
    return 'kind' in read ? read.why : (read.headers['authorization'] ?? '');
  };
  return { keys, clock, store, token, reads: () => reads, fail: (error?: SerinError) => (trouble = error) };
}

test('a Secret is read once a minute, and by many at once only once', async () => {
  const { clock, store, token, reads } = rig();
  await store('first');
  deepEqual(
    await Promise.all([token(), token(), token()]),
    Array.from({ length: 3 }, () => 'Bearer first'),
  );
  await clock.advance(59_000);
  equal(await token(), 'Bearer first');
  equal(reads(), 1);
  await store('second');
  await clock.advance(1000);
  equal(await token(), 'Bearer second');
  equal(reads(), 1);
});

test('what the server refused is read again at once, but not for each that it refuses', async () => {
  const { keys, clock, store, token, reads } = rig();
  await store('first');
  const first = await keys.current();
  if ('kind' in first) throw new Error(first.why);
  await store('second');
  equal(await keys.newerThan(first), undefined);
  await clock.advance(5000);
  const newer = await keys.newerThan(first);
  deepEqual(newer?.headers, { authorization: 'Bearer second' });
  equal(await keys.newerThan(first), newer);
  equal(reads(), 1);
  equal(newer === undefined ? undefined : await keys.newerThan(newer), undefined);
  equal(await token(), 'Bearer second');
});

test('one that was written without a change counts as the same', async () => {
  const { keys, clock, store } = rig();
  await store('first');
  const first = await keys.current();
  await clock.advance(60_000);
  equal(await keys.current(), first);
});

test('an API server that does not answer leaves what was known; one that never did is told', async () => {
  const { clock, store, token, fail } = rig();
  const down = new SerinError('KUBE_UNREACHABLE', 'cannot get secrets serin-system/prom: ECONNREFUSED');
  fail(down);
  equal(await token(), 'Secret serin-system/prom: cannot get secrets serin-system/prom: ECONNREFUSED');
  fail();
  await store('first');
  await clock.advance(5000);
  equal(await token(), 'Bearer first');
  fail(down);
  await clock.advance(60_000);
  equal(await token(), 'Bearer first');
});

test('a Secret that is not there, is not ours to read or is wrong is told, and looked for again soon', async () => {
  const { clock, store, token, reads, fail } = rig();
  equal(await token(), 'Secret serin-system/prom is not there');
  await store('a\nb');
  equal(await token(), 'Secret serin-system/prom is not there');
  equal(reads(), 0);
  await clock.advance(5000);
  equal(await token(), 'Secret serin-system/prom: token cannot be sent as a header');
  await clock.advance(5000);
  fail(new SerinError('KUBE_FORBIDDEN', 'forbidden'));
  match(await token(), /^Secret serin-system\/prom may not be read: name it in Serin’s Role$/);
});
