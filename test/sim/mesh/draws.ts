// Counts of many like things at once, instead of a throw for each.
import type { Dice } from '../dice.ts';

/** How many of things that come `mean` at a time on average, each by itself, come this time. */
export function poisson(dice: Dice, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(dice)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = dice.next(); product > limit; product *= dice.next()) count += 1;
  return count;
}

/** How many of `count` things happen that each happen with probability `share`. */
export function binomial(dice: Dice, count: number, share: number): number {
  if (count <= 0 || share <= 0) return 0;
  if (share >= 1) return count;
  if (share > 0.5) return count - binomial(dice, count, 1 - share);
  if (count * share > 12) {
    const drawn = Math.round(count * share + Math.sqrt(count * share * (1 - share)) * normal(dice));
    return Math.min(count, Math.max(0, drawn));
  }
  // The gaps between those that happen are geometric: as many throws as happen, not as there are things.
  const log = Math.log1p(-share);
  let happened = 0;
  for (let at = gap(dice, log); at < count; at += 1 + gap(dice, log)) happened += 1;
  return happened;
}

function gap(dice: Dice, log: number): number {
  return Math.floor(Math.log1p(-dice.next()) / log);
}

/** Of mean 0 and deviation 1 (Box and Muller). */
function normal(dice: Dice): number {
  return Math.sqrt(-2 * Math.log1p(-dice.next())) * Math.cos(2 * Math.PI * dice.next());
}
