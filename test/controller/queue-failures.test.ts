import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import { started } from './queue-rig.ts';

test('backs off from a key that fails, twice as long each time up to 30 s, and starts over after a success', async () => {
  let failing = true;
  const rig = started(async () => {
    if (failing) throw new Error('no');
    return {};
  });
  rig.queue.add('a');
  await rig.clock.advance(70_000);
  deepEqual(
    rig.ended.map(({ failure }) => failure?.retryInMs),
    [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
  );
  failing = false;
  await rig.clock.advance(30_000);
  failing = true;
  rig.queue.add('a');
  await rig.clock.advance(0);
  deepEqual(
    rig.ended.slice(8).map(({ failure }) => failure?.retryInMs),
    [undefined, 500],
  );
  rig.stop();
  await rig.done;
});

test('a change brings a failed key forward, but not before a second has passed', async () => {
  let runs = 0;
  const rig = started(async () => {
    runs += 1;
    if (runs <= 5) throw new Error('no');
    return {};
  });
  rig.queue.add('a');
  await rig.clock.advance(7_600); // failed at 0, 500, 1500, 3500, 7500: the next try is 8 s away
  rig.queue.add('a');
  await rig.clock.advance(60_000);
  deepEqual(rig.begun.slice(4), ['a@7500', 'a@8500']);
  rig.stop();
  await rig.done;
});

test('a key that changes by failing does not spin', async () => {
  const rig = started(async () => {
    rig.queue.add('a');
    throw new Error('no');
  });
  rig.queue.add('a');
  await rig.clock.advance(20_000);
  equal(rig.begun.length < 25, true, `${rig.begun.length} runs in 20 s`);
  rig.stop();
  await rig.done;
});

test('waits as long as the API server asked for, changes or not', async () => {
  let isBusy = true;
  const rig = started(async () => {
    if (isBusy) throw new SerinError('KUBE_BUSY', 'too many requests', { retryAfterMs: 45_000 });
    return {};
  });
  rig.queue.add('a');
  await rig.clock.advance(10_000);
  isBusy = false;
  rig.queue.add('a');
  await rig.clock.advance(60_000);
  deepEqual(rig.begun, ['a@0', 'a@45000']);
  rig.stop();
  await rig.done;
});
