// What the tests of the Lease share: contenders that write down when they lead.
import { type LeaderOptions, runAsLeader } from '../../src/controller/lease.ts';
import type { Clock } from '../../src/clock.ts';
import { resources } from '../../src/kube/objects.ts';
import type { Json } from '../../src/rollout/types.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { type VirtualClock, virtualClock } from '../rig/virtual-clock.ts';

interface Contender {
  /** `lead FENCE@ms`, `stop@ms`, `returned@ms`, in ms since the start. */
  readonly story: string[];
  readonly failures: unknown[];
  readonly stop: () => void;
  readonly done: Promise<void>;
}

export interface Rig {
  readonly clock: VirtualClock;
  readonly api: MemoryKube;
  /** Starts a contender; it leads until told to stop unless `options` says otherwise. */
  readonly contend: (identity: string, options?: Partial<LeaderOptions>) => Contender;
  /** The Lease as it stands. */
  readonly lease: () => Promise<{ readonly spec: Json; readonly resourceVersion: string } | undefined>;
}

export function leaseRig(): Rig {
  const clock = virtualClock();
  const zero = clock.now();
  const api = memoryKube();
  return {
    clock,
    api,
    contend: (identity, options = {}) => {
      const story: string[] = [];
      const failures: unknown[] = [];
      const stopping = new AbortController();
      const at = (what: string): unknown => story.push(`${what}@${clock.now() - zero}`);
      const lead: LeaderOptions['lead'] = async (signal, fence, holds) => {
        at(`lead ${fence}`);
        signal.addEventListener('abort', () => at('stop'));
        await (options.lead?.(signal, fence, holds) ?? aborted(signal));
        at('returned');
      };
      const done = runAsLeader(
        {
          kube: api,
          clock,
          random: () => 0,
          namespace: 'serin',
          name: 'leader',
          identity,
          onFailure: (error) => failures.push(error),
          ...options,
          lead,
        },
        stopping.signal,
      );
      return { story, failures, stop: () => stopping.abort(), done };
    },
    lease: async () => {
      const lease = await api.get(resources.leases, 'serin', 'leader');
      return lease && { spec: lease['spec'] ?? null, resourceVersion: lease.metadata.resourceVersion };
    },
  };
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The clock of a machine that is `aheadMs` ahead, and can be stepped. */
export function machineClock(clock: Clock, aheadMs: { by: number }): Clock {
  return { now: () => clock.now() + aheadMs.by, sleep: (ms, signal) => clock.sleep(ms, signal) };
}
