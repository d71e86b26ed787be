// What splits the traffic of the Services in front of a Deployment: found among the routes there are.
import type { KubeObject, Resource } from '../kube/objects.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import { splitServices } from '../routing/memory.ts';
import type { Router } from '../routing/router.ts';
import { servicePorts, twinServiceName } from '../routing/service.ts';
import type { Restriction, Split } from '../routing/types.ts';
import type { Copies, RouteKind } from './copies.ts';
import { hash } from './hash.ts';

/** An object that routes, and how it is edited. */
export interface Route {
  readonly object: KubeObject;
  readonly resource: Resource;
  readonly router: Router;
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
  readonly maker: Omit<Route, 'object'> | undefined;
}

/** The Services whose traffic is split; or why there is nothing to split. */
export type Routing =
  | {
      readonly kind: 'split';
      readonly ways: readonly [Way, ...Way[]];
      /** Services of main's that no route was found for: their traffic stays with stable until main rolls. */
      readonly besides: readonly string[];
    }
  | { readonly kind: 'none'; readonly why: string; readonly service?: KubeObject };

/** The Services around a Deployment. */
export interface Around {
  /** The user's that select its pods. */
  readonly selecting: readonly KubeObject[];
  /** Those that we made for it. */
  readonly made: readonly KubeObject[];
  /** The other Deployment with pods behind a Service, where there is one. */
  readonly sharedWith: (service: KubeObject) => string | undefined;
}

/** Every way to main's pods. */
export function routingOf(
  copies: Pick<Copies, 'routeKinds'>,
  { selecting, made, sharedWith }: Around,
  spec: Pick<RolloutSpec, 'service' | 'router' | 'analysis'>,
  namespace: string,
): Routing {
  const all = copies.routeKinds.flatMap(routesOf);
  const lost = made.flatMap((twinService) => lostWay(twinService, selecting, all));
  const found = foundWays(copies, { selecting, sharedWith }, spec, namespace);
  const ways = [...found.ways, ...lost];
  const [first, ...others] = ways;
  if (first === undefined) return found.none;
  const split = ways.map(({ service }) => service?.metadata.name);
  const besides = selecting.map(({ metadata }) => metadata.name).filter((name) => !split.includes(name));
  return { kind: 'split', ways: [first, ...others], besides };
}

/** The Services that are split, as far as they are there. */
export function splitServicesOf(routing: Routing): readonly KubeObject[] {
  const services = routing.kind === 'none' ? [routing.service] : routing.ways.map(({ service }) => service);
  return services.flatMap((service) => service ?? []);
}

interface Found {
  readonly ways: readonly Way[];
  /** Why there is none. */
  readonly none: Extract<Routing, { kind: 'none' }>;
}

function foundWays(
  { routeKinds }: Pick<Copies, 'routeKinds'>,
  { selecting, sharedWith }: Pick<Around, 'selecting' | 'sharedWith'>,
  { service: wanted, router, analysis }: Pick<RolloutSpec, 'service' | 'router' | 'analysis'>,
  namespace: string,
): Found {
  const eligible = selecting.filter(
    ({ metadata }) => wanted.name === undefined || metadata.name === wanted.name,
  );
  const [first] = eligible;
  const none = (why: string): Found => ({
    ways: [],
    none: { kind: 'none', why, ...(first === undefined ? {} : { service: first }) },
  });
  if (first === undefined) {
    const name = wanted.name;
    return none(
      `${name === undefined ? 'no Service selects' : `Service ${namespace}/${name} does not select`} the pods`,
    );
  }
  if (router === 'none') return none('the plan wants nothing to be split (router: none)');
  const restriction = wanted.virtualService;
  const kinds = routeKinds.filter((kind) => isWanted(kind, router, restriction));
  const routes = kinds.flatMap(routesOf);
  const maker = makerOf(kinds, wanted, router);
  const all = eligible.map((service) => wayOf(service, routes, { maker, restriction }));
  const ways = all.filter((way) => isEdited(way) || sharedWith(way.service) === undefined);
  if (ways.length === 0) {
    const other = sharedWith(first) ?? '';
    return none(
      `Service ${namespace}/${first.metadata.name} has the pods of Deployment ${other} too, so a weight of it is not a share of this one's traffic`,
    );
  }
  const routed = ways.filter((way) => way.routes.length > 0);
  const refusal = refusalOf(routed, analysis);
  if (refusal !== undefined) return none(refusal);
  if (routed.length > 0) return { ...none(''), ways: routed };
  if (maker === undefined) return none(whyNotInstalled(kinds, router));
  if (restriction !== undefined)
    return none(
      `VirtualService ${restriction.name} does not route to Service ${namespace}/${first.metadata.name}`,
    );
  return { ...none(''), ways: ways.slice(0, 1) };
}

/** Why a route cannot send to the twin who meets the plan's conditions: a trial by them would be one of nobody. */
function refusalOf(ways: readonly Way[], analysis: RolloutSpec['analysis']): string | undefined {
  const match = analysis.strategy.kind === 'iterations' ? analysis.strategy.match : undefined;
  if (match === undefined || ways.some(isEdited)) return undefined;
  return ways
    .flatMap(({ routes, split }) =>
      routes.map(({ object, router }) => router.refuses?.(object, split, { match })),
    )
    .find((why) => why !== undefined);
}

/** What has a split keeps it to the end, whatever comes to stand behind the Service meanwhile. */
function isEdited({ routes, split }: Way): boolean {
  return routes.some(({ object, router }) => router.isEdited(object, split));
}

/** A restriction names a VirtualService. */
function isWanted(
  { router: { kind } }: RouteKind,
  router: RolloutSpec['router'],
  restriction: Restriction | undefined,
): boolean {
  const isIstio = kind === 'VirtualService';
  if (restriction !== undefined || router === 'istio') return isIstio;
  return router !== 'gateway' || !isIstio;
}

/**
 * What a route is made of where there is none. One of Gateway API only where the plan says so: that somebody has its kinds
 * does not say that anybody routes by them inside the cluster.
 */
function makerOf(
  kinds: readonly RouteKind[],
  { gatewayRefs }: RolloutSpec['service'],
  router: RolloutSpec['router'],
): RouteKind | undefined {
  const isAsked = router === 'gateway' || gatewayRefs !== undefined;
  const makers = kinds.filter(
    ({ resource, router: { kind }, objects }) => resource.kind === kind && objects() !== undefined,
  );
  const [istio, gateway] = [true, false].map((isIstio) =>
    makers.find(({ router: { kind } }) => (kind === 'VirtualService') === isIstio),
  );
  return isAsked ? (gateway ?? istio) : istio;
}

function whyNotInstalled(kinds: readonly RouteKind[], router: RolloutSpec['router']): string {
  if (router === 'gateway') return 'Gateway API is not installed';
  const isThere = kinds.some(({ objects }) => objects() !== undefined);
  return isThere
    ? 'no HTTPRoute routes to its Service, and Istio is not installed'
    : 'Istio is not installed';
}

function routesOf({ resource, router, objects }: RouteKind): readonly Route[] {
  return (objects() ?? []).map((object) => ({ object, resource, router }));
}

function wayOf(
  service: KubeObject,
  routes: readonly Route[],
  { maker, restriction }: { readonly maker: Way['maker']; readonly restriction: Restriction | undefined },
): Way & { readonly service: KubeObject } {
  const { name, namespace = '' } = service.metadata;
  const split: Split = {
    service: { name, namespace, ports: servicePorts(service) },
    twinService: twinServiceName(name, hash),
  };
  const involved = routes.filter(
    ({ object, router }) => router.carries(object, split, restriction) || router.isEdited(object, split),
  );
  return { service, split, routes: involved, maker, ...(restriction === undefined ? {} : { restriction }) };
}

/**
 * The split of a Service that somebody deleted in the middle of a rollout: its edits are still in the routes, and what
 * they send to the twin must not pass for no traffic.
 */
function lostWay(
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
