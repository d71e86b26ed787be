// What is seen of a rollout, and the evidence that comes of it.
import type { Comparison, Counting } from '../analysis/comparison.ts';
import type { Command } from './command.ts';
import type { GateAnswer } from './gate.ts';
import type { Phase } from './state.ts';
import type { Beside } from './strategy.ts';
import type { MetricSpec } from './types.ts';

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
  /** For people; absent where the check measured neither, or an earlier version wrote it. */
  readonly measured?: Figures;
}

/** What Istio told of both arms at a check; absent where it was not asked. */
export interface Figures {
  readonly successPercent?: BothArms;
  readonly p99Ms?: BothArms;
}

/** Null where it is not known. */
export type BothArms = readonly [canary: number | null, stable: number | null];

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

/** How the Deployment controller replaces pods, as the spec says it. */
export interface Pace {
  readonly minReadySeconds: number;
  readonly progressDeadlineSeconds: number;
  /** New pods that may be unavailable at a time: maxSurge + maxUnavailable. */
  readonly batch: number;
}

export interface Observation {
  readonly main: WorkloadSeen & {
    readonly paused: boolean;
    /** True where the candidate stands in its template and the way back to stable is there. */
    readonly restorable: boolean;
    /** Why no new pod of main will become ready; absent while there is hope. */
    readonly trouble?: string;
    /** True where an autoscaler sets the replicas: it shrinks main while main has no traffic. */
    readonly scaler: boolean;
    readonly pace: Pace;
    /** The reason and message of the Progressing condition. */
    readonly progressing: { readonly status: string; readonly reason: string; readonly message: string };
  };
  readonly twin?: WorkloadSeen & {
    readonly revision: string;
    /** Since when (Unix ms) its Service is there, which the routes name; absent where it is not. */
    readonly servedSince?: number;
    /** Why no pod of the twin will become ready: crash loop, image pull; absent while there is hope. */
    readonly trouble?: string;
    /** Why the API server takes no more pods of it just now: a quota, a policy, a webhook. It may yet take them. */
    readonly refused?: string;
    readonly ledger?: Ledger;
  };
  /** Why the twin could not be made as it is to be, where that was tried and refused; absent otherwise. */
  readonly unmade?: string;
  readonly route: RouteSeen;
  /** Only where `measureDue` said so. */
  readonly measurements?: readonly Measurement[];
  /** What the gates said that `gatesDue` named; absent where none was due. */
  readonly gates?: readonly GateAnswer[];
  /** What a person asks; absent where it is for another revision. It is gone once the state is written. */
  readonly command?: Command;
  /** The Deployments that are promoted together with this one; absent where it is in no group. */
  readonly group?: { readonly name: string; readonly members: readonly Member[] };
  /** What both arms did since the ledger last counted; only where `countDue` said so. */
  readonly counting?: Counting;
}

/** Another Deployment of the group, where its rollout is under way or has ended since this one began. */
export interface Member {
  readonly name: string;
  readonly phase: Phase;
  readonly passed: boolean;
  readonly shifted: boolean;
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
      /** Why some of them cannot keep who came to the twin with it, where the plan wants that; absent where all can. */
      readonly noAffinity?: string;
      /** Since when (Unix ms) they give all that; absent where that was not written down. */
      readonly since?: number;
      /** Since when (Unix ms) they are known to be as they are: what gave them that had been done by then. */
      readonly knownSince?: number;
    }
  /** No traffic can be split, and why: the plan is checked without traffic. */
  | { readonly kind: 'none'; readonly why: string };
