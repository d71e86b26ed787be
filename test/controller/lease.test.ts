import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../../src/kube/objects.ts';
import { aborted, leaseRig } from './lease-rig.ts';

const { leases } = resources;

test('takes a Lease that is not there, renews it, and gives it free at the end', async () => {
  const rig = leaseRig();
  const a = rig.contend('a');
  await rig.clock.advance(0);
  deepEqual((await rig.lease())?.spec, {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    leaseTransitions: 1,
    acquireTime: '2026-11-24T09:00:00.000000Z',
    renewTime: '2026-11-24T09:00:00.000000Z',
  });
  await rig.clock.advance(65_000);
  a.stop();
  await a.done;
  deepEqual(a.story, ['lead 1@0', 'stop@65000', 'returned@65000']);
  deepEqual((await rig.lease())?.spec, {
    leaseDurationSeconds: 15,
    leaseTransitions: 1,
    acquireTime: '2026-11-24T09:00:00.000000Z',
    renewTime: '2026-11-24T09:01:04.000000Z',
  });
  deepEqual(a.failures, []);
  deepEqual(rig.clock.wakes, []);
});

test('a successor leads within seconds of the end of a leader, under a larger fence', async () => {
  const rig = leaseRig();
  const a = rig.contend('a');
  const b = rig.contend('b');
  await rig.clock.advance(31_000);
  deepEqual(b.story, []);
  a.stop();
  await rig.clock.advance(2_000);
  deepEqual(b.story, ['lead 2@32000']);
  b.stop();
  await Promise.all([a.done, b.done]);
});

test('a leader that died is followed once its Lease was seen unchanged for fifteen seconds', async () => {
  const rig = leaseRig();
  const claim = {
    holderIdentity: 'dead',
    leaseDurationSeconds: 15,
    leaseTransitions: 7,
    renewTime: 'long ago',
  };
  await rig.api.create(leases, 'serin', { metadata: { name: 'leader', namespace: 'serin' }, spec: claim });
  const b = rig.contend('b');
  await rig.clock.advance(30_000);
  deepEqual(b.story, ['lead 8@16000']);
  b.stop();
  await b.done;
});

test('keeps the Lease until the work it led has returned, however long that takes', async () => {
  const rig = leaseRig();
  const a = rig.contend('a', {
    lead: async (signal) => {
      await aborted(signal);
      await rig.clock.sleep(40_000);
    },
  });
  const b = rig.contend('b');
  await rig.clock.advance(1_000);
  a.stop();
  await rig.clock.advance(60_000);
  deepEqual(a.story, ['lead 1@0', 'stop@1000', 'returned@41000']);
  deepEqual(b.story, ['lead 2@42000']);
  b.stop();
  await Promise.all([a.done, b.done]);
});

test('work that ends of its own accord ends the leading; work that throws does too, with its error', async () => {
  const rig = leaseRig();
  const a = rig.contend('a', { lead: () => rig.clock.sleep(3_000) });
  await rig.clock.advance(5_000);
  await a.done;
  const b = rig.contend('b', { lead: () => Promise.reject(new Error('broken')) });
  const c = rig.contend('c');
  await rejects(b.done, /broken/);
  await rig.clock.advance(4_000);
  deepEqual(
    [a.story, b.story, c.story],
    [['lead 1@0', 'returned@3000', 'stop@3000'], ['lead 2@5000', 'stop@5000'], ['lead 3@7000']],
  );
  c.stop();
  await c.done;
});

test('stopped before the Lease is its own, it leads nothing and takes nothing', async () => {
  const rig = leaseRig();
  const a = rig.contend('a');
  await rig.clock.advance(0);
  const b = rig.contend('b');
  await rig.clock.advance(3_000);
  b.stop();
  await b.done;
  deepEqual(b.story, []);
  a.stop();
  await a.done;
  const held: { release?: () => void } = {};
  rig.api.before = ({ verb }) =>
    verb === 'patch' ? new Promise((resolve) => (held.release = resolve)) : undefined;
  const c = rig.contend('c');
  await rig.clock.advance(0);
  c.stop();
  rig.api.before = () => undefined;
  held.release?.();
  await c.done;
  deepEqual(c.story, []);
  equal(JSON.stringify(await rig.lease()).includes('holderIdentity'), false, 'given free again');
});

test('ended while a renewal is under way, it waits for that and leaves no timer behind', async () => {
  const rig = leaseRig();
  const a = rig.contend('a');
  await rig.clock.advance(0);
  rig.api.before = ({ verb }) => (verb === 'patch' ? rig.clock.sleep(1_000) : undefined);
  await rig.clock.advance(2_500);
  a.stop();
  await rig.clock.advance(1_500);
  await a.done;
  deepEqual(a.story, ['lead 1@0', 'stop@2500', 'returned@2500']);
  deepEqual(rig.clock.wakes, []);
});
