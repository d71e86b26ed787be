// Many rollouts of one scenario under one rule.
import { diceOf } from '../../analysis/chance.ts';
import type { Rule } from './rules.ts';
import { type Scenario, scrape, scrapeSeconds } from './traffic.ts';

export interface Cell {
  /** Share of rollouts that were rolled back. */
  readonly rolledBack: number;
  /** Of those that were, in seconds; undefined where none was. */
  readonly medianSeconds: number | undefined;
  /** Errors that the canary served until its end, on average. */
  readonly errors: number;
}

const [first, most] = [0.05, 0.5];
/** The weight rises by five percent a minute, for every rule alike. */
const risePerSecond = 0.05 / 60;

/** Plays `runs` rollouts; the same seed is the same traffic for every rule, as far as their weights are the same. */
export function play(scenario: Scenario, rule: Rule, runs: number): Cell {
  const times: number[] = [];
  let errors = 0;
  for (let run = 0; run < runs; run += 1) {
    const one = rollout(scenario, rule, run);
    errors += one.errors;
    if (one.rolledBackAt !== undefined) times.push(one.rolledBackAt);
  }
  return {
    rolledBack: times.length / runs,
    medianSeconds: times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)],
    errors: errors / runs,
  };
}

function rollout(scenario: Scenario, rule: Rule, seed: number): { errors: number; rolledBackAt?: number } {
  const dice = diceOf(seed * 7919 + 1);
  const judge = rule.open();
  let [share, errors] = [first, 0];
  for (let from = 0; ; from += scrapeSeconds) {
    const seen = scrape(dice, scenario, from, share);
    errors += seen.canary.errors;
    const ends = seen.until % Math.max(rule.interval, scrapeSeconds) === 0;
    const says = judge(seen, ends);
    if (says === 'roll back') return { errors, rolledBackAt: seen.until };
    if (!ends || says === 'hold') continue;
    if (share >= most - 1e-9) return { errors };
    share = Math.min(most, share + risePerSecond * Math.max(rule.interval, scrapeSeconds));
  }
}
