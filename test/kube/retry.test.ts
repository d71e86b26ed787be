import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import { retryingConflicts } from '../../src/kube/conflict.ts';
import { retryInMs } from '../../src/kube/retry.ts';
import { virtualClock } from '../rig/virtual-clock.ts';

const plain = new Error('no');
const forbidden = new SerinError('KUBE_FORBIDDEN', 'no');
const busy = new SerinError('KUBE_BUSY', 'no', { retryAfterMs: 7_000 });

test('waits double with each failure, anywhere between nothing and that, up to half a minute', () => {
  const most = [1, 2, 3, 4, 5, 6, 7, 8, 2_000].map((failures) => retryInMs(plain, failures, () => 1));
  deepEqual(most, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  equal(
    retryInMs(plain, 3, () => 0),
    0,
  );
  equal(
    retryInMs(plain, 3, () => 0.25),
    500,
  );
});

test('a wait that was asked for is the least; a right that lacks is asked for slowly from the first time', () => {
  equal(
    retryInMs(busy, 1, () => 1),
    7_000,
  );
  equal(
    retryInMs(busy, 6, () => 1),
    16_000,
  );
  deepEqual(
    [0, 1].map((random) => retryInMs(forbidden, 1, () => random)),
    [15_000, 30_000],
  );
});

test('a write that met a conflict is tried anew, five times in all, and no other failure is', async () => {
  const conflict = new SerinError('KUBE_CONFLICT', 'modified');
  for (const [errors, expected] of [
    [[conflict, conflict], { tries: 3, result: 'written' }],
    [[conflict, conflict, conflict, conflict, conflict, conflict], { tries: 5, result: conflict }],
    [[conflict, forbidden], { tries: 2, result: forbidden }],
  ] as const) {
    const clock = virtualClock();
    const left: unknown[] = [...errors];
    let tries = 0;
    const work = retryingConflicts(
      clock,
      () => 1,
      async () => {
        tries += 1;
        const error = left.shift();
        if (error instanceof Error) throw error;
        return 'written';
      },
    );
    const [result] = await Promise.all([work.catch((error: unknown) => error), clock.advance(1_000)]);
    deepEqual({ tries, result }, expected);
  }
  await rejects(
    retryingConflicts(
      virtualClock(),
      () => 1,
      () => Promise.reject(plain),
    ),
    plain,
  );
});
