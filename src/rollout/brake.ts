// The brake of a promotion in place. Between the write that lets main roll and the one that holds it again, the Deployment
// controller alone decides how many pods it replaces, and all may have gone before Serin looks, or while Serin is down.
// It waits for new pods to be available before it replaces more of them, so that as long as `minReadySeconds` lasts
// there is no more than one batch of them: maxSurge + maxUnavailable.
import type { Brake, In, Observation, State } from './types.ts';

/** How long main stands still after a batch of pods where Serin is not there to hold it. */
const usualSeconds = 30;

/** The state that lets main roll one batch: what stands in `minReadySeconds` now is its owner's, but for a brake of ours. */
export function braked(state: In<'Rolling'>, { pace }: Observation['main']): In<'Rolling'> {
  const own = ownOf(state, pace.minReadySeconds);
  // The API server takes no more than that: pods must be able to become available before the deadline.
  const seconds = Math.max(own, Math.min(usualSeconds, pace.progressDeadlineSeconds - 1));
  return seconds === own ? unbraked(state) : { ...state, brake: { own, seconds } };
}

function ownOf({ brake }: State, now: number): number {
  return brake !== undefined && brake.seconds === now ? brake.own : now;
}

/** The same state without a brake: the write that says so gives the owner's `minReadySeconds` back. */
export function unbraked(state: In<'Rolling'>): In<'Rolling'>;
export function unbraked(state: State): State;
export function unbraked(state: State): State {
  const { brake: _, ...rest } = state;
  return rest;
}

type Braking = { readonly brake?: Brake } | undefined;

/**
 * What a write of `state` makes of `minReadySeconds`, where `before` was written last and `now` stands there; undefined
 * where that stays. The brake comes with the write that lets main roll, and goes with the first that says nothing of it.
 */
export function readySeconds(
  before: Braking,
  { brake }: State,
  { now, letsGo }: { readonly now: number; readonly letsGo: boolean },
): number | undefined {
  if (brake !== undefined) return letsGo ? brake.seconds : undefined;
  // Whoever has written another since has written what they want.
  return before?.brake?.seconds === now ? before.brake.own : undefined;
}

/** How much longer pods that are well may take to roll `pods` of them because each batch is waited for (ms). */
export function waitedFor(pods: number, { pace }: Observation['main']): number {
  return Math.ceil(pods / Math.max(1, pace.batch)) * pace.minReadySeconds * 1000;
}
