/**
 * How a candidate gets traffic while it is on trial. `weights` moves a growing share of all requests; `iterations` moves
 * none (blue/green) or those that match (A/B) until all move at once; names and meanings as in Flagger's analysis.
 */
import type { JsonObject } from './types.ts';

export type Strategy =
  | {
      readonly kind: 'weights';
      /** Ascending percents, at least one, each in 1..100. */
      readonly weights: readonly number[];
      /** Percent by which traffic goes back to main at most at a time once main is rolled; absent: as its pods carry it. */
      readonly promotionStep?: number;
      /** Requests are copied to the twin for one check before the first weight. */
      readonly mirror?: Mirror;
    }
  | {
      readonly kind: 'iterations';
      /** Checks that must pass, at least one. */
      readonly iterations: number;
      /** Conditions of an HTTP route (Istio's HTTPMatchRequest), at least one: who meets any of them is sent to the twin. */
      readonly match?: readonly JsonObject[];
      /** Requests are copied to the twin during all checks. */
      readonly mirror?: Mirror;
    };

/** Percent of the requests that are copied, 1..100; nobody sees the answers to a copy. */
export type Mirror = number;

/** The cookie by which users stay with the version they came to; attributes as in Set-Cookie. */
export interface Affinity {
  readonly cookieName: string;
  readonly maxAgeSeconds: number;
  readonly domain?: string;
  readonly path?: string;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly partitioned?: boolean;
}

/** What the twin is given beside its weight. Absent members are not given. */
export interface Beside {
  readonly mirror?: Mirror;
  readonly match?: readonly JsonObject[];
  /** Whose cookie has `value` stays with the twin; `value` tells this trial from others. */
  readonly affinity?: Affinity & { readonly value: string };
}

/** The percents a plan goes through with traffic; empty where it moves none before all of it. */
export function weightsOf(strategy: Strategy): readonly number[] {
  return strategy.kind === 'weights' ? strategy.weights : [];
}

/** Checks that must pass before promotion where no weight is moved. */
export function checksOf(strategy: Strategy): number {
  return strategy.kind === 'weights' ? strategy.weights.length : strategy.iterations;
}
