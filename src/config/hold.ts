import { names } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { reversePatch } from '../rollout/reverse.ts';
import type { Identity, In, Json, State } from '../rollout/types.ts';
import { writeState } from './state.ts';

/** How a Deployment is to be: annotations with their texts (undefined: gone), and the hold where it matters. */
export interface HoldChange {
  readonly annotations: { readonly [name: string]: string | undefined };
  readonly paused?: boolean | undefined;
}

/**
 * Holds `candidate` against `stable`. The webhook writes this, and the controller where only a policy had put the hold
 * on: the two ways of the same change end in the same object.
 */
export function holding(
  candidate: Json,
  stable: Json,
  { actor, known, neededBefore, ...kept }: Pick<Identity, 'actor' | 'known'> & Inherited,
): HoldChange {
  const state: State = {
    v: 1,
    phase: 'Pending',
    revision: revisionOf(candidate),
    stableRevision: revisionOf(stable),
    actor,
    ...(known === undefined ? {} : { known }),
    ...keptOf(kept),
    ...(neededBefore === undefined ? {} : { neededBefore }),
  };
  const reverse = JSON.stringify(reversePatch(candidate, stable));
  return { annotations: { [names.state]: writeState(state), [names.stable]: reverse }, paused: true };
}

type Kept = Pick<Identity, 'ownPause' | 'mixed' | 'brake'>;

type Inherited = Kept & Pick<In<'Pending'>, 'neededBefore'>;

/** What a candidate takes over from the one whose place it takes. */
export function inherited(state: State): Inherited {
  if (state.phase === 'Rolling') return keptOf(state);
  const needed = 'needed' in state ? state.needed : 'neededBefore' in state ? state.neededBefore : undefined;
  return { ...keptOf(state), ...(needed === undefined ? {} : { neededBefore: needed }) };
}

/** What of a rollout whoever comes after it has to know: the owner's pause, and what a roll in place has left. */
function keptOf({ ownPause, mixed, brake }: Kept): Kept {
  return {
    ownPause,
    ...(mixed === undefined ? {} : { mixed }),
    ...(brake === undefined ? {} : { brake }),
  };
}

/**
 * What a candidate takes over where none was held. While stable rolls over the pods of one that was given up, a pause of
 * the owner's is off, and those pods are not all gone.
 */
export function takenOver(state: State | undefined, paused: boolean): Kept {
  return state?.phase === 'RollingBack' && state.mixed === true ? keptOf(state) : { ownPause: paused };
}

/** The states in which the template is a candidate that is kept back. */
export type Holding = Exclude<
  State,
  In<'Succeeded' | 'Aborted' | 'Promoting.Roll' | 'Promoting.Return' | 'Finalising'>
>;

/** Ends a rollout whose stable template is back: its pods run it, so the hold goes with it and nothing restarts. */
export function givingUp(
  state: Holding,
  actor: string,
  said = `the stable template was applied again by ${actor}`,
): HoldChange {
  const ended: State = {
    v: 1,
    phase: 'RollingBack',
    revision: state.revision,
    stableRevision: state.stableRevision,
    actor,
    ...(state.known === undefined ? {} : { known: state.known }),
    ...keptOf(state),
    ending: 'Aborted',
    message: said,
    ...('startedAt' in state ? { startedAt: state.startedAt } : {}),
  };
  return {
    annotations: { [names.state]: writeState(ended), [names.stable]: undefined },
    paused: state.ownPause ? undefined : false,
  };
}
