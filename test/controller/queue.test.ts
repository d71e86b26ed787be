import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WorkQueue } from '../../src/controller/queue.ts';
import { settled, virtualClock } from '../rig/virtual-clock.ts';
import { gate, type Rig, started } from './queue-rig.ts';

test('works on keys in the order they were added, each once however often it was added', async () => {
  const rig = started(async () => ({}));
  for (const key of ['b', 'a', 'b', 'c', 'a']) rig.queue.add(key);
  await rig.clock.advance(0);
  deepEqual(rig.begun, ['b@0', 'a@0', 'c@0']);
  rig.stop();
  await rig.done;
});

test('never works on one key twice at a time, and works on it again when it changed meanwhile', async () => {
  const { handler, open, inside } = gate();
  const rig = started(handler, 3);
  rig.queue.add('a');
  await settled();
  rig.queue.add('a');
  rig.queue.add('b');
  await settled();
  deepEqual([...inside], ['a', 'b']);
  open('a');
  await settled();
  deepEqual(rig.begun, ['a@0', 'b@0', 'a@0']);
  open('a');
  open('b');
  await settled();
  deepEqual(rig.begun, ['a@0', 'b@0', 'a@0']);
  rig.stop();
  await rig.done;
});

test('works on as many keys at a time as it has workers, and says how many wait', async () => {
  const { handler, open, inside } = gate();
  const rig = started(handler, 2);
  for (const key of ['a', 'b', 'c', 'd']) rig.queue.add(key);
  await settled();
  deepEqual([...inside], ['a', 'b']);
  equal(rig.queue.depth, 2);
  await rig.clock.advance(40);
  open('b');
  await settled();
  deepEqual([...inside], ['a', 'c']);
  for (const key of ['a', 'c', 'd']) {
    open(key);
    await settled();
  }
  rig.stop();
  await rig.done;
  deepEqual(rig.ended, [
    { key: 'b', waitedMs: 0, tookMs: 40 },
    { key: 'a', waitedMs: 0, tookMs: 40 },
    { key: 'c', waitedMs: 40, tookMs: 0 },
    { key: 'd', waitedMs: 40, tookMs: 0 },
  ]);
});

test('a key that changes all the time does not keep the others waiting', async () => {
  const rig = started(async (key) => {
    if (key === 'busy' && rig.begun.length < 6) rig.queue.add('busy');
    return {};
  });
  for (const key of ['busy', 'a', 'b']) rig.queue.add(key);
  await rig.clock.advance(0);
  deepEqual(rig.begun.slice(0, 4), ['busy@0', 'a@0', 'b@0', 'busy@0']);
  rig.stop();
  await rig.done;
});

test('wakes a key at the earliest of the times it was given', async () => {
  const rig = started(async () => ({}));
  const now = rig.clock.now();
  rig.queue.addAt('a', now + 5_000);
  rig.queue.addAt('a', now + 9_000);
  rig.queue.addAt('b', now + 5_000);
  rig.queue.addAt('b', now + 3_000);
  await rig.clock.advance(200_000);
  deepEqual(rig.begun, ['b@3000', 'a@5000']);
  rig.stop();
  await rig.done;
});

test('what a run decides replaces the wake that was set before it', async () => {
  const rig = started(async () => ({}));
  rig.queue.addAt('a', rig.clock.now() + 5_000);
  await rig.clock.advance(1_000);
  rig.queue.add('a');
  await rig.clock.advance(100_000);
  deepEqual(rig.begun, ['a@1000']);
  rig.stop();
  await rig.done;
});

test('comes back when a run asked for it, or sooner when something asked meanwhile', async () => {
  const answers = [{ wakeAt: 60_000 }, { wakeAt: 200_000 }, {}];
  const rig: Rig = started(async () => {
    const { wakeAt } = answers.shift() ?? {};
    if (wakeAt === undefined) return {};
    if (wakeAt === 200_000) rig.queue.addAt('a', zero + 150_000);
    return { wakeAt: zero + wakeAt };
  });
  const zero = rig.clock.now();
  rig.queue.add('a');
  await rig.clock.advance(500_000);
  deepEqual(rig.begun, ['a@0', 'a@60000', 'a@150000']);
  rig.stop();
  await rig.done;
});

test('stops taking keys when aborted, and ends when the runs under way have ended', async () => {
  const { handler, open } = gate();
  const rig = started(handler, 1);
  rig.queue.add('a');
  rig.queue.add('b');
  await settled();
  rig.stop();
  let isDone = false;
  void rig.done.then(() => {
    isDone = true;
  });
  await rig.clock.advance(1_000);
  equal(isDone, false);
  open('a');
  await rig.done;
  deepEqual(rig.begun, ['a@0']);
  deepEqual(rig.clock.wakes, []);
});

test('is late by a minute at most when the time of day steps forward under it', async () => {
  const steps = { now: 0 };
  const virtual = virtualClock();
  const clock = {
    now: () => virtual.now() + steps.now,
    sleep: (ms: number, signal?: AbortSignal) => virtual.sleep(ms, signal),
  };
  const begun: number[] = [];
  const queue = new WorkQueue(clock, () => 0);
  const stopping = new AbortController();
  const zero = virtual.now();
  const done = queue.run(
    1,
    async () => {
      begun.push(virtual.now() - zero);
      return {};
    },
    stopping.signal,
  );
  queue.addAt('a', zero + 3_600_000);
  await virtual.advance(1_000);
  steps.now = 3_600_000;
  await virtual.advance(60_000);
  deepEqual(begun, [60_000]);
  stopping.abort();
  await done;
});

test('cannot be started twice', async () => {
  const rig = started(async () => ({}));
  await rejects(
    rig.queue.run(1, async () => ({}), AbortSignal.abort()),
    /started before/,
  );
  rig.stop();
  await rig.done;
});

test('whatever happens, no key is lost, none runs twice at a time, and at rest nothing is left', async () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    inMs: fc.integer({ min: 0, max: 3_000 }),
    thenMs: fc.integer({ min: 0, max: 500 }),
  });
  const outcome = fc.record({
    tookMs: fc.integer({ min: 0, max: 400 }),
    fails: fc.boolean(),
    wakeInMs: fc.option(fc.integer({ min: 0, max: 2_000 })),
  });
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 15 }),
    fc.array(outcome, { maxLength: 15 }),
    fc.integer({ min: 1, max: 3 }),
    async (steps, outcomes, workers) => {
      const inside = new Set<string>();
      const lastBegan = new Map<string, number>();
      const wantedBy = new Map<string, number>();
      const rig = started(async (key) => {
        equal(inside.has(key), false);
        inside.add(key);
        equal(inside.size <= workers, true);
        lastBegan.set(key, rig.clock.now());
        const { tookMs, fails, wakeInMs } = outcomes.shift() ?? { tookMs: 0, fails: false, wakeInMs: null };
        await rig.clock.sleep(tookMs);
        inside.delete(key);
        if (fails) throw new Error('no');
        return wakeInMs === null ? {} : { wakeAt: rig.clock.now() + wakeInMs };
      }, workers);
      for (const { key, inMs, thenMs } of steps) {
        if (inMs === 0) {
          rig.queue.add(key);
          wantedBy.set(key, rig.clock.now());
        } else rig.queue.addAt(key, rig.clock.now() + inMs);
        await rig.clock.advance(thenMs);
      }
      await rig.clock.advance(300_000);
      for (const [key, at] of wantedBy) equal((lastBegan.get(key) ?? 0) >= at, true, `${key} was lost`);
      equal(rig.queue.depth, 0);
      equal(rig.clock.wakes.length, 1);
      rig.stop();
      await rig.done;
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
