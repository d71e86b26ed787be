// What Prometheus remembers: samples of every series of every proxy, in the order of their scrapes.
import type { Dice } from '../dice.ts';
import type { Counter } from './counters.ts';
import type { Proxy } from './proxy.ts';

export interface Sample {
  readonly at: number;
  readonly requests: number;
  /** Cumulative, by bucket. */
  readonly buckets: readonly number[];
}

interface Target {
  readonly proxy: Proxy;
  nextAt: number;
}

/** Longer than any window that is asked for. */
const retentionMs = 20 * 60_000;

/**
 * Scrapes are made up for when they matter: before a counter changes, and before a question. So nothing runs while
 * nothing happens, and every sample is still of its own time.
 */
export class Memory {
  readonly #dice: Dice;
  readonly #intervalMs: number;
  readonly #targets: readonly Target[];
  readonly #samples = new Map<Counter, Sample[]>();
  /** Whether a series is scraped now. */
  readonly #isScraped: (counter: Counter) => boolean;

  constructor(options: {
    readonly dice: Dice;
    readonly proxies: readonly Proxy[];
    readonly now: number;
    readonly intervalMs: number;
    readonly isScraped: (counter: Counter) => boolean;
  }) {
    const { dice, now, intervalMs } = options;
    this.#dice = dice;
    this.#intervalMs = intervalMs;
    this.#isScraped = options.isScraped;
    this.#targets = options.proxies.map((proxy) => ({ proxy, nextAt: now + dice.between(1, intervalMs) }));
  }

  /** Makes every scrape that is due. */
  catchUp(now: number): void {
    for (const target of this.#targets) {
      const missed = Math.floor((now - retentionMs - target.nextAt) / this.#intervalMs);
      if (missed > 0) target.nextAt += missed * this.#intervalMs;
      for (; target.nextAt <= now; target.nextAt += this.#intervalMs) this.#scrape(target);
    }
  }

  /** Everything is lost. */
  clear(): void {
    this.#samples.clear();
  }

  series(): Iterable<readonly [Counter, readonly Sample[]]> {
    return this.#samples;
  }

  #scrape({ proxy, nextAt: at }: Target): void {
    for (const counter of proxy.counters.values()) {
      if (!this.#isScraped(counter)) continue;
      const sample = { at, requests: counter.requests, buckets: counter.buckets(this.#dice) };
      const samples = this.#samples.get(counter);
      if (samples === undefined) this.#samples.set(counter, [sample]);
      else {
        samples.push(sample);
        if (at - (samples[0]?.at ?? at) > 2 * retentionMs) samples.splice(0, samples.length / 2);
      }
    }
  }
}
