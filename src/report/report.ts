// A rollout as people are shown it: on a terminal, on a page, in a comment. It is made of what the API server has, by
// whoever may read that, and holds no more than is to be shown; how it is shown is each shell's own.
import type { Interval } from '../analysis/odds.ts';
import type { HistoryEntry, Pause, Phase, Verdict } from '../rollout/types.ts';

export interface Report {
  readonly namespace: string;
  readonly name: string;
  /** Unix ms by the API server's clock: when all this was so. */
  readonly at: number;
  /** `Idle`: never released through Serin, or nothing is left of it; `Unheld`: no canary here, `message` says why. */
  readonly phase: Phase | 'Idle' | 'Unheld';
  /** True where somebody had better look: it failed, waits for a person, is told nothing, or its pods are in trouble. */
  readonly attention: boolean;
  /** Why it stands where it stands, in one sentence; may be empty. */
  readonly message: string;
  /** The authenticated user who asked for the candidate. */
  readonly actor?: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly pause?: Pause;
  readonly stable: Version;
  readonly candidate?: Version;
  readonly steps: readonly Step[];
  readonly weight: WeightShown;
  readonly checks?: ChecksShown;
  readonly evidence?: EvidenceShown;
  /** What happens next if nothing else does. */
  readonly next?: Next;
  readonly history: readonly HistoryEntry[];
  /** Newest last. */
  readonly events: readonly EventShown[];
  readonly tree: readonly Node[];
  /** What the reader may not read, as `pods`: it is missing above. Absent where everything was read. */
  readonly unread?: readonly string[];
}

/** What one arm runs, and what it has answered since the trial began. */
export interface Version {
  readonly revision: string;
  /** Of each container, in the template's order. */
  readonly images: readonly { readonly container: string; readonly image: string }[];
  /** The ConfigMaps and Secrets (`Kind/name`) whose change is part of this version; absent where none is. */
  readonly config?: readonly string[];
  readonly pods: { readonly ready: number; readonly wanted: number };
  /** Absent where nothing was compared. */
  readonly served?: { readonly requests: number; readonly errors: number };
  /** Of the last check; absent where it measured none. */
  readonly p99Ms?: number;
  readonly successPercent?: number;
}

/** One step of the plan: a weight, or a check where the plan counts those. */
export interface Step {
  readonly label: string;
  readonly is: 'done' | 'now' | 'ahead';
}

export interface WeightShown {
  /** Percent that the candidate is to have. */
  readonly asked: number;
  /** What each route gives it now; empty where nothing is split. */
  readonly seen: readonly { readonly route: string; readonly weight: number }[];
  /** What the routes give it beside that: requests that match, or copies; absent where nothing. */
  readonly beside?: string;
  /** Why nothing is split; absent where something is. */
  readonly unsplit?: string;
}

export interface ChecksShown {
  readonly passed: number;
  readonly failed: number;
  /** Failed checks that roll back. */
  readonly threshold: number;
  /** In a row, without an answer. */
  readonly silent: number;
  readonly last?: {
    readonly at: number;
    readonly verdict: Verdict;
    /** A sentence for each metric. */
    readonly evidence: readonly string[];
  };
}

/** What the comparison of both arms has shown so far. */
export interface EvidenceShown {
  /** ln M that the canary is worse, and the bound at which it is rolled back. */
  readonly wealth: number;
  readonly bound: number;
  readonly by?: 'errors' | 'latency';
  /** Where the odds ratio of an error lies, canary against stable, at 95 %. */
  readonly odds: Interval;
}

export interface Next {
  readonly what: string;
  /** Unix ms; absent where it waits for somebody or something. */
  readonly at?: number;
}

export interface EventShown {
  readonly at: number;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

/** An object of the rollout and what it owns: Deployment, twin, ReplicaSets, pods. */
export interface Node {
  readonly kind: string;
  readonly name: string;
  /** Which arm's; absent where it is neither's any more. */
  readonly arm?: 'stable' | 'canary';
  readonly ready: boolean;
  /** As `2/3 ready`, `CrashLoopBackOff`, `paused`. */
  readonly status: string;
  readonly children: readonly Node[];
}
