import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { serverTime } from '../../src/kube/server-time.ts';
import type { Transport } from '../../src/kube/transport.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');

/** A server whose clock is right, and a process whose clock is `skewMs` off; each way takes some time. */
function pair(skewMs: number) {
  const world = { now: noon, skewMs, wayMs: 5, date: undefined as string | undefined };
  const transport: Transport = {
    send: () => {
      world.now += world.wayMs;
      const date = world.date ?? new Date(world.now).toUTCString();
      world.now += world.wayMs;
      return Promise.resolve({ status: 200, headers: { date }, body: [] as never });
    },
  };
  const own = { now: () => world.now + world.skewMs, sleep: () => Promise.resolve() };
  const timed = serverTime(transport, own);
  const request = { method: 'GET', path: '/', headers: {}, signal: new AbortController().signal } as const;
  const ask = (): Promise<unknown> => timed.transport.send(request);
  return { world, clock: timed.clock, ask, errorMs: () => Math.abs(timed.clock.now() - world.now) };
}

test('before any answer it is our own clock', () => {
  const { clock, world } = pair(7_000);
  equal(clock.now(), world.now + 7_000);
});

for (const skewMs of [3_600_000, -3_600_000, 86_400_000, 1_700]) {
  test(`a clock that is ${skewMs} ms off is right to a second after one answer`, async () => {
    const { ask, errorMs } = pair(skewMs);
    await ask();
    ok(errorMs() <= 1_010, String(errorMs()));
  });
}

test('a clock that is set while it runs is right again after the next answer', async () => {
  const { ask, errorMs, world } = pair(0);
  await ask();
  world.skewMs = -3_600_000;
  await ask();
  ok(errorMs() <= 1_010, String(errorMs()));
});

test('a clock that is right does not move, whatever answers come and however late', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(60_000), { maxLength: 20 }), async (ways) => {
      const { ask, clock, world } = pair(0);
      for (const wayMs of ways) {
        world.wayMs = wayMs;
        await ask();
        equal(clock.now(), world.now);
        world.now += 137;
      }
    }),
  );
});

test('an answer without a date, or with something else, changes nothing', async () => {
  const { ask, clock, world } = pair(0);
  for (const date of ['', 'soon']) {
    world.date = date;
    await ask();
  }
  deepEqual(clock.now(), world.now);
});
