import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SerinError } from '../../src/errors.ts';
import { aborted, leaseRig, machineClock, type Rig } from './lease-rig.ts';

interface Fault {
  /** Before the call is carried out, or after. */
  readonly delayMs: number;
  readonly lateMs: number;
  readonly outcome: 'fine' | 'not done' | 'done, answer lost';
}

test('whatever the API server and the clocks do, no two lead at a time, fences grow, and in peace one leads', async () => {
  const fault: fc.Arbitrary<Fault> = fc.record({
    delayMs: fc.constantFrom(0, 0, 0, 500, 9_000),
    lateMs: fc.constantFrom(0, 0, 0, 500, 9_000),
    outcome: fc.constantFrom('fine', 'fine', 'fine', 'not done', 'done, answer lost'),
  });
  const step = fc.record({
    who: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('stop', 'start', 'step clock', 'slow return', 'nothing'),
    thenMs: fc.integer({ min: 0, max: 20_000 }),
  });
  const property = fc.asyncProperty(
    fc.array(fault, { maxLength: 60 }),
    fc.array(step, { maxLength: 10 }),
    async (faults, steps) => {
      const rig = leaseRig();
      const world = { isPeace: false, returnMs: 0 };
      const leading = new Set<string>();
      const fences: number[] = [];
      const clocks = new Map(['a', 'b', 'c'].map((who) => [who, { by: 0 }]));
      const start = (who: string): { stop: () => void; done: Promise<void> } =>
        rig.contend(who, {
          kube: faulty(rig, () => (world.isPeace ? undefined : faults.shift())),
          clock: machineClock(rig.clock, clocks.get(who) ?? { by: 0 }),
          lead: async (signal, fence) => {
            equal(leading.size, 0, `${who} leads beside ${[...leading].join()}`);
            leading.add(who);
            fences.push(fence);
            // Where it believes to lead; what it does after the abort, it must do under its old fence.
            signal.addEventListener('abort', () => leading.delete(who));
            await aborted(signal);
            await rig.clock.sleep(world.returnMs);
          },
        });
      const contenders = new Map(['a', 'b', 'c'].map((who) => [who, start(who)]));
      for (const { who, what, thenMs } of steps) {
        if (what === 'stop') contenders.get(who)?.stop();
        if (what === 'start' && contenders.has(who)) {
          const before = contenders.get(who);
          before?.stop();
          contenders.delete(who);
          void before?.done.then(() => contenders.set(who, start(who)));
        }
        if (what === 'step clock')
          clocks.set(who, Object.assign(clocks.get(who) ?? {}, { by: thenMs * 1_000 }));
        if (what === 'slow return') world.returnMs = thenMs;
        await rig.clock.advance(thenMs);
      }
      world.isPeace = true;
      const last = start('d');
      await rig.clock.advance(120_000);
      equal(leading.size, 1, 'one leads in peace');
      deepEqual(
        fences,
        [...new Set(fences)].sort((a, b) => a - b),
      );
      for (const each of [...contenders.values(), last]) each.stop();
      await rig.clock.advance(120_000);
      equal(leading.size, 0);
    },
  );
  await fc.assert(property, { numRuns: 80 });
});

/** The API server as one contender meets it. */
function faulty({ api, clock }: Rig, next: () => Fault | undefined): Rig['api'] {
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    const { delayMs, lateMs, outcome } = next() ?? { delayMs: 0, lateMs: 0, outcome: 'fine' };
    await clock.sleep(delayMs);
    if (outcome === 'not done') throw new SerinError('KUBE_UNREACHABLE', 'not done');
    const result = await call();
    await clock.sleep(lateMs);
    if (outcome === 'done, answer lost') throw new SerinError('KUBE_UNREACHABLE', 'answer lost');
    return result;
  };
  return {
    ...api,
    get: (...args) => through(() => api.get(...args)),
    create: (...args) => through(() => api.create(...args)),
    patch: (...args) => through(() => api.patch(...args)),
  };
}
