import { type Counts, type Hypotheses, logRatios } from './hypergeometric.ts';
import { logSumExp } from './sequential.ts';

/**
 * How much worse or better the canary may be: a wealth for each odds ratio of a ladder, betting that the truth is above
 * it, and one that it is below. What a wealth has refuted stays outside of the interval for good.
 */
export interface Bounds {
  /** Per stride and rung, the log wealth against "the odds ratio is at most this rung". */
  readonly above: readonly number[];
  /** Per rung, the log wealth against "the odds ratio is at least this rung". */
  readonly below: readonly number[];
}

/** The odds ratios that can be told apart. */
const ladder: readonly number[] = [0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100];

/** How far above a rung the bets are: a broken canary is a hundred times worse, a poor one twice. */
const stridesUp: readonly number[] = [2, 30];
const strideDown = 2;

export const noBounds: Bounds = {
  above: stridesUp.flatMap(() => ladder.map(() => 0)),
  below: ladder.map(() => 0),
};

/** The bounds with one more tick; `temper` at least 1. */
export function withTick(before: Bounds, counts: Counts, temper = 1): Bounds {
  const up = stridesUp.flatMap((stride) =>
    ladder.map((rung): Hypotheses => ({ alternative: rung * stride, nothing: rung })),
  );
  const down = ladder.map((rung): Hypotheses => ({ alternative: rung / strideDown, nothing: rung }));
  const gained = logRatios(counts, [...up, ...down]);
  const add = (logs: readonly number[], from: number): readonly number[] =>
    logs.map((log, at) => log + (gained[from + at] ?? 0) / temper);
  return { above: add(before.above, 0), below: add(before.below, up.length) };
}

export interface Interval {
  /** Absent where nothing is refuted below. */
  readonly least?: number;
  /** Absent where nothing is refuted above. */
  readonly most?: number;
}

/** The odds ratios that are not refuted; each end is wrong with a chance of at most `alpha`, whenever it is looked at. */
export function interval({ above, below }: Bounds, alpha: number): Interval {
  const bar = Math.log(1 / alpha);
  const wealthAbove = (rung: number): number =>
    logSumExp(stridesUp.map((_, stride) => above[stride * ladder.length + rung] ?? 0)) -
    Math.log(stridesUp.length);
  const least = ladder.findLast((_, rung) => wealthAbove(rung) >= bar);
  const most = ladder.find((_, rung) => (below[rung] ?? 0) >= bar);
  return { ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) };
}
