// What a proxy counts of its requests, with the names Istio gives it.
import type { Labels } from '../../../src/routing/types.ts';
import type { Dice } from '../dice.ts';
import { binomial } from './draws.ts';

/** Upper bounds of Envoy's buckets in ms, as a Prometheus of version 3 writes them. */
export const bounds: readonly number[] = [
  ...[0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000],
  ...[300_000, 600_000, 1_800_000, 3_600_000, Number.POSITIVE_INFINITY],
];

/** One series of istio_requests_total, and its histogram of durations. */
export class Counter {
  readonly labels: Labels;
  requests = 0;
  /** Requests by bucket. */
  readonly #counts: number[] = bounds.map(() => 0);
  #cumulative: readonly number[] = bounds.map(() => 0);
  /** Requests by mean duration that are in no bucket yet: drawn for many at once, when somebody looks. */
  readonly #unspread = new Map<number, number>();

  constructor(labels: Labels) {
    this.labels = labels;
  }

  add(count: number, durationMs: number): void {
    this.requests += count;
    this.#unspread.set(durationMs, (this.#unspread.get(durationMs) ?? 0) + count);
  }

  /** Cumulative counts by bucket; the same list as long as nothing comes. */
  buckets(dice: Dice): readonly number[] {
    if (this.#unspread.size === 0) return this.#cumulative;
    for (const [durationMs, count] of this.#unspread) spread(dice, this.#counts, durationMs, count);
    this.#unspread.clear();
    const cumulative = [...this.#counts];
    for (let bucket = 1; bucket < cumulative.length; bucket += 1)
      cumulative[bucket] = (cumulative[bucket] ?? 0) + (cumulative[bucket - 1] ?? 0);
    this.#cumulative = cumulative;
    return cumulative;
  }
}

/** Draws a bucket for each of `count` requests, into `counts`. */
function spread(dice: Dice, counts: number[], durationMs: number, count: number): void {
  let [left, share] = [count, 1];
  for (const [bucket, part] of partsOf(durationMs)) {
    const drawn = binomial(dice, left, Math.min(1, part / share));
    counts[bucket] = (counts[bucket] ?? 0) + drawn;
    left -= drawn;
    share -= part;
    if (left === 0) return;
  }
  counts[0] = (counts[0] ?? 0) + left;
}

/** Of the logarithm of durations: their 99th percentile is 2.3 times their mean. */
const deviation = 0.4;
const known = new Map<number, readonly (readonly [bucket: number, part: number])[]>();

/** The parts of requests of a mean duration that fall into each bucket (log-normal), largest bucket first. */
function partsOf(durationMs: number): readonly (readonly [bucket: number, part: number])[] {
  const found = known.get(durationMs);
  if (found !== undefined) return found;
  const middle = Math.log(Math.max(durationMs, 0.001)) - deviation ** 2 / 2;
  const below = bounds.map((bound) => normalBelow((Math.log(bound) - middle) / deviation));
  const parts = below
    .map((part, bucket) => [bucket, part - (below[bucket - 1] ?? 0)] as const)
    .filter(([, part]) => part > 1e-9)
    .toReversed();
  known.set(durationMs, parts);
  return parts;
}

/** The part of a standard normal distribution below `x` (the logistic approximation: off by 0.0002 at most). */
function normalBelow(x: number): number {
  return 1 / (1 + Math.exp(-(1.5976 * x + 0.070_56 * x ** 3)));
}
