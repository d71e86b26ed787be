/**
 * The words of Serin: stable is what the Deployment's pods run, candidate is what was asked for and is held back,
 * the twin is the Deployment that runs the candidate, a weight is the percent of routed traffic that goes to the twin.
 *
 * Pending -> Starting -> Progressing <-> Waiting -> Promoting.Shift -> Promoting.Roll -> Promoting.Return -> Finalising
 *              |            |              |             |                                                      |
 *              +------------+--------------+-------------+--> RollingBack -> Failed | Aborted               Succeeded
 * A new candidate takes any phase left of Promoting.Roll back to Pending. The stable template applied again goes to
 * RollingBack (ending Aborted) from there, and from Promoting.Roll on it is what main rolls to (ending Aborted).
 */

import type { Comparison, ComparisonSpec, Counting } from '../analysis/comparison.ts';
import type { Command } from './command.ts';
import type { Traffic } from './foresight.ts';
import type { Gate, GateAnswer } from './gate.ts';
import type { MetricProvider } from './provider.ts';
import type { Affinity, Beside, Strategy } from './strategy.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One operation of RFC 6902. */
export type PatchOp =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/** What one check of the plan measures and the range it must stay in; names as in Flagger. */
export interface MetricSpec {
  /** `request-success-rate` (percent) and `request-duration` (P99 in ms) are built in; others bring a query. */
  readonly name: string;
  /** The window the metric is taken over. */
  readonly intervalMs: number;
  readonly min?: number;
  readonly max?: number;
  /** What is asked, in the language of the source; what stands in double braces is filled in. */
  readonly query?: string;
  /** Who is asked; Serin's own Prometheus where nothing is said. */
  readonly provider?: MetricProvider;
  /** The MetricTemplate of Flagger's that says query and provider in place of the plan. */
  readonly template?: { readonly name: string; readonly namespace?: string };
  /** What `{{ variables.x }}` stands for. */
  readonly variables?: { readonly [name: string]: string };
}

/** What a rollout goes by: what its owner asked for, and what the mesh needs. */
export interface Plan {
  readonly spec: RolloutSpec;
  /** How long after a change of routes or endpoints every proxy is taken to know it, and old requests to have ended. */
  readonly settleMs: number;
  /** Why nobody wants a canary here any more; absent while somebody does. */
  readonly withdrawn?: string;
}

/** How a Deployment is to be released, with every default filled in. */
export interface RolloutSpec {
  readonly service: {
    readonly name?: string;
    readonly port?: number;
    readonly hosts?: readonly string[];
    readonly gateways?: readonly string[];
    /** The parents (as in Gateway API) of the HTTPRoute that is made where none routes to the Service. */
    readonly gatewayRefs?: readonly JsonObject[];
    readonly virtualService?: { readonly name: string; readonly routes?: readonly string[] };
  };
  readonly analysis: {
    readonly intervalMs: number;
    /** Failed checks that roll back. */
    readonly threshold: number;
    readonly strategy: Strategy;
    readonly affinity?: Affinity;
    readonly metrics: readonly MetricSpec[];
    readonly gates: readonly Gate[];
    /** How canary and stable are compared; absent where they are not. */
    readonly compare?: ComparisonSpec;
  };
  /** True where the candidate is promoted without checks. */
  readonly skipAnalysis: boolean;
  /** True where nothing begins, and what is on trial gets no more than it has. */
  readonly suspended: boolean;
  /** `shift`: the twin takes all traffic while main rolls; `inPlace`: main itself rolls, in steps. */
  readonly promotion: 'shift' | 'inPlace';
  /** What splits the traffic, where the plan says it; absent: what there is. `none`: nothing is to be split. */
  readonly router?: 'istio' | 'gateway' | 'none';
  /** The autoscaler of which the twin gets a copy; absent: its replicas follow the traffic. */
  readonly scaler?: TwinScaler;
  readonly progressDeadlineMs: number;
  /** What becomes of a failed candidate: stays held in the Deployment, or is replaced by the stable template. */
  readonly onFailure: 'hold' | 'restore';
}

/** A scaler of main that the twin gets a copy of, with bounds of its own where they are said. */
export interface TwinScaler {
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly name: string;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
}

/** Whose rollout: written by the webhook with the hold. */
export interface Identity {
  /** Format of the state annotation. */
  readonly v: 1;
  readonly revision: string;
  readonly stableRevision: string;
  /** The authenticated user who asked for the candidate. */
  readonly actor: string;
  /** True where the user had paused the Deployment themselves: that pause is put back at the end. */
  readonly ownPause: boolean;
  /** True where the candidate is known from before (`rollback`) and its trial skips the analysis. */
  readonly known?: true;
}

/** Who holds a rollout where it is, and since when. */
export interface Pause {
  readonly actor: string;
  readonly at: number;
  readonly reason?: string;
}

interface Running extends Identity {
  /** Unix ms, as every time in the state. */
  readonly startedAt: number;
  /** When the phase (and, while Progressing, the weight) was entered. */
  readonly since: number;
  /** Pods that carried all the traffic when the rollout began. */
  readonly needed: number;
  /** The weight that is asked for. What the routes say is an observation. */
  readonly weight: number;
  readonly message: string;
  /** Present while a person has paused the trial. */
  readonly pause?: Pause;
}

export type Outcome = 'Succeeded' | 'Failed' | 'Aborted';

type OnTrial<P> = Running & { readonly phase: P };
type Decided<P> = Running & { readonly phase: P; readonly ending: 'Succeeded' | 'Aborted' };
type Ended<P> = Identity & {
  readonly phase: P;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly message: string;
};

export type State =
  /** `since` and `message` say what keeps the trial from beginning: a gate, a suspension. */
  | (Identity & {
      readonly phase: 'Pending';
      readonly since?: number;
      readonly message?: string;
      readonly pause?: Pause;
    })
  | OnTrial<'Starting'>
  | OnTrial<'Progressing'>
  | OnTrial<'Waiting'>
  | OnTrial<'Promoting.Shift'>
  | Decided<'Promoting.Roll'>
  | Decided<'Promoting.Return'>
  | Decided<'Finalising'>
  | (Identity & {
      readonly phase: 'RollingBack';
      readonly ending: 'Failed' | 'Aborted';
      readonly message: string;
      /** Absent where the webhook ended a rollout the controller had not begun. */
      readonly startedAt?: number;
      /** When the traffic was seen to be back on stable; absent until then. */
      readonly since?: number;
    })
  | Ended<'Succeeded'>
  | Ended<'Failed'>
  | Ended<'Aborted'>;

/** The states of some phases. */
export type In<P extends State['phase']> = Extract<State, { readonly phase: P }>;

export type Phase = State['phase'];

/** One line of the history annotation. */
export interface HistoryEntry {
  readonly revision: string;
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly actor: string;
  readonly message: string;
}

/** What is known of a measure: a number, nothing (no traffic yet), or that the source failed. */
export type Measured =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string };

/** A metric as measured on one arm or both; stable is for people, canary is what is judged. */
export interface Measurement {
  readonly metric: MetricSpec;
  readonly canary: Measured;
  readonly stable: Measured;
}

export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'error';

/** One analysis interval, as kept in the ledger. */
export interface Tick {
  readonly at: number;
  readonly weight: number;
  readonly verdict: Verdict;
  /** A sentence per metric: what was seen and the range. */
  readonly evidence: readonly string[];
}

/** The evidence of one rollout; kept on the twin so that it ends with it, and survives a restart. */
export interface Ledger {
  readonly v: 1;
  readonly revision: string;
  /** Of the trial it is the evidence of: the same revision may be asked for again. */
  readonly startedAt: number;
  readonly ticks: number;
  readonly passed: number;
  readonly failed: number;
  /** Ticks in a row that said nothing (inconclusive or error). */
  readonly silent: number;
  /** The weight now in force, and when it was first seen in the routes: no tick begins before that. */
  readonly weight: number;
  readonly weightAt: number;
  readonly last?: Tick;
  /** What the comparison has counted; absent until it has counted anything. */
  readonly comparison?: Comparison;
}

/** What became of pods: counted by the API server, never guessed. */
export interface WorkloadSeen {
  /** `.spec.replicas`. */
  readonly replicas: number;
  /** Pods of the newest template. */
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  /** All pods, old ones too. */
  readonly total: number;
  /** False while the Deployment controller has not seen the newest spec: the counts are of an older one. */
  readonly current: boolean;
}

export interface Observation {
  readonly main: WorkloadSeen & {
    readonly paused: boolean;
    /** True where the candidate stands in its template and the way back to stable is there. */
    readonly restorable: boolean;
    /** True where an autoscaler sets the replicas: it shrinks main while main has no traffic. */
    readonly scaler: boolean;
    /** The reason and message of the Progressing condition. */
    readonly progressing: { readonly status: string; readonly reason: string; readonly message: string };
  };
  readonly twin?: WorkloadSeen & {
    readonly revision: string;
    /** Since when (Unix ms) its Service is there, which the routes name; absent where it is not. */
    readonly servedSince?: number;
    /** Why no pod of the twin will become ready: crash loop, image pull; absent while there is hope. */
    readonly trouble?: string;
    readonly ledger?: Ledger;
  };
  readonly route: RouteSeen;
  /** Only where `measureDue` said so. */
  readonly measurements?: readonly Measurement[];
  /** What the gates said that `gatesDue` named; absent where none was due. */
  readonly gates?: readonly GateAnswer[];
  /** What a person asks; absent where it is for another revision. It is gone once the state is written. */
  readonly command?: Command;
  /** What comes in while stable has it all; only before a rollout starts. */
  readonly traffic?: Traffic;
  /** What both arms did since the ledger last counted; only where `countDue` said so. */
  readonly counting?: Counting;
}

/** What the routes say now. */
export type RouteSeen =
  | {
      readonly kind: 'split';
      /** The lowest weight any edited route gives the twin where they differ. */
      readonly weight: number;
      /** What the routes give the twin beside that; absent where nothing. */
      readonly beside?: Beside;
      /** False where some route still lacks what was asked for (drift, or a route that is new). */
      readonly uniform: boolean;
      /** True where any route object carries an edit of ours. */
      readonly edited: boolean;
      /** The revision whose rollback took the traffic away; written with the weight, so neither is without the other. */
      readonly rolledBack?: string;
    }
  /** No traffic can be split, and why: the plan is checked without traffic. */
  | { readonly kind: 'none'; readonly why: string };
