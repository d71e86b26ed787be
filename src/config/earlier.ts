import type { Json, State } from '../rollout/types.ts';
import { readHistory } from './state.ts';

/** The revision that the Deployment's pods run once a rollout has ended. */
export function runningOf(state: State): string {
  return state.phase === 'Succeeded' ? state.revision : state.stableRevision;
}

/** The revisions that ran before the one that runs now, the last one first: those alone that were promoted, or were there before. */
export function earlierOf(
  annotations: { readonly [key: string]: Json } | undefined,
  state: State,
): readonly string[] {
  const read = readHistory(annotations);
  const history = read === undefined || 'corrupt' in read ? [] : read;
  const promoted = history.filter(({ outcome }) => outcome === 'Succeeded').map(({ revision }) => revision);
  // The first of all is in no line of the history: nobody promoted it.
  const before = state.phase === 'Succeeded' ? [state.stableRevision] : [];
  const running = runningOf(state);
  return [...new Set([...before, ...promoted.toReversed()])].filter((revision) => revision !== running);
}
