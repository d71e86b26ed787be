// HTTPRoutes and GRPCRoutes of Gateway API that have a Service for their parent (GAMMA), as a mesh turns them into routes.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { fullHost } from './hosts.ts';
import { anyCookie, type Request } from './requests.ts';
import { byAge, type Route, type Routes, type Target, usualRetries } from './routes.ts';

/** One match of a rule, with what tells which of several goes first. */
interface Ranked {
  readonly route: Route;
  /** Greater first: an exact path, a longer one, a method, more headers (HTTPRouteMatch of Gateway API). */
  readonly rank: readonly number[];
}

/** The routes with those of HTTPRoutes for Services, each host's in the order in which its matches are tried. */
export function withHttpRoutes({ gateway, mesh }: Routes, httpRoutes: readonly KubeObject[]): Routes {
  if (httpRoutes.length === 0) return { gateway, mesh };
  // A VirtualService of the host goes before them.
  return { gateway, mesh: new Map([...meshRoutesOf([...httpRoutes].sort(byAge)), ...mesh]) };
}

function meshRoutesOf(httpRoutes: readonly KubeObject[]): ReadonlyMap<string, readonly Route[]> {
  const byHost = new Map<string, Ranked[]>();
  for (const { metadata, ...route } of httpRoutes) {
    const { namespace = '' } = metadata;
    const spec = objectAt(route, 'spec');
    for (const parent of listAt(spec, 'parentRefs')) {
      if (textAt(parent, 'kind') !== 'Service') continue;
      const host = fullHost(textAt(parent, 'name') ?? '', namespace);
      const ranked = listAt(spec, 'rules').flatMap((rule) => rankedOf(rule, namespace));
      byHost.set(host, [...(byHost.get(host) ?? []), ...ranked]);
    }
  }
  return new Map([...byHost].map(([host, all]) => [host, [...all].sort(byRank).map(({ route }) => route)]));
}

function byRank(one: Ranked, other: Ranked): number {
  const at = one.rank.findIndex((value, index) => value !== other.rank[index]);
  return at === -1 ? 0 : (other.rank[at] ?? 0) - (one.rank[at] ?? 0);
}

function rankedOf(rule: Json, namespace: string): readonly Ranked[] {
  const route = targetsOf(rule, namespace);
  const matches = listAt(rule, 'matches');
  return (matches.length === 0 ? [{}] : matches).map((match) => {
    const path = objectAt(match, 'path');
    const [type, value] = [textAt(path, 'type') ?? 'PathPrefix', textAt(path, 'value') ?? '/'];
    const isExact = type === 'Exact' ? 1 : 0;
    const hasMethod = textAt(match, 'method') === undefined ? 0 : 1;
    const rank = [isExact, value.length, hasMethod, listAt(match, 'headers').length];
    return { rank, route: { ...route, matches: (request) => isMet(match, request) } };
  });
}

function isMet(match: Json, { path, headers }: Request): boolean {
  const service = textAt(objectAt(match, 'method'), 'service');
  if (service !== undefined && !path.startsWith(`/${service}/`)) return false;
  const asked = objectAt(match, 'path');
  const [type, value] = [textAt(asked, 'type') ?? 'PathPrefix', textAt(asked, 'value') ?? '/'];
  const prefix = value.endsWith('/') ? value : `${value}/`;
  const isPath =
    type === 'Exact'
      ? path === value
      : type === 'PathPrefix'
        ? path === value || path.startsWith(prefix)
        : new RegExp(`^(?:${value})$`).test(path);
  const isMethod = ['GET', undefined].includes(textAt(match, 'method'));
  if (!isPath || !isMethod || listAt(match, 'queryParams').length > 0) return false;
  return listAt(match, 'headers').every((each) => {
    const text = headers.get((textAt(each, 'name') ?? '').toLowerCase());
    const wanted = textAt(each, 'value') ?? '';
    if (text === undefined) return false;
    if (textAt(each, 'type') !== 'RegularExpression') return text === wanted;
    return text === anyCookie || new RegExp(`^(?:${wanted})$`).test(text);
  });
}

/** Weights are parts of their sum. */
function targetsOf(rule: Json, namespace: string): Omit<Route, 'matches'> {
  const references = listAt(rule, 'backendRefs');
  const weights = references.map((each) => numberAt(each, 'weight') ?? 1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const targets = references.flatMap((each, index): readonly Target[] => {
    const weight = weights[index] ?? 0;
    return weight === 0 ? [] : [targetOf(each, namespace, weight / sum)];
  });
  const copies = listAt(rule, 'filters').flatMap((filter): readonly Target[] => {
    if (textAt(filter, 'type') !== 'RequestMirror') return [];
    const mirror = objectAt(filter, 'requestMirror');
    return [targetOf(objectAt(mirror, 'backendRef'), namespace, (numberAt(mirror, 'percent') ?? 100) / 100)];
  });
  return { targets, copies, retries: usualRetries, status: undefined };
}

function targetOf(reference: Json | JsonObject, namespace: string, share: number): Target {
  const host = fullHost(textAt(reference, 'name') ?? '', textAt(reference, 'namespace') ?? namespace);
  return { host, port: numberAt(reference, 'port'), subset: undefined, share };
}
