// What the page and its server say to each other; both sides are of one build.
import type { Report } from '../report/report.ts';

/** With every action: no script can send it for another origin without asking first, which is never granted. */
export const actionHeader = 'x-serin-dashboard';

/** How often the server says something at least; three times this without a word is a broken line. */
export const beatMs = 5_000;

/** A rollout as the list shows it. */
export type Summary = Omit<Report, 'at' | 'history' | 'events' | 'tree'>;

/** Whether the API server is heard, and since when not (Unix ms). */
export type ClusterShown =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly since: number };

/** What the server tells without being asked, in order. */
export type News =
  | {
      readonly kind: 'all';
      readonly at: number;
      readonly context: string;
      readonly allowActions: boolean;
      readonly cluster: ClusterShown;
      readonly rollouts: readonly Summary[];
    }
  | { readonly kind: 'rollout'; readonly rollout: Summary }
  | { readonly kind: 'gone'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'cluster'; readonly cluster: ClusterShown }
  /** Nothing has happened, as of then. */
  | { readonly kind: 'beat'; readonly at: number };

/** A line of a chart: seconds since 1970 against values; null where nothing is known. */
export interface Line {
  readonly at: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** The lines of one rollout, each with what its values are. */
export interface Series {
  /** [asked, seen] in percent. */
  readonly weight: Line;
  /** [stable, canary] of each. */
  readonly rate: Line;
  readonly errors: Line;
  readonly latency: Line;
  /** [evidence, bound] in ln M. */
  readonly evidence: Line;
  /** Where rate, errors and latency are from. */
  readonly source: 'prometheus' | 'checks';
}

export interface RouteShown {
  readonly kind: string;
  readonly name: string;
  readonly yaml: string;
}

/** All there is to one rollout. */
export interface Detail {
  readonly report: Report;
  readonly series: Series;
  /** Both templates as YAML; absent where there is no candidate, or what is stable cannot be told. */
  readonly templates?: { readonly stable: string; readonly candidate: string };
  readonly routes: readonly RouteShown[];
}

/** The answer to it, and to whatever else could not be done. */
export type Answered = { readonly ok: true } | { readonly ok: false; readonly why: string };
