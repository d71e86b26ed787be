/** The only way to time in Serin; a simulator puts its own clock here. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A source of numbers in [0, 1), so that jitter can be replayed. */
export type Random = () => number;

/**
 * The time of this machine as it was told when the process began, and what has passed since: a clock that is set meanwhile
 * moves no wait that is under way. It does not count while the machine sleeps; what goes by the cluster's time is
 * corrected by its answers (kube/server-time.ts).
 */
export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** The time that the machine shows now, for what a person looks at while it sleeps and wakes. */
export const wallClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => systemClock.sleep(ms, signal),
};
