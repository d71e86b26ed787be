// Chance for tests of statistics: the same numbers each time.

/** Numbers in [0, 1) from a seed (mulberry32). */
export function diceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many of `n` come to pass with probability `p` each: exact, by the gaps between them. */
export function binomial(dice: () => number, n: number, p: number): number {
  if (p > 0.5) return n - binomial(dice, n, 1 - p);
  if (p <= 0 || n <= 0) return 0;
  let count = 0;
  for (let at = gap(dice, p); at <= n; at += gap(dice, p)) count += 1;
  return count;
}

function gap(dice: () => number, p: number): number {
  return 1 + Math.floor(Math.log(1 - dice()) / Math.log1p(-p));
}
