import type { JsonObject, PatchOp, RolloutSpec, RouteSeen } from '../rollout/types.ts';
import type { Beside } from '../rollout/strategy.ts';
import type { Owner } from './generated.ts';
import type { Restriction, Split } from './types.ts';

/** What goes with a weight. */
export interface SplitOptions {
  /** The only route object that may be edited; without it all may. */
  readonly restriction?: Restriction;
  /** What the twin gets beside its weight; nothing where absent. */
  readonly beside?: Beside;
  /** The revision whose rollback takes the traffic away. */
  readonly rolledBack?: string;
  /** When that was asked for (Unix ms); what stands so already keeps the time from which it did. */
  readonly at?: number;
}

/**
 * What splits the traffic of a Service in one kind of route object. Every function is pure and takes raw objects; a patch
 * is empty where there is nothing to change, and begins with a test of the resourceVersion where the object has one.
 */
export interface Edits {
  /** The kind of the route objects, for people and for API paths. */
  readonly kind: string;
  /** True when a route of the object that may be edited sends traffic to the Service. */
  carries(object: JsonObject, target: Split, restriction?: Restriction): boolean;
  /** True when there is something of this split to take out: also an object that we made, which is to be deleted. */
  isEdited(object: JsonObject, target: Split): boolean;
  /** True for an object that `generated` made for this split: it is deleted, not cleared, at the end. */
  isGenerated(object: JsonObject, target: Split): boolean;
  /**
   * The patch that gives the twin `weight` percent of the Service's share in every route that may be edited, and what
   * `options.beside` says; where the object does not carry the Service any more, the patch that takes all of it out.
   */
  split(object: JsonObject, target: Split, weight: number, options?: SplitOptions): readonly PatchOp[];
  /** The patch that takes every trace of the split out and leaves the rest as it stands. */
  unsplit(object: JsonObject, target: Split): readonly PatchOp[];
  /** Why the object cannot give the twin that beside its weight in the routes that may be edited; undefined where it can. */
  refuses(object: JsonObject, target: Split, beside: Beside, restriction?: Restriction): string | undefined;
  /** The lowest percent that the twin has in any route that may be edited; undefined where the Service gets nothing. */
  lowestPercent(object: JsonObject, target: Split, restriction?: Restriction): number | undefined;
  /** An object that routes to a Service which none routes to, with all traffic on stable. */
  generated(target: Split, owner: Owner, wanted: RolloutSpec['service']): JsonObject;
}

/** One way to route: Istio and Gateway API are interchangeable. */
export interface Router extends Edits {
  /** What the route objects say of the split. */
  seen(objects: readonly JsonObject[], target: Split, restriction?: Restriction): RouteSeen;
}
