import type { Action, Decision } from './decision.ts';
import type { Beside } from './strategy.ts';
import { isSame } from './template.ts';
import type { Identity, Observation, Plan, RouteSeen, State } from './types.ts';

/** The states in which the controller has a candidate in hand. */
export type Underway = Extract<State, { readonly needed: number }>;

/** What every phase is decided from. */
export interface Moment<S extends State = State> {
  readonly plan: Plan;
  readonly state: S;
  readonly seen: Observation;
  readonly now: number;
}

/** Nothing to do; look again at `wakeAt`, or when something is seen to change. */
export function wait(state: State, wakeAt?: number): Decision {
  return { state, actions: [], ...(wakeAt === undefined ? {} : { wakeAt }) };
}

/** Between two looks at pods that are not ready: a Deployment does not change when one of them crashes again. */
const podsLookMs = 2_000;

/** Nothing to do but to wait for pods until `deadline`, looking after them now and then. */
export function waitForPods({ state, now }: Moment, deadline: number): Decision {
  return wait(state, Math.min(deadline, now + podsLookMs));
}

/** Do `actions` and stay in the state; what they bring about is seen at the next look, at once. */
export function stay({ state, now }: Moment, ...actions: readonly Action[]): Decision {
  return { state, actions, wakeAt: now };
}

/** Go to `state`: it is written before what follows from it is done. */
export function enter(state: State, now: number, ...then: readonly Action[]): Decision {
  return { state, actions: [{ do: 'record' }, ...then], wakeAt: now };
}

/** The last state of a rollout: whose it was, how it ended, and no more. */
export function endedAs<P extends 'Succeeded' | 'Failed' | 'Aborted'>(
  { v, revision, stableRevision, actor, ownPause, startedAt }: Identity & { readonly startedAt?: number },
  phase: P,
  message: string,
  now: number,
): Identity & { phase: P; startedAt: number; endedAt: number; message: string } {
  const identity = { v, revision, stableRevision, actor, ownPause };
  return { ...identity, startedAt: startedAt ?? now, message, phase, endedAt: now };
}

/** True when some route does not give the twin exactly `weight`, and beside it exactly `beside`. */
export function isOff(route: RouteSeen, weight: number, beside?: Beside): boolean {
  if (route.kind === 'none') return false;
  return route.weight !== weight || !route.uniform || !isSameBeside(route.beside, beside);
}

function isSameBeside(a: Beside = {}, b: Beside = {}): boolean {
  return (
    a.mirror === b.mirror &&
    isSame(a.match ?? null, b.match ?? null) &&
    isSame(
      a.affinity === undefined ? null : { ...a.affinity },
      b.affinity === undefined ? null : { ...b.affinity },
    )
  );
}

/** Give the twin that weight, and beside it no more than `beside`. */
export function toRoute(weight: number, beside?: Beside): Action {
  return { do: 'route', weight, ...(beside === undefined ? {} : { beside }) };
}

/** Pods that carry all the traffic: what served when the rollout began, or more where a scaler has asked for more since. */
export function neededNow({ state, seen }: { readonly state: Underway; readonly seen: Observation }): number {
  return Math.max(state.needed, seen.main.replicas);
}
