// What splits the traffic of the Services in front of a Deployment: found among the routes there are.
import type { KubeObject } from '../kube/objects.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import type { Restriction } from '../routing/types.ts';
import type { Copies, RouteKind } from './copies.ts';
import { isEdited, lostWay, refusalOf, routesOf, type Way, wayOf } from './way.ts';

/** The Services whose traffic is split; or why there is nothing to split. */
export type Routing =
  | {
      readonly kind: 'split';
      readonly ways: readonly [Way, ...Way[]];
      /** Services of main's that no route was found for: their traffic stays with stable until main rolls. */
      readonly besides: readonly string[];
      /** Why some route cannot keep who came to the canary with it, as the plan wants; absent where all can. */
      readonly noAffinity?: string;
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
  /** True for a Service of that name which was made for the twin of another Deployment. */
  readonly isOthers: (twinService: string) => boolean;
}

/** Every way to main's pods. */
export function routingOf(
  copies: Pick<Copies, 'routeKinds'>,
  { selecting, made, sharedWith, isOthers }: Around,
  spec: Pick<RolloutSpec, 'service' | 'router' | 'analysis'>,
  namespace: string,
): Routing {
  const all = copies.routeKinds.flatMap(routesOf);
  const lost = made.flatMap((twinService) => lostWay(twinService, selecting, all));
  const found = foundWays(copies, { selecting, sharedWith, isOthers }, spec, namespace);
  const isFound = ({ split }: Way): boolean =>
    found.ways.some((way) => way.split.service.name === split.service.name);
  const held = selecting
    .map((service) => wayOf(service, { all, kinds: [] }, { maker: undefined }))
    .filter((way) => isOwn(way, isOthers) && !isFound(way));
  const ways = [...found.ways, ...held, ...lost];
  const [first, ...others] = ways;
  if (first === undefined) return found.none;
  const split = ways.map(({ service }) => service?.metadata.name);
  const besides = selecting.map(({ metadata }) => metadata.name).filter((name) => !split.includes(name));
  const { affinity } = spec.analysis;
  const noAffinity = affinity && refusalOf(ways, { affinity: { ...affinity, value: '' } }, spec.service);
  return {
    ...{ kind: 'split', ways: [first, ...others], besides },
    ...(noAffinity === undefined ? {} : { noAffinity }),
  };
}

/** True for a split of this Deployment's; another's, behind the same Service, is none of its business. */
function isOwn(way: Way, isOthers: Around['isOthers']): boolean {
  return isEdited(way) && !isOthers(way.split.twinService);
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
  { selecting, sharedWith, isOthers }: Omit<Around, 'made'>,
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
  const maker = makerOf(kinds, wanted, router);
  const routes = { all: routeKinds.flatMap(routesOf), kinds };
  const rest = { maker, ...(restriction === undefined ? {} : { restriction }) };
  const all = eligible.map((service) => wayOf(service, routes, rest));
  const ways = all.filter((way) => isOwn(way, isOthers) || sharedWith(way.service) === undefined);
  if (ways.length === 0) {
    const other = sharedWith(first) ?? '';
    return none(
      `Service ${namespace}/${first.metadata.name} has the pods of Deployment ${other} too, so a weight of it is not a share of this one's traffic; promotion: inPlace, or a Service of its own, gives it one`,
    );
  }
  const routed = ways.filter((way) => way.routes.length > 0);
  const refusal = whyNobody(routed.length > 0 ? routed : ways.slice(0, 1), analysis, wanted);
  if (refusal !== undefined) return none(refusal);
  if (routed.length > 0) return { ...none(''), ways: routed };
  if (maker === undefined) return none(whyNotInstalled(kinds, router));
  if (restriction !== undefined)
    return none(
      `VirtualService ${restriction.name} does not route to Service ${namespace}/${first.metadata.name}`,
    );
  return { ...none(''), ways: ways.slice(0, 1) };
}

/** A trial by conditions that a route cannot say would be one of nobody. */
function whyNobody(
  ways: readonly Way[],
  { strategy }: RolloutSpec['analysis'],
  wanted: RolloutSpec['service'],
): string | undefined {
  const match = strategy.kind === 'iterations' ? strategy.match : undefined;
  return match === undefined || ways.some(isEdited) ? undefined : refusalOf(ways, { match }, wanted);
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
