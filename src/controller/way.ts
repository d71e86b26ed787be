// One Service whose traffic is split, with the routes that do it.
import type { KubeObject, Resource } from '../kube/objects.ts';
import type { Beside } from '../rollout/strategy.ts';
import type { JsonObject, RolloutSpec } from '../rollout/types.ts';
import { recall, splitServices } from '../routing/memory.ts';
import type { Router } from '../routing/router.ts';
import { servicePorts, twinServiceName } from '../routing/service.ts';
import type { Restriction, Split } from '../routing/types.ts';
import type { RouteKind } from './copies.ts';
import { hash } from '../kube/hash.ts';

/** An object that routes, and how it is edited. */
export interface Route {
  readonly object: KubeObject;
  readonly resource: Resource;
  readonly router: Router;
  /** Since when (Unix ms) it is known as it is. */
  readonly knownSince?: number;
}

/** A Service whose traffic is split, and what routes to it. */
export interface Way {
  /** Absent while somebody has deleted it, and routes still hold a split of it. */
  readonly service?: KubeObject;
  readonly split: Split;
  readonly restriction?: Restriction;
  /** What carries the Service's traffic or still holds an edit of ours; one is made where there is none. */
  readonly routes: readonly Route[];
  /** What a route is made by where there is none. */
  readonly maker: Pick<Route, 'resource' | 'router'> | undefined;
}

/** The routes of a kind; none where it is not installed. */
export function routesOf({ resource, router, objects, knownSince }: RouteKind): readonly Route[] {
  return (objects() ?? []).map((object) => {
    const since = knownSince?.(object);
    return { object, resource, router, ...(since === undefined ? {} : { knownSince: since }) };
  });
}

/** What carries the Service's traffic and is of the kinds that the plan wants, and what has an edit whatever it is. */
export function wayOf(
  service: KubeObject,
  { all, kinds }: { readonly all: readonly Route[]; readonly kinds: readonly RouteKind[] },
  rest: Pick<Way, 'maker' | 'restriction'>,
): Way & { readonly service: KubeObject } {
  const { name, namespace = '' } = service.metadata;
  const split: Split = {
    service: { name, namespace, ports: servicePorts(service) },
    twinService: twinServiceName(name, hash),
  };
  const routes = all.filter(
    ({ object, resource, router }) =>
      router.isEdited(object, split) ||
      (kinds.some((kind) => kind.resource === resource) && router.carries(object, split, rest.restriction)),
  );
  return { service, split, routes, ...rest };
}

/**
 * The split of a Service that somebody deleted in the middle of a rollout: its edits are still in the routes, and what
 * they send to the twin must not pass for no traffic.
 */
export function lostWay(
  twinService: KubeObject,
  selecting: readonly KubeObject[],
  routes: readonly Route[],
): readonly Way[] {
  const { name, namespace } = twinService.metadata;
  const remembered = routes.flatMap(({ object }) => splitServices(object));
  const service = remembered.find(
    (each) => each.namespace === namespace && twinServiceName(each.name, hash) === name,
  );
  if (service === undefined) return [];
  if (selecting.some(({ metadata }) => metadata.name === service.name)) return [];
  const split: Split = { service: { ...service, ports: servicePorts(twinService) }, twinService: name };
  return [
    {
      split,
      maker: undefined,
      routes: routes.filter(({ object, router }) => router.isEdited(object, split)),
    },
  ];
}

/** What has a split keeps it to the end, whatever comes to stand behind the Service meanwhile. */
export function isEdited({ routes, split }: Way): boolean {
  return routes.some(({ object, router }) => router.isEdited(object, split));
}

/** True where the twin's Service is routed to and no split is remembered: somebody wrote that themselves. */
export function isTakenBack({ object, router }: Route, split: Split): boolean {
  return (
    recall(object, split) === undefined &&
    router.isEdited(object, split) &&
    !router.isGenerated(object, split)
  );
}

/** Why a route, or the one that is made where there is none, cannot give the twin that beside its weight. */
export function refusalOf(
  ways: readonly Way[],
  beside: Beside,
  wanted: RolloutSpec['service'],
): string | undefined {
  const refusals = ways.flatMap(({ split, routes, maker, restriction }) => {
    const made = maker && { ...maker, object: maker.router.generated(split, nobody, wanted) };
    const all: readonly { readonly router: Router; readonly object: JsonObject }[] =
      routes.length > 0 ? routes : [made].filter((each) => each !== undefined);
    return all.map(({ object, router }) => router.refuses(object, split, beside, restriction));
  });
  return refusals.find((why) => why !== undefined);
}

/** Whose a route is does not say what it can tell. */
const nobody = { apiVersion: '', kind: '', name: '', uid: '' };
