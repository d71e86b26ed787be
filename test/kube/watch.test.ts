import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Kube, WatchEvent } from '../../src/kube/kube.ts';
import { resources } from '../../src/kube/objects.ts';
import { answer, eventually, refusal, stream } from '../rig/scripted-api.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { pod, rigFor, told } from './rig.ts';

const { pods } = resources;
const cutShort = {
  code: 'KUBE_UNREACHABLE',
  message: 'cannot watch pods: the stream ended within a line',
  retryAfterMs: undefined,
};

/** What a watch gave before it ended or threw. */
async function watched(
  kube: Kube,
  signal = new AbortController().signal,
  onEvent: (event: WatchEvent) => void | Promise<void> = () => {},
): Promise<unknown> {
  const events: string[] = [];
  try {
    for await (const event of kube.watch(pods, { resourceVersion: '5', timeoutSeconds: 300 }, signal)) {
      await onEvent(event);
      events.push(
        event.type === 'BOOKMARK'
          ? `BOOKMARK ${event.resourceVersion}`
          : `${event.type} ${event.object.metadata.name}`,
      );
    }
    return { events };
  } catch (error) {
    return { events, error: told(error) };
  }
}

test('events come in order however the bytes are cut, characters and lines included', async (t) => {
  const { api, kube } = await rigFor(t);
  const text = ['ä', '日本', '🐤', 'z']
    .map((name) => `${JSON.stringify({ type: 'ADDED', object: pod(name) })}\n`)
    .join('\n');
  const bytes = Buffer.from(text);
  const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  api.script(stream(pieces, 'end'), stream([bytes], 'end'));
  const expected = { events: ['ADDED ä', 'ADDED 日本', 'ADDED 🐤', 'ADDED z'] };
  deepEqual(await watched(kube), expected);
  deepEqual(await watched(kube), expected);
});

test('a stream that tells of an error ends with the code of that error', async (t) => {
  const { api, kube } = await rigFor(t);
  const status = (code: number, message: string): object => ({
    type: 'ERROR',
    object: { kind: 'Status', code, message, details: { retryAfterSeconds: 2 } },
  });
  const first = { type: 'ADDED', object: pod('a') };
  api.script(
    stream([first, status(410, 'too old')]),
    stream([status(500, 'etcd')]),
    refusal(410, 'Expired', 'too old'),
    answer(404, '404 page not found\n'),
  );
  const error = { message: 'cannot watch pods: too old', retryAfterMs: 2_000 };
  deepEqual(await watched(kube), { events: ['ADDED a'], error: { ...error, code: 'KUBE_GONE' } });
  deepEqual(await watched(kube), {
    events: [],
    error: { code: 'KUBE_BUSY', message: 'cannot watch pods: etcd', retryAfterMs: 2_000 },
  });
  deepEqual(await watched(kube), {
    events: [],
    error: { ...error, code: 'KUBE_GONE', retryAfterMs: undefined },
  });
  deepEqual(await watched(kube), {
    events: [],
    error: {
      code: 'KUBE_NOT_FOUND',
      message: 'cannot watch pods: the kind is not installed',
      retryAfterMs: undefined,
    },
  });
});

test('a line that is no event is an error, never passed over', async (t) => {
  const { api, kube } = await rigFor(t);
  const table = [
    ['nonsense\n', 'the answer is not JSON'],
    ['{"type":"ADDED","object":{}}\n', 'the answer is not an object of Kubernetes'],
    ['{"type":"SHOUTED","object":{}}\n', 'the stream held something that is no event'],
    ['{"type":"ADDED","obj', 'the stream ended within a line'],
  ] as const;
  for (const [line, reason] of table) {
    api.script(stream([{ type: 'ADDED', object: pod('a') }, line], 'end'));
    deepEqual(await watched(kube), {
      events: ['ADDED a'],
      error: { code: 'KUBE_UNREACHABLE', message: `cannot watch pods: ${reason}`, retryAfterMs: undefined },
    });
  }
});

test('a reader that is slow holds the stream back instead of having it pile up', async (t) => {
  const { api, kube } = await rigFor(t);
  const event = `${JSON.stringify({ type: 'ADDED', object: { ...pod('a'), padding: 'x'.repeat(100_000) } })}\n`;
  let written = 0;
  api.script((response) => {
    const write = (): void => {
      while (written < 500) {
        written += 1;
        if (!response.write(event)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  });
  let writtenWhileSlow = 0;
  const result = await watched(kube, undefined, async () => {
    if (writtenWhileSlow > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
    writtenWhileSlow = written;
  });
  equal((result as { events: string[] }).events.length, 500);
  ok(writtenWhileSlow < 300, `${writtenWhileSlow} of 500 events were taken before they were asked for`);
});

for (const [what, last, outcome] of [
  ['ends', `${JSON.stringify({ type: 'ADDED', object: pod('a') })}\n`, { events: ['ADDED a'] }],
  ['is an error where it is within a line', '{"type":', { events: [], error: cutShort }],
] as const)
  test(`silence for 90 s, counted from the last byte, ${what}`, async (t) => {
    const clock = virtualClock();
    const { api, kube } = await rigFor(t, clock);
    let send = (_text: string): void => {};
    api.script((response) => {
      response.writeHead(200).flushHeaders();
      send = (text) => response.write(text);
    });
    const result = watched(kube);
    const waiting = (ms: number): boolean => clock.wakes.join() === String(clock.now() + ms);
    await eventually(() => waiting(90_000), 'the wait for a byte');
    await clock.advance(89_000);
    send(last);
    await eventually(() => waiting(90_000), 'the wait for another byte');
    await clock.advance(89_999);
    equal(api.connections.size, 1);
    await clock.advance(1);
    deepEqual(await result, outcome);
    await eventually(() => api.connections.size === 0, 'the end of the connection');
    deepEqual(clock.wakes, []);
  });

test('aborting ends a watch quietly, and leaving it closes the connection', async (t) => {
  const { api, kube } = await rigFor(t);
  const stopping = new AbortController();
  api.script(stream([{ type: 'ADDED', object: pod('a') }]), stream([{ type: 'ADDED', object: pod('a') }]));
  const result = await watched(kube, stopping.signal, () => setTimeout(() => stopping.abort(), 5) as never);
  deepEqual(result, { events: ['ADDED a'] });
  await eventually(() => api.connections.size === 0, 'the end of the connection');
  deepEqual(await watched(kube, AbortSignal.abort()), { events: [] });
  equal(api.seen.length, 1, 'no watch is opened after the abort');
  for await (const _ of kube.watch(
    pods,
    { resourceVersion: '5', timeoutSeconds: 300 },
    new AbortController().signal,
  ))
    break;
  await eventually(() => api.connections.size === 0, 'the end of the connection');
});
