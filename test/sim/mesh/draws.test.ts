import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../dice.ts';
import { binomial, poisson } from './draws.ts';

const draws = 20_000;

/** Mean and variance of many draws; all of them whole and not below 0. */
function momentsOf(draw: (dice: Dice) => number): readonly [mean: number, variance: number] {
  const dice = new Dice(7);
  const drawn = Array.from({ length: draws }, () => draw(dice));
  ok(drawn.every((value) => Number.isInteger(value) && value >= 0));
  const mean = drawn.reduce((sum, value) => sum + value, 0) / draws;
  return [mean, drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws];
}

/** Within six standard errors of what they are; that of a variance is near sqrt(2 / n) of it, and more for rare events. */
function areNear(
  [mean, variance]: readonly [number, number],
  expected: readonly [number, number],
  of: string,
): void {
  const slack = 6 * Math.sqrt(expected[1] / draws);
  ok(Math.abs(mean - expected[0]) <= slack, `mean ${mean} of ${of}`);
  const share = 6 * Math.sqrt((2 + 1 / expected[1]) / draws);
  ok(Math.abs(variance / expected[1] - 1) <= share, `variance ${variance} of ${of}`);
}

test('a binomial draw has the mean and the variance of as many throws', () => {
  for (const [count, share] of [
    ...([
      [10, 0.3],
      [100, 0.001],
      [100, 0.05],
      [100, 0.5],
      [1000, 0.9],
      [6, 0.7],
    ] as const),
  ])
    areNear(
      momentsOf((dice) => binomial(dice, count, share)),
      [count * share, count * share * (1 - share)],
      `${count} of ${share}`,
    );
});

test('a binomial draw is certain where its share is', () => {
  const dice = new Dice(1);
  for (const [count, share, expected] of [
    [5, 0, 0],
    [5, 1, 5],
    [0, 0.5, 0],
    [5, 1.000001, 5],
  ] as const)
    ok(binomial(dice, count, share) === expected);
});

test('a Poisson draw has its mean for a variance too', () => {
  for (const mean of [0.1, 3, 20, 50, 400])
    areNear(
      momentsOf((dice) => poisson(dice, mean)),
      [mean, mean],
      `${mean}`,
    );
});
