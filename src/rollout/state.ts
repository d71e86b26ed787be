/**
 * The words of Serin: stable is what the Deployment's pods run, candidate is what was asked for and is held back,
 * the twin is the Deployment that runs the candidate, a weight is the percent of routed traffic that goes to the twin.
 *
 * Pending -> Starting -> Progressing <-> Waiting -> Promoting.Shift -> Promoting.Roll <-> Promoting.Return <-> Finalising
 *  |  |        |   |        |              |         ^   |                                                      |
 *  |  |        |   +--------|--------------|---------+   |    (analysis skipped, or promoted by a person)    Succeeded
 *  |  +--------+------------+--------------+-------------+--> RollingBack -> Failed | Aborted
 *  +--> Rolling (promotion: inPlace) -> Succeeded | RollingBack
 *
 * Supersede: a new candidate takes any phase left of Promoting.Roll back to Pending, with no evidence.
 * Turn back: the stable template applied again goes to RollingBack (ending Aborted) from there, and from Promoting.Roll on
 * it is what main rolls to (ending Aborted).
 * Retry: a command takes Failed to Pending, with no evidence, as if the candidate had just been asked for.
 * Roll back: a command makes an earlier template the candidate (Pending, `known`), and its trial skips the analysis.
 */

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
  /** True where the trial skips the analysis: the candidate is known (`rollback`), or was promoted before it began. */
  readonly known?: true;
  /** True once pods of main may run a candidate (in place): who gives that up puts stable back and lets main roll. */
  readonly mixed?: true;
  /** Present while main's `minReadySeconds` is ours (brake.ts): in phase Rolling, or where the webhook has just ended that. */
  readonly brake?: Brake;
}

/** Seconds of `minReadySeconds`: what its owner wants, and what stands there meanwhile. */
export interface Brake {
  readonly own: number;
  readonly seconds: number;
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
  /** True once the analysis has passed and the rest of the group is waited for; checks go on. */
  readonly passed?: true;
  /** True once the twin has all traffic and the rest of the group is waited for. */
  readonly shifted?: true;
}

/** How main does with a share of its pods rolled. */
export interface Checks {
  /** When the share was reached, or checked last. */
  readonly at: number;
  readonly failed: number;
  /** Checks in a row that said nothing. */
  readonly silent: number;
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
      /** What `needed` was of the candidate whose place this one takes. */
      readonly neededBefore?: number;
      readonly since?: number;
      readonly message?: string;
      readonly pause?: Pause;
    })
  | OnTrial<'Starting'>
  /** Main itself rolls, in steps: the weight is the percent of its pods that are to run the candidate. */
  | (OnTrial<'Rolling'> & {
      readonly checks: Checks;
      /** True while the share is reached and judged. */
      readonly reached: boolean;
    })
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
