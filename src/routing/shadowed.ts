import type { JsonObject } from '../rollout/types.ts';
import { type Selector, selectorMatches } from './selectors.ts';
import type { Labels } from './types.ts';

/** The twin, as policies tell it from main. */
export interface Shadowed {
  /** The labels of the candidate's pods, which main's will have. */
  readonly main: Labels;
  /** The labels of the twin's pods. */
  readonly twin: Labels;
  /** What selects the twin's pods and no others. */
  readonly select: Labels;
  /** The Services whose traffic is split, each with the name of the twin's. */
  readonly services: ReadonlyMap<string, string>;
}

/** A shadow before it is an object: what is added to the name of the original, and its spec. */
export interface Spec {
  readonly suffix: string;
  readonly spec: JsonObject;
}

/** True for a selector that takes main's pods and leaves the twin's out. */
export function leavesOut(selector: Selector, { main, twin }: Shadowed): boolean {
  return selectorMatches(selector, main) && !selectorMatches(selector, twin);
}
