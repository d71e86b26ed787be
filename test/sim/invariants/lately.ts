// What a writer may have gone by: not what is, but what was a moment ago.
import type { SimTime } from '../time.ts';

/** The longest that Serin may act on what it has read: a look of a few calls, one of which may wait to its limit. */
export const lookMs = 15_000;

interface Held<T> {
  readonly value: T;
  readonly from: number;
}

/** The values of each key that held at any moment of the last `windowMs`. */
export class Lately<T> {
  readonly #time: SimTime;
  readonly #windowMs: number;
  readonly #values = new Map<string, Held<T>[]>();

  constructor(time: SimTime, windowMs = lookMs) {
    this.#time = time;
    this.#windowMs = windowMs;
  }

  set(key: string, value: T): void {
    const held = this.#values.get(key) ?? [];
    if (held.at(-1)?.value === value) return;
    held.push({ value, from: this.#time.now });
    this.#values.set(key, held);
    this.#forget(held);
  }

  /** Oldest first; empty where the key was never set. */
  of(key: string): readonly T[] {
    const held = this.#values.get(key) ?? [];
    this.#forget(held);
    return held.map(({ value }) => value);
  }

  /** What holds now. */
  now(key: string): T | undefined {
    return this.#values.get(key)?.at(-1)?.value;
  }

  /** Since when what holds now has held. */
  since(key: string): number | undefined {
    return this.#values.get(key)?.at(-1)?.from;
  }

  /** What came to an end before the window began. */
  #forget(held: Held<T>[]): void {
    const begins = this.#time.now - this.#windowMs;
    while (held[1] !== undefined && held[1].from <= begins) held.shift();
  }
}
