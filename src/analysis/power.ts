import { alternatives } from './sequential.ts';

/** What traffic an analysis will have. */
export interface Traffic {
  /** Share of the canary, in 0..1. */
  readonly share: number;
  /** The error rate of stable, in 0..1. */
  readonly errorRate: number;
}

/**
 * Requests of both arms together until the comparison is expected to tell that the canary fails with `canaryRate`: the
 * log wealth grows by the Kullback-Leibler divergence of the split of the errors, and pays for the grid. Infinite where
 * the canary is no worse than the tolerance.
 */
export function requestsToTell(
  { share, errorRate }: Traffic,
  canaryRate: number,
  { alpha, tolerance }: { readonly alpha: number; readonly tolerance: number },
): number {
  const all = share * canaryRate + (1 - share) * errorRate;
  const seen = (share * canaryRate) / all;
  const tolerated = (tolerance * share) / (tolerance * share + 1 - share);
  if (seen <= tolerated) return Number.POSITIVE_INFINITY;
  return (Math.log(1 / alpha) + Math.log(alternatives.length)) / (all * divergence(seen, tolerated));
}

/** The smallest multiple of stable's error rate that is expected to be told within that many requests of both arms. */
export function detectable(
  traffic: Traffic,
  requests: number,
  test: { readonly alpha: number; readonly tolerance: number },
): number {
  let [low, high] = [Math.max(1, test.tolerance), 1 / traffic.errorRate];
  if (requestsToTell(traffic, high * traffic.errorRate, test) > requests) return Number.POSITIVE_INFINITY;
  for (let halvings = 0; halvings < 60; halvings += 1) {
    const middle = Math.sqrt(low * high);
    if (requestsToTell(traffic, middle * traffic.errorRate, test) > requests) low = middle;
    else high = middle;
  }
  return high;
}

/** Kullback-Leibler divergence of two coins. */
function divergence(p: number, q: number): number {
  const part = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b));
  return part(p, q) + part(1 - p, 1 - q);
}
