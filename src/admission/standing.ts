import type { Holding } from '../config/hold.ts';
import { stableOf } from '../config/stable.ts';
import { readState } from '../config/state.ts';
import { names } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import type { In, Json, JsonObject } from '../rollout/types.ts';
import { annotationsOf, isPaused, templateOf } from './deployment.ts';

type Promoting = In<'Promoting.Roll' | 'Promoting.Return' | 'Finalising'>;

/** Where a Deployment stands before it is changed. */
export type Standing =
  /** No rollout keeps anything back. */
  | { readonly is: 'free' }
  /** The candidate in its template is kept back; `stable` is what its pods run. */
  | { readonly is: 'held'; readonly state: Holding; readonly stable: Json }
  /** Its pods are rolling; `stable` is what they ran, where that can still be told. */
  | { readonly is: 'promoting'; readonly state: Promoting; readonly stable: Json | undefined }
  /** It is paused and what we wrote about it does not fit: what is stable cannot be told, and is not guessed. */
  | { readonly is: 'unclear'; readonly why: string };

/** Reads where `old`, the object as it is stored, stands. */
export function standingOf(old: JsonObject): Standing {
  const annotations = annotationsOf(old);
  const paused = isPaused(old);
  if (paused && annotations[names.heldBy] === 'policy') {
    return { is: 'unclear', why: 'its candidate still waits to be taken up' };
  }
  const state = readState(annotations);
  if (state === undefined) return { is: 'free' };
  if ('corrupt' in state) return paused ? { is: 'unclear', why: state.corrupt } : { is: 'free' };
  switch (state.phase) {
    case 'Succeeded':
    case 'Aborted':
      return { is: 'free' };
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return { is: 'promoting', state, stable: stableOf(annotations, templateOf(old), state) };
    case 'Pending':
    case 'Starting':
    case 'Progressing':
    case 'Waiting':
    case 'Promoting.Shift':
    case 'RollingBack':
      return paused ? pausedIn(state, old) : { is: 'free' };
    // In place, main is held and let go in turns; what its pods ran is stable all the while.
    case 'Rolling':
      return pausedIn(state, old);
    case 'Failed':
      // Where stable was put back the way back went with it: a pause is its owner's, whatever the template is by now.
      return paused && names.stable in annotations ? pausedIn(state, old) : { is: 'free' };
  }
}

function pausedIn(state: Holding, old: JsonObject): Standing {
  const revision = revisionOf(templateOf(old));
  // It runs what it says: the rollout was given up, and the pause is its owner's.
  if (revision === state.stableRevision) return { is: 'free' };
  if (revision !== state.revision) {
    return {
      is: 'unclear',
      why: `its template is revision ${revision}, its rollout is of ${state.revision}`,
    };
  }
  const stable = stableOf(annotationsOf(old), templateOf(old), state);
  if (stable !== undefined) return { is: 'held', state, stable };
  return { is: 'unclear', why: `${names.stable} does not lead back to revision ${state.stableRevision}` };
}
