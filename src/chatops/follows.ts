// What is followed just now: each rollout of a request once, and not more than a process can hold.
const usualMost = 200;

export class Follows {
  readonly #most: number;
  readonly #running = new Map<string, AbortController>();
  readonly #ended = new Set<Promise<void>>();

  constructor(most = usualMost) {
    this.#most = most;
  }

  /** Runs it in place of what ran under that key; false where there is no room. `run` must not throw. */
  start(key: string, run: (signal: AbortSignal) => Promise<void>): boolean {
    const before = this.#running.get(key);
    if (before === undefined && this.#running.size >= this.#most) return false;
    before?.abort();
    const stop = new AbortController();
    this.#running.set(key, stop);
    const ended = run(stop.signal).finally(() => {
      if (this.#running.get(key) === stop) this.#running.delete(key);
      this.#ended.delete(ended);
    });
    this.#ended.add(ended);
    return true;
  }

  /** Stops them all, and comes back when they have ended. */
  async stop(): Promise<void> {
    for (const each of this.#running.values()) each.abort();
    await Promise.all(this.#ended);
  }
}
