interface Rate {
  perMs: number;
  at: number;
}

/** Of an exponential average that is as old, on average, as one over 60 s. */
const spanMs = 30_000;

/** Requests per second of late, by workload. */
export class Rates {
  readonly #rates = new Map<string, Rate>();

  add(workload: string, count: number, now: number): void {
    const rate = this.#rates.get(workload);
    if (rate === undefined) this.#rates.set(workload, { perMs: count / spanMs, at: now });
    else {
      rate.perMs = rate.perMs * Math.exp((rate.at - now) / spanMs) + count / spanMs;
      rate.at = now;
    }
  }

  of(workload: string, now: number): number {
    const rate = this.#rates.get(workload);
    return rate === undefined ? 0 : 1000 * rate.perMs * Math.exp((rate.at - now) / spanMs);
  }
}
