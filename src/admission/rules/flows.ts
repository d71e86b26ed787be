// Where the routes of a VirtualService, an HTTPRoute or a GRPCRoute send their traffic, in one form.
import { canonicalJson } from '../../rollout/template.ts';
import type { Json, JsonObject } from '../../rollout/types.ts';
import { weightOf } from '../../routing/destinations.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../routing/json.ts';

/** One route: which requests it takes, and the percent of them that each destination gets. */
export interface Flow {
  /** The same for two routes that take the same requests. */
  readonly key: string;
  /** True where it takes every request, or as good as every: then no route after it is reached. */
  readonly takesAll: boolean;
  readonly shares: ReadonlyMap<string, number>;
}

/** A destination: `service`, or `service/subset`; what is in another namespace keeps its whole host. */
export function serviceOf(destination: string): string {
  return destination.split('/')[0] ?? '';
}

/** The routes of an object that are reached. */
export function flowsOf(resource: string, object: JsonObject): readonly Flow[] {
  const flows = /\/(http|grpc)routes$/.test(resource) ? ofGatewayRoute(object) : ofVirtualService(object);
  const last = flows.findIndex(({ takesAll }) => takesAll);
  return last < 0 ? flows : flows.slice(0, last + 1);
}

/** A host as the name of a Service where it is one of `namespace`. */
export function shortHost(host: string, namespace: string): string {
  const [name = '', home, kind] = host.split('.');
  return home === undefined || (home === namespace && (kind === undefined || kind === 'svc')) ? name : host;
}

function ofVirtualService(object: JsonObject): readonly Flow[] {
  const namespace = textAt(object['metadata'], 'namespace') ?? '';
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    listAt(objectAt(object, 'spec'), protocol).map((route): Flow => {
      const match = listAt(route, 'match');
      const takesAll = match.length === 0 || match.some((each) => !narrowsIstio(each));
      const key = takesAll ? 'all' : `${protocol} ${canonicalJson(match)}`;
      return { key, takesAll: takesAll && protocol === 'http', shares: sharesOfIstio(route, namespace) };
    }),
  );
}

function sharesOfIstio(route: Json, namespace: string): ReadonlyMap<string, number> {
  const destinations = listAt(route, 'route');
  if (destinations.length === 0) {
    const other = ['redirect', 'directResponse', 'delegate'].find((key) => isObject(route) && key in route);
    return new Map([[`(${other ?? 'nothing'})`, 100]]);
  }
  return percents(
    destinations.map((each) => {
      const { host, subset } = objectAt(each, 'destination');
      const name = shortHost(typeof host === 'string' ? host : '', namespace);
      return [typeof subset === 'string' ? `${name}/${subset}` : name, weightOf(each, destinations.length)];
    }),
  );
}

/** What only a part of all requests has; method, scheme, port, gateway and authority say nothing of the kind. */
function narrowsIstio(match: Json): boolean {
  const uri = objectAt(match, 'uri');
  const isPath = Object.keys(uri).length > 0 && uri['prefix'] !== '/' && !('regex' in uri);
  const isNarrow = ['queryParams', 'sourceLabels', 'sourceNamespace', 'sniHosts'].some(
    (key) => isObject(match) && key in match,
  );
  const headers = Object.keys(objectAt(match, 'headers'));
  return isPath || isNarrow || headers.some((name) => !name.startsWith(':') && name !== 'host');
}

function ofGatewayRoute(object: JsonObject): readonly Flow[] {
  const namespace = textAt(object['metadata'], 'namespace') ?? '';
  return listAt(objectAt(object, 'spec'), 'rules').map((rule): Flow => {
    const matches = listAt(rule, 'matches');
    const takesAll = matches.length === 0 || matches.some((each) => !narrowsGateway(each));
    const refs = listAt(rule, 'backendRefs').map((ref): readonly [string, number] => {
      const [name = '', home = namespace] = [textAt(ref, 'name'), textAt(ref, 'namespace')];
      return [home === namespace ? name : `${name}.${home}`, numberAt(ref, 'weight') ?? 1];
    });
    const shares = refs.length === 0 ? new Map([['(nothing)', 100]]) : percents(refs);
    return { key: takesAll ? 'all' : canonicalJson(matches), takesAll, shares };
  });
}

function narrowsGateway(match: Json): boolean {
  const path = objectAt(match, 'path');
  const isPath = 'value' in path && path['value'] !== '/' && path['type'] !== 'RegularExpression';
  // Of a GRPCRoute it is a service or a call of one; of an HTTPRoute it is GET.
  const isCall = isObject(match) && isObject(match['method']);
  return isPath || isCall || listAt(match, 'headers').length > 0 || listAt(match, 'queryParams').length > 0;
}

function percents(weights: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0) || 1;
  const shares = new Map<string, number>();
  for (const [name, weight] of weights) shares.set(name, (shares.get(name) ?? 0) + (100 * weight) / total);
  return shares;
}
