// Virtual time: one queue of moments. Nothing in a simulation happens but at a moment of it, in one order per seed.
import type { Clock } from '../../src/clock.ts';

interface Moment {
  readonly at: number;
  /** Moments of the same time happen in the order they were asked for. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Where every simulation begins: a date like any other, the same for all. */
export const startMs = Date.parse('2026-11-24T09:00:00Z');

export class SimTime {
  #now = startMs;
  #order = 0;
  #held = 0;
  readonly #heap: Moment[] = [];

  /** Milliseconds since the epoch, as nobody but the simulation knows them: processes have clocks of their own. */
  get now(): number {
    return this.#now;
  }

  /** Runs `run` in `ms` (at once, but not in this turn, for 0 or less); answers what takes it back. */
  after(ms: number, run: () => void): () => void {
    // Whole milliseconds, as the clocks of machines show; never too early, or who waits for a time finds it is not yet.
    const moment: Moment = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, run };
    push(this.#heap, moment);
    return () => {
      moment.run = undefined;
    };
  }

  /** Runs `run` each `ms` from the next on, until taken back. */
  every(ms: number, run: () => void): () => void {
    let isOver = false;
    const again = (): void => {
      if (isOver) return;
      run();
      this.after(ms, again);
    };
    this.after(ms, again);
    return () => {
      isOver = true;
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = Number.isFinite(ms) ? this.after(ms, done) : () => {};
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Keeps time where it is until `work` has ended: for what takes turns of the event loop (fastify does) but no time. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.#held += 1;
    try {
      return await work;
    } finally {
      this.#held -= 1;
    }
  }

  async #settle(): Promise<void> {
    do await settled();
    while (this.#held > 0);
  }

  /** Lets time pass to `untilMs`, or until `isOver` holds between two moments; answers whether it came to hold. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<boolean> {
    await this.#settle();
    while (!isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > untilMs) {
        this.#now = Math.max(this.#now, untilMs);
        return isOver();
      }
      pop(this.#heap);
      if (next.run === undefined) continue;
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await this.#settle();
    }
    return true;
  }
}

/**
 * The life of one process: its clock may be off, it may be paused, and once it is killed nothing of it ever goes on:
 * whoever waits in it waits for ever, as the dead do.
 */
export class Life {
  readonly name: string;
  readonly #time: SimTime;
  #isDead = false;
  #pausedUntil = 0;
  readonly #mourners: (() => void)[] = [];
  /** What its clock shows beyond the true time, in ms: as its machine told when it began, whatever that is set to since. */
  readonly skewMs: number;

  constructor(time: SimTime, name: string, skewMs = 0) {
    this.#time = time;
    this.name = name;
    this.skewMs = skewMs;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const mourn of this.#mourners) mourn();
  }

  /** Told once, when it is killed, by whatever. */
  onDeath(mourn: () => void): void {
    this.#mourners.push(mourn);
  }

  /** Nothing of it runs for `ms`: what it waits for comes to it afterwards. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#time.now + ms);
  }

  /** Runs `run` as soon as the process can: later where it is paused, never where it is dead. */
  resume(run: () => void): void {
    if (this.#isDead) return;
    const wait = this.#pausedUntil - this.#time.now;
    if (wait <= 0) run();
    else this.#time.after(wait, () => this.resume(run));
  }

  /** The clock of this process. */
  get clock(): Clock {
    return {
      now: () => this.#time.now + this.skewMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          // As Node's timers: no sleep is shorter than a millisecond.
          void this.#time.sleep(Math.max(1, ms), signal).then(() => this.resume(resolve));
        }),
    };
  }
}

/** Lets everything run that waits for nothing but its turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const isBefore = (a: Moment, b: Moment): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Moment[], moment: Moment): void {
  let at = heap.length;
  heap.push(moment);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(moment, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = moment;
}

function pop(heap: Moment[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    const isRight = left !== undefined && right !== undefined && isBefore(right, left);
    const least = isRight ? right : left;
    if (least === undefined || !isBefore(least, last)) break;
    heap[at] = least;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
