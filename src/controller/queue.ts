import type { Clock, Random } from '../clock.ts';
import { askedWaitMs, retryInMs } from '../kube/retry.ts';

/** What a handler decided: when to come back although nothing was seen to change (Unix ms). */
export interface Handled {
  readonly wakeAt?: number;
}

export type Handler = (key: string) => Promise<Handled>;

/** One run of the handler, as it ended. */
export interface Run {
  readonly key: string;
  /** From when the key was due to when it was taken up. */
  readonly waitedMs: number;
  readonly tookMs: number;
  readonly failure?: { readonly error: unknown; readonly retryInMs: number };
}

interface Backoff {
  readonly failures: number;
  /** The key is not worked on before, though it change. */
  readonly notBefore: number;
}

const never = Number.POSITIVE_INFINITY;
/** A reason of our own: without one Node makes an error with a stack at each change. */
const stirred: unique symbol = Symbol('stirred');
// A wake is a time of day, but a sleep counts running time: looking each minute bounds how late a suspended machine is.
const longestSleepMs = 60_000;
// A change is news, so a key that failed need not wait out its backoff; but one that changes by failing must not spin.
const pauseAfterFailureMs = 1_000;

/**
 * Keys to be worked on: each by one worker at a time, in the order they came due, however often they were added.
 * A run sees all that was there when it began and decides anew, so every wake set before that is void.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onRun: (run: Run) => void;
  readonly #wakes = new Map<string, number>();
  /** Since when each has been due; a Map keeps the order they came in. */
  readonly #due = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #backoffs = new Map<string, Backoff>();
  #isStarted = false;
  #stir: () => void = () => {};

  /** `onRun` is told of every run that ended; it must not throw. */
  constructor(clock: Clock, random: Random, onRun: (run: Run) => void = () => {}) {
    this.#clock = clock;
    this.#random = random;
    this.#onRun = onRun;
  }

  /** Keys that are due and wait for a worker. */
  get depth(): number {
    return this.#due.size;
  }

  /** The key has changed: work on it as soon as a worker is free. */
  add(key: string): void {
    this.addAt(key, this.#clock.now());
  }

  /** Work on the key at that time (Unix ms); the earliest of several counts. */
  addAt(key: string, wakeAtMs: number): void {
    if (this.#due.has(key)) return;
    const at = Math.max(wakeAtMs, this.#backoffs.get(key)?.notBefore ?? 0);
    if (at >= (this.#wakes.get(key) ?? never)) return;
    this.#wakes.set(key, at);
    this.#stir();
  }

  /** Works until `signal` aborts and the handlers that run by then have ended. May be called once. */
  async run(workers: number, handler: Handler, signal: AbortSignal): Promise<void> {
    if (this.#isStarted) throw new Error('this queue was started before');
    this.#isStarted = true;
    signal.addEventListener('abort', () => this.#stir(), { once: true });
    while (!signal.aborted) {
      // Made first, so that whatever happens from here on ends the sleep below.
      const asleep = new AbortController();
      this.#stir = () => asleep.abort(stirred);
      const now = this.#clock.now();
      const nextAt = this.#promote(now);
      for (const [key, dueAt] of this.#due) {
        if (this.#running.size >= workers) break;
        this.#due.delete(key);
        this.#running.set(key, this.#work(key, dueAt, handler));
      }
      await this.#clock.sleep(Math.min(nextAt - now, longestSleepMs), asleep.signal);
    }
    await Promise.all(this.#running.values());
  }

  /** Makes due what is due, and answers when the next will be. A key that runs stays put until it has ended. */
  #promote(now: number): number {
    let nextAt = never;
    for (const [key, at] of this.#wakes) {
      if (this.#running.has(key)) continue;
      if (at > now) {
        nextAt = Math.min(nextAt, at);
      } else {
        this.#wakes.delete(key);
        this.#due.set(key, at);
      }
    }
    return nextAt;
  }

  async #work(key: string, dueAt: number, handler: Handler): Promise<void> {
    const startedAt = this.#clock.now();
    const failure = await this.#attempt(key, handler);
    const endedAt = this.#clock.now();
    this.#running.delete(key);
    this.#stir();
    const run = { key, waitedMs: startedAt - dueAt, tookMs: endedAt - startedAt };
    this.#onRun(failure === undefined ? run : { ...run, failure });
  }

  async #attempt(key: string, handler: Handler): Promise<Run['failure']> {
    try {
      const { wakeAt } = await handler(key);
      this.#backoffs.delete(key);
      this.#wakeAgain(key, wakeAt ?? never);
      return undefined;
    } catch (error) {
      const failures = (this.#backoffs.get(key)?.failures ?? 0) + 1;
      const delay = retryInMs(error, failures, this.#random);
      const pause = Math.max(Math.min(delay, pauseAfterFailureMs), askedWaitMs(error));
      const now = this.#clock.now();
      this.#backoffs.set(key, { failures, notBefore: now + pause });
      this.#wakeAgain(key, now + delay);
      return { error, retryInMs: delay };
    }
  }

  /** Merges what the run decided with what came in while it ran. */
  #wakeAgain(key: string, at: number): void {
    const meanwhile = this.#wakes.get(key) ?? never;
    this.#wakes.delete(key);
    this.addAt(key, Math.min(meanwhile, at));
  }
}
