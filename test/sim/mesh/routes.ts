// VirtualServices as istiod turns them into routes; HTTPRoutes are in http-routes.ts.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { weightOf } from '../../../src/routing/destinations.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { fullHost } from './hosts.ts';
import { anyCookie, type Request } from './requests.ts';

/** Where a share of the requests goes. */
export interface Target {
  readonly host: string;
  readonly port: number | undefined;
  readonly subset: string | undefined;
  /** Of 1. */
  readonly share: number;
}

export interface Route {
  readonly matches: (request: Request) => boolean;
  readonly targets: readonly Target[];
  /** Where copies of the requests go, with the share of them that is copied; nobody sees the answers. */
  readonly copies: readonly Target[];
  /** How often a request that reached no pod is tried again. */
  readonly retries: number;
  /** Answered by the proxy itself (redirect, directResponse) with that status. */
  readonly status: number | undefined;
}

/** Routes by host, in the order in which they are tried. */
export interface Routes {
  /** Of requests that come in through a gateway. */
  readonly gateway: ReadonlyMap<string, readonly Route[]>;
  /** Of requests between workloads. */
  readonly mesh: ReadonlyMap<string, readonly Route[]>;
}

/** What a route without `retries` gets (istio, pilot/pkg/networking/core/route/retry: DefaultPolicy). */
export const usualRetries = 2;

/** The routes of all VirtualServices. At a gateway those of one host are joined; in the mesh the oldest is the only one. */
export function routesOf(virtualServices: readonly KubeObject[]): Routes {
  const [gateway, mesh] = [new Map<string, readonly Route[]>(), new Map<string, readonly Route[]>()];
  for (const virtualService of [...virtualServices].sort(byAge)) {
    const spec = objectAt(virtualService, 'spec');
    const { namespace = '' } = virtualService.metadata;
    const all = [...listAt(spec, 'http'), ...listAt(spec, 'tls'), ...listAt(spec, 'tcp')];
    const routes = all.flatMap((route) => withDelegated(route, namespace, virtualServices));
    const gateways = texts(spec, 'gateways');
    for (const host of texts(spec, 'hosts').map((each) => fullHost(each, namespace))) {
      if (gateways.some((each) => each !== 'mesh'))
        gateway.set(host, [...(gateway.get(host) ?? []), ...routes]);
      if ((gateways.length === 0 || gateways.includes('mesh')) && !mesh.has(host)) mesh.set(host, routes);
    }
  }
  return { gateway, mesh };
}

/** A route that delegates is those of the other, each for what both match; with nobody to delegate to it is none. */
function withDelegated(
  route: Json,
  namespace: string,
  virtualServices: readonly KubeObject[],
): readonly Route[] {
  if (!isObject(route) || !('delegate' in route)) return [readRoute(route, namespace)];
  const name = textAt(route['delegate'], 'name');
  const home = textAt(route['delegate'], 'namespace') ?? namespace;
  const to = virtualServices.find(({ metadata }) => metadata.name === name && metadata.namespace === home);
  const conditions = listAt(route, 'match');
  const isForIt = (request: Request): boolean =>
    conditions.length === 0 || conditions.some((each) => isMet(each, request));
  return listAt(to?.['spec'], 'http').map((each) => {
    const read = readRoute(each, home);
    return { ...read, matches: (request) => isForIt(request) && read.matches(request) };
  });
}

function readRoute(route: Json, namespace: string): Route {
  if (isObject(route) && 'delegate' in route) throw new Error('teach the simulator what delegates again');
  const destinations = listAt(route, 'route');
  const weights = destinations.map((each) => weightOf(each, destinations.length));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const targets = destinations.flatMap((each, index): readonly Target[] => {
    const weight = weights[index] ?? 0;
    if (weight === 0) return [];
    const destination = objectAt(each, 'destination');
    return [
      {
        host: fullHost(textAt(destination, 'host') ?? '', namespace),
        port: numberAt(objectAt(destination, 'port'), 'number'),
        subset: textAt(destination, 'subset'),
        share: weight / sum,
      },
    ];
  });
  const conditions = listAt(route, 'match');
  return {
    matches: (request) => conditions.length === 0 || conditions.some((each) => isMet(each, request)),
    targets,
    copies: copiesOf(route, namespace),
    retries: numberAt(objectAt(route, 'retries'), 'attempts') ?? usualRetries,
    status: ownStatus(route),
  };
}

/** Envoy copies to `mirror` or to `mirrors`; without a percentage that is every request. */
function copiesOf(route: Json, namespace: string): readonly Target[] {
  const one = isObject(route) && 'mirror' in route ? [route['mirror'] ?? null] : [];
  const alone = one.map((destination) => ({
    destination,
    percentage: isObject(route) ? (route['mirrorPercentage'] ?? null) : null,
  }));
  return [...alone, ...listAt(route, 'mirrors')].map((mirror) => {
    const destination = objectAt(mirror, 'destination');
    return {
      host: fullHost(textAt(destination, 'host') ?? '', namespace),
      port: numberAt(objectAt(destination, 'port'), 'number'),
      subset: textAt(destination, 'subset'),
      share: (numberAt(objectAt(mirror, 'percentage'), 'value') ?? 100) / 100,
    };
  });
}

/** A simulated request is a GET with the headers that it is said to have, and no parameters or source that anybody knows. */
function isMet(condition: Json, { path, headers }: Request): boolean {
  const asked = ['queryParams', 'sourceLabels', 'sourceNamespace'];
  if (asked.some((key) => Object.keys(objectAt(condition, key)).length > 0)) return false;
  const areMet = Object.entries(objectAt(condition, 'headers')).every(([name, pattern]) => {
    const value = headers.get(name.toLowerCase());
    return value !== undefined && textMatches(pattern, value);
  });
  return (
    areMet &&
    textMatches(objectAt(condition, 'uri'), path) &&
    textMatches(objectAt(condition, 'method'), 'GET')
  );
}

/** True where a text is as Istio's StringMatch says; whose cookie is asked for, its holders have. */
function textMatches(pattern: Json, text: string): boolean {
  const [exact, prefix, regex] = ['exact', 'prefix', 'regex'].map((key) => textAt(pattern, key));
  if (exact !== undefined) return text === exact;
  if (prefix !== undefined) return text.startsWith(prefix);
  return regex === undefined || text === anyCookie || new RegExp(`^(?:${regex})$`).test(text);
}

function ownStatus(route: Json): number | undefined {
  if (!isObject(route)) return undefined;
  if ('directResponse' in route) return numberAt(route['directResponse'], 'status');
  return 'redirect' in route ? (numberAt(route['redirect'], 'redirectCode') ?? 301) : undefined;
}

function texts(json: Json, key: string): readonly string[] {
  return listAt(json, key).filter((each) => typeof each === 'string');
}

/** Oldest first. */
export function byAge(one: KubeObject, other: KubeObject): number {
  const [a, b] = [one, other].map(({ metadata: { creationTimestamp, name, namespace } }) =>
    [creationTimestamp, name, namespace].map(String).join(' '),
  );
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
