import { gateway } from '../routing/gateway.ts';
import { istio } from '../routing/istio.ts';
import type { Router } from '../routing/router.ts';
import { type Resource, resources } from './objects.ts';

/** A kind of objects that route, and how they are edited. */
export interface Routed {
  readonly resource: Resource;
  readonly router: Router;
}

/** Every kind that Serin edits. */
export const routers: readonly Routed[] = [
  { resource: resources.virtualServices, router: istio },
  { resource: resources.httpRoutes, router: gateway },
  { resource: resources.grpcRoutes, router: gateway },
];
