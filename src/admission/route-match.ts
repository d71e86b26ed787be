import type { JsonObject } from '../rollout/types.ts';
import type { Review } from './review.ts';

/** What is asked of the webhook of a route object that changes. Objects are raw JSON. */
export interface RouteAsked {
  /** `group/kind`. */
  readonly kind: string;
  readonly username: string;
  readonly object: JsonObject;
  readonly oldObject: JsonObject;
}

const kinds = [
  'networking.istio.io/VirtualService',
  'gateway.networking.k8s.io/HTTPRoute',
  'gateway.networking.k8s.io/GRPCRoute',
];

/** What a review asks of a route object; undefined where it is about something else. */
export function routeAskedOf(review: Review): RouteAsked | undefined {
  const { kind, username, operation, subResource, object, oldObject } = review;
  if (!kinds.includes(kind) || operation !== 'UPDATE' || subResource !== '') return undefined;
  return object === undefined || oldObject === undefined ? undefined : { kind, username, object, oldObject };
}
