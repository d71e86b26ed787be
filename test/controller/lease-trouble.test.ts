import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import { resources } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { aborted, leaseRig, machineClock, type Rig } from './lease-rig.ts';

const { leases } = resources;

/** Makes every call of those verbs fail from now on. */
function cutOff({ api }: Rig, verbs: readonly string[] = ['get', 'create', 'patch']): void {
  api.before = ({ verb }) => {
    if (verbs.includes(verb)) throw new SerinError('KUBE_UNREACHABLE', 'cut off');
  };
}

async function write({ api }: Rig, body: JsonObject): Promise<void> {
  await api.patch(leases, 'serin', 'leader', { type: 'merge', body });
}

test('a leader whose process stood still knows that it may not hold the Lease any more, before anything tells it', async () => {
  const rig = leaseRig();
  let now = 0;
  let holds = (): boolean => true;
  const clock = { now: () => rig.clock.now() + now, sleep: rig.clock.sleep.bind(rig.clock) };
  const a = rig.contend('a', {
    clock,
    lead: (signal, _fence, still) => {
      holds = still;
      return aborted(signal);
    },
  });
  await rig.clock.advance(5_000);
  equal(holds(), true);
  now = 30_000; // the machine slept
  equal(holds(), false);
  await rig.clock.advance(2_000);
  equal(holds(), true, 'its renewal got through: nobody else had taken it');
  a.stop();
  await rig.clock.advance(1_000);
  equal(holds(), false);
});

test('a leader that cannot renew stops before anybody else may begin', async () => {
  for (const how of ['fails', 'hangs'] as const) {
    const rig = leaseRig();
    let isCut = false;
    const kube: Rig['api'] = {
      ...rig.api,
      patch: (...args) => {
        if (!isCut) return rig.api.patch(...args);
        return how === 'hangs' ? new Promise(() => {}) : Promise.reject(new SerinError('KUBE_BUSY', 'no'));
      },
    };
    const a = rig.contend('a', { kube });
    const b = rig.contend('b');
    await rig.clock.advance(5_000); // renewed at 4 s
    isCut = true;
    await rig.clock.advance(30_000);
    deepEqual(a.story, ['lead 1@0', 'stop@14000', 'returned@14000'], how);
    deepEqual(b.story, ['lead 2@22000'], how);
    a.stop();
    b.stop();
    await rig.clock.advance(20_000);
    await b.done;
  }
});

test('a leader that was cut off, but not followed, leads again under a new fence', async () => {
  const rig = leaseRig();
  const a = rig.contend('a');
  await rig.clock.advance(1_000);
  cutOff(rig);
  await rig.clock.advance(20_000);
  rig.api.before = () => undefined;
  await rig.clock.advance(5_000);
  deepEqual(a.story, ['lead 1@0', 'stop@10000', 'returned@10000', 'lead 2@22000']);
  a.stop();
  await a.done;
});

test('never leads again before the work it led has returned', async () => {
  const rig = leaseRig();
  const a = rig.contend('a', {
    lead: async (signal) => {
      await aborted(signal);
      await rig.clock.sleep(60_000);
    },
  });
  await rig.clock.advance(1_000);
  cutOff(rig);
  await rig.clock.advance(10_000);
  rig.api.before = () => undefined;
  await rig.clock.advance(70_000);
  deepEqual(a.story, ['lead 1@0', 'stop@10000', 'returned@70000', 'lead 2@70000']);
  a.stop();
  await rig.clock.advance(60_000);
  await a.done;
});

test('a label on the Lease, or a renewal whose answer was lost, costs nothing', async () => {
  const rig = leaseRig();
  let isDeaf = false;
  const kube: Rig['api'] = {
    ...rig.api,
    patch: async (...args) => {
      const patched = await rig.api.patch(...args);
      if (isDeaf) throw new SerinError('KUBE_UNREACHABLE', 'no answer');
      return patched;
    },
  };
  const a = rig.contend('a', { kube });
  await rig.clock.advance(1_000);
  await write(rig, { metadata: { labels: { team: 'shop' } } });
  await rig.clock.advance(60_000);
  isDeaf = true;
  await rig.clock.advance(2_000);
  isDeaf = false;
  await rig.clock.advance(60_000);
  deepEqual(a.story, ['lead 1@0']);
  a.stop();
  await a.done;
});

test('a claim whose answer was lost is claimed again', async () => {
  const rig = leaseRig();
  let isDeaf = true;
  const kube: Rig['api'] = {
    ...rig.api,
    create: async (...args) => {
      const made = await rig.api.create(...args);
      if (isDeaf) throw new SerinError('KUBE_UNREACHABLE', 'no answer');
      return made;
    },
  };
  const a = rig.contend('a', { kube });
  await rig.clock.advance(1_000);
  isDeaf = false;
  await rig.clock.advance(3_000);
  deepEqual(a.story, ['lead 2@2000']);
  equal(a.failures.length, 1);
  a.stop();
  await a.done;
});

for (const [what, take] of [
  ['taken by another', (rig: Rig) => write(rig, { spec: { holderIdentity: 'b', leaseTransitions: 2 } })],
  ['taken by a second process of the same name', (rig: Rig) => write(rig, { spec: { leaseTransitions: 2 } })],
  [
    'deleted',
    async (rig: Rig) => {
      const lease = await rig.api.get(leases, 'serin', 'leader');
      await rig.api.delete(leases, 'serin', 'leader', lease?.metadata.uid ?? '');
    },
  ],
] as const)
  test(`a leader whose Lease was ${what} stops at its next renewal, and does not touch it`, async () => {
    const rig = leaseRig();
    const a = rig.contend('a');
    await rig.clock.advance(1_000);
    await take(rig);
    const lease = await rig.lease();
    await rig.clock.advance(1_000);
    deepEqual(a.story.slice(0, 3), ['lead 1@0', 'stop@2000', 'returned@2000']);
    if (what === 'taken by another') deepEqual(await rig.lease(), lease);
    a.stop();
    await a.done;
  });

test('clocks that disagree, or step, neither give two leaders nor none', async () => {
  const rig = leaseRig();
  const ahead = { by: 3_600_000 };
  const a = rig.contend('a');
  const b = rig.contend('b', { clock: machineClock(rig.clock, ahead) });
  await rig.clock.advance(60_000);
  ahead.by = -7_200_000;
  await rig.clock.advance(60_000);
  deepEqual([a.story, b.story], [['lead 1@0'], []]);
  a.stop();
  await rig.clock.advance(2_000);
  ahead.by = 7_200_000;
  await rig.clock.advance(60_000);
  deepEqual(b.story, ['lead 2@122000']);
  b.stop();
  await Promise.all([a.done, b.done]);
});
