// What an object that routes says, read another way than the product does: an oracle must not share its subject's mistakes.
import { hash } from '../../../src/kube/hash.ts';
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from '../../../src/routing/json.ts';
import { twinServiceName } from '../../../src/routing/service.ts';
import type { SimApi } from '../api/types.ts';
import { isMade, isOf, keyOf, ownerUid } from './reading.ts';

export const bookkeeping = 'serin.dev/split';

/** What is written down of the split of one Service. */
export interface Note {
  /** `namespace/name` of the Service and of its twin's. */
  readonly service: string;
  readonly twinService: string;
  readonly weight: number;
  readonly rolledBack: string | undefined;
  /** What the twin gets beside its weight; undefined where nothing. */
  readonly beside: JsonObject | undefined;
  readonly was: readonly Json[];
}

/** Every split that a route has written down. */
export function notesOf({ metadata }: KubeObject): readonly Note[] {
  const text = metadata.annotations?.[bookkeeping];
  const json: unknown = typeof text === 'string' ? parsed(text) : {};
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json as Record<string, Json>).map(([key, entry]) => {
    const [name = '', namespace = ''] = key.split('.');
    return {
      service: `${namespace}/${name}`,
      twinService: `${namespace}/${twinServiceName(name, hash)}`,
      weight: numberAt(entry, 'weight') ?? 0,
      rolledBack: textAt(entry, 'rolledBack'),
      beside: isObject(entry) && 'beside' in entry ? objectAt(entry, 'beside') : undefined,
      was: listAt(entry, 'was'),
    };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The Services that Serin ever made, with the uid of the Deployment that each was made for. */
export class TwinServices {
  readonly #owners = new Map<string, string>();

  constructor(api: SimApi) {
    api.onWrite((write) => {
      if (!isOf(write, resources.services) || !isMade(write.object)) return;
      this.#owners.set(keyOf(write.object), ownerUid(write.object) ?? '');
    });
  }

  /** True for a Service that Serin made, or that `virtualService` says is a twin's though none was ever made. */
  isTwins(service: string, virtualService: KubeObject): boolean {
    if (this.#owners.has(service)) return true;
    return notesOf(virtualService).some(({ twinService }) => twinService === service);
  }

  /** The uid of the Deployment; undefined for a Service that was never a twin's. */
  ownerOf(service: string): string | undefined {
    return this.#owners.get(service);
  }
}

/** A destination of a twin, and the one before it. */
export interface Pair {
  readonly path: string;
  readonly twinService: string;
  readonly twin: Json;
  readonly stable: Json;
}

export interface List {
  readonly path: string;
  /** The name of the route or rule. */
  readonly name: string;
  readonly entries: readonly Json[];
}

/** Where the lists of destinations are: routes of a VirtualService, rules of an HTTPRoute. */
export const places = [
  ['http', 'route'],
  ['tls', 'route'],
  ['tcp', 'route'],
  ['rules', 'backendRefs'],
] as const;

/** Every list of destinations in a route. */
export function listsOf(route: KubeObject): readonly List[] {
  const spec = objectAt(route, 'spec');
  return places.flatMap(([kind, key]) =>
    listAt(spec, kind).map((one, n) => ({
      path: `${kind}[${n}].${key}`,
      name: textAt(one, 'name') ?? '',
      entries: listAt(one, key),
    })),
  );
}

/** `namespace/name` of the Service that a destination names. */
export function serviceOf(destination: Json, home: string): string {
  if (textAt(destination, 'kind') === 'Service')
    return `${textAt(destination, 'namespace') ?? home}/${textAt(destination, 'name') ?? ''}`;
  const host = textAt(objectAt(destination, 'destination'), 'host') ?? textAt(destination, 'host') ?? '';
  const [name = '', namespace = home] = host.split('.');
  return `${namespace}/${name}`;
}

export type IsTwins = (service: string) => boolean;

/** True for a route that was put in for those who are the twin's whatever the weight: its name ends with the twin's. */
export function isAdded(
  { name, entries }: Pick<List, 'name' | 'entries'>,
  home: string,
  isTwins: IsTwins,
): boolean {
  return entries.some((entry) => {
    const service = serviceOf(entry, home);
    const twin = service.split('/')[1] ?? '';
    return isTwins(service) && name.replace(/-\d+$/, '').endsWith(twin);
  });
}

/** The Services that somebody is sent to by a route that was put in. */
export function servicesAdded(route: KubeObject, twins: TwinServices): readonly string[] {
  const home = route.metadata.namespace ?? '';
  const isTwins = (service: string): boolean => twins.isTwins(service, route);
  return listsOf(route)
    .filter((list) => isAdded(list, home, isTwins))
    .flatMap(({ entries }) => entries.map((entry) => serviceOf(entry, home)).filter(isTwins));
}

/** The Services that get copies of requests. */
export function servicesCopied(route: KubeObject): readonly string[] {
  const home = route.metadata.namespace ?? '';
  const spec = objectAt(route, 'spec');
  const inIstio = listAt(spec, 'http').flatMap((one) => [
    ...(isObject(one) && 'mirror' in one ? [{ destination: one['mirror'] ?? null }] : []),
    ...listAt(one, 'mirrors'),
  ]);
  const filters = listAt(spec, 'rules').flatMap((rule) => listAt(rule, 'filters'));
  const inGateway = filters.flatMap((filter) => {
    const mirror = objectAt(filter, 'requestMirror');
    return 'backendRef' in mirror ? [mirror['backendRef'] ?? null] : [];
  });
  return [...inIstio, ...inGateway].map((each) => serviceOf(each, home));
}

/** Every destination that is a twin's beside stable's. */
export function pairsOf(route: KubeObject, twins: TwinServices): readonly Pair[] {
  const home = route.metadata.namespace ?? '';
  const isTwins = (service: string): boolean => twins.isTwins(service, route);
  return listsOf(route)
    .filter((list) => !isAdded(list, home, isTwins))
    .flatMap(({ path, entries }) =>
      entries.flatMap((twin, at) => {
        const twinService = serviceOf(twin, home);
        if (!isTwins(twinService)) return [];
        return [{ path: `${path}[${at}]`, twinService, twin, stable: entries[at - 1] ?? null }];
      }),
    );
}

/** The Services that some destination with a weight names. */
export function servicesIn(route: KubeObject): ReadonlySet<string> {
  const home = route.metadata.namespace ?? '';
  return new Set(listsOf(route).flatMap(({ entries }) => entries.map((one) => serviceOf(one, home))));
}

/** What a destination and its twin have in common: all but host, subset, weight and the cookie of the trial. */
export function commonOf(destination: Json): JsonObject {
  if (!isObject(destination)) return {};
  const plain = withoutCookie(without(destination, 'weight'));
  if (!('destination' in plain)) return without(plain, 'name');
  const where = without(without(objectAt(plain, 'destination'), 'host'), 'subset');
  return { ...plain, destination: where };
}

/** Both forms: Istio's headers, and a filter of Gateway API. */
function withoutCookie(destination: JsonObject): JsonObject {
  const response = objectAt(objectAt(destination, 'headers'), 'response');
  const added = Object.entries(objectAt(response, 'add')).filter(
    ([name]) => name.toLowerCase() !== 'set-cookie',
  );
  const headers = pruned({
    ...objectAt(destination, 'headers'),
    response: pruned({ ...response, add: Object.fromEntries(added) }),
  });
  const filters = listAt(destination, 'filters').flatMap((filter): readonly Json[] => {
    const modifier = objectAt(filter, 'responseHeaderModifier');
    if (!isObject(filter) || !('add' in modifier)) return [filter];
    const add = listAt(modifier, 'add').filter(
      (each) => textAt(each, 'name')?.toLowerCase() !== 'set-cookie',
    );
    const left = pruned({ ...modifier, add });
    return Object.keys(left).length === 0 ? [] : [{ ...filter, responseHeaderModifier: left }];
  });
  return pruned({ ...destination, headers, filters });
}

/** Without what is empty. */
function pruned(json: JsonObject): JsonObject {
  const isEmpty = (value: Json): boolean =>
    typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return Object.fromEntries(Object.entries(json).filter(([, value]) => !isEmpty(value)));
}
