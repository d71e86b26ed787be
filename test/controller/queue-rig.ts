// What the tests of the queue share.
import { type Handler, type Run, WorkQueue } from '../../src/controller/queue.ts';
import { type VirtualClock, virtualClock } from '../rig/virtual-clock.ts';

export interface Rig {
  readonly clock: VirtualClock;
  readonly queue: WorkQueue;
  /** `key@ms` of each run, ms since the start. */
  readonly begun: string[];
  readonly ended: Run[];
  readonly stop: () => void;
  readonly done: Promise<void>;
}

/** A queue at work on a virtual clock; `random` says how much of each backoff is waited. */
export function started(handler: Handler, workers = 1, random = 1): Rig {
  const clock = virtualClock();
  const zero = clock.now();
  const begun: string[] = [];
  const ended: Run[] = [];
  const queue = new WorkQueue(
    clock,
    () => random,
    (run) => ended.push(run),
  );
  const stopping = new AbortController();
  const done = queue.run(
    workers,
    (key) => {
      begun.push(`${key}@${clock.now() - zero}`);
      return handler(key);
    },
    stopping.signal,
  );
  return { clock, queue, begun, ended, stop: () => stopping.abort(), done };
}

/** A handler whose runs end when the test says so. */
export function gate(): { handler: Handler; open: (key: string) => void; inside: Set<string> } {
  const inside = new Set<string>();
  const doors = new Map<string, () => void>();
  return {
    inside,
    open: (key) => doors.get(key)?.(),
    handler: async (key) => {
      inside.add(key);
      await new Promise<void>((resolve) => doors.set(key, resolve));
      inside.delete(key);
      return {};
    },
  };
}
