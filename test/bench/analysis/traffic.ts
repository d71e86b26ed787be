// Requests of a canary and of stable as they come in, scrape by scrape.
import { binomial } from '../../analysis/chance.ts';

/** The smallest step anybody sees: Istio's sample Prometheus scrapes this often. */
export const scrapeSeconds = 15;

export interface Scenario {
  readonly says: string;
  readonly perSecond: number;
  /** Error rates at a time in seconds since the first weight. */
  readonly stable: (second: number) => number;
  readonly canary: (second: number) => number;
}

/** What came between two scrapes. */
export interface Scrape {
  readonly until: number;
  readonly canary: { readonly requests: number; readonly errors: number };
  readonly stable: { readonly requests: number; readonly errors: number };
}

/** One scrape's worth of traffic, `share` of it to the canary. */
export function scrape(dice: () => number, scenario: Scenario, from: number, share: number): Scrape {
  const until = from + scrapeSeconds;
  const requests = Math.max(0, Math.round(poissonLike(dice, scenario.perSecond * scrapeSeconds)));
  const canary = binomial(dice, requests, share);
  return {
    until,
    canary: { requests: canary, errors: binomial(dice, canary, scenario.canary(from)) },
    stable: { requests: requests - canary, errors: binomial(dice, requests - canary, scenario.stable(from)) },
  };
}

/** A normal with the mean and variance of a Poisson: its means here are 150 and more. */
function poissonLike(dice: () => number, mean: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());
  return mean + Math.sqrt(mean) * normal;
}
