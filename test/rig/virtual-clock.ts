// Time that passes only when a test says so.
import type { Clock } from '../../src/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets `ms` pass: who sleeps wakes at its own moment, in order, and acts before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** The moments at which somebody asleep will wake, ascending. */
  readonly wakes: readonly number[];
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands at `startMs`. */
export function virtualClock(startMs = Date.parse('2026-11-24T09:00:00Z')): VirtualClock {
  let now = startMs;
  const sleepers = new Set<Sleeper>();
  const inOrder = (): Sleeper[] => [...sleepers].sort((a, b) => a.at - b.at);
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: now + Math.max(ms, 0), wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (let [next] = inOrder(); next !== undefined && next.at <= end; [next] = inOrder()) {
        now = Math.max(now, next.at);
        next.wake();
        await settled();
      }
      now = end;
      await settled();
    },
    get wakes() {
      return inOrder().map(({ at }) => at);
    },
  };
}

/** Lets everything run that waits for nothing but its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
