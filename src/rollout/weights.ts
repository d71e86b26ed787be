/** The percents a linear plan goes through: multiples of `stepWeight` below `maxWeight`, then `maxWeight` itself. */
export function ladder(stepWeight: number, maxWeight: number): readonly number[] {
  const below = Math.ceil(maxWeight / stepWeight) - 1;
  return [...Array.from({ length: below }, (_, index) => (index + 1) * stepWeight), maxWeight];
}
