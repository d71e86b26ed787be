// What a VirtualService says, read another way than the product does: an oracle must not share its subject's mistakes.
import { hash } from '../../../src/controller/hash.ts';
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from '../../../src/routing/json.ts';
import { twinServiceName } from '../../../src/routing/service.ts';
import type { SimApi } from '../api/types.ts';
import { isMade, isOf, keyOf, ownerUid } from './reading.ts';

const bookkeeping = 'serin.dev/split';

/** What is written down of the split of one Service. */
export interface Note {
  /** `namespace/name` of the Service and of its twin's. */
  readonly service: string;
  readonly twinService: string;
  readonly weight: number;
  readonly rolledBack: string | undefined;
  readonly was: readonly Json[];
}

/** Every split that a VirtualService has written down. */
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

interface List {
  readonly path: string;
  readonly entries: readonly Json[];
}

function listsOf(virtualService: KubeObject): readonly List[] {
  const spec = objectAt(virtualService, 'spec');
  return ['http', 'tls', 'tcp'].flatMap((kind) =>
    listAt(spec, kind).map((route, n) => ({ path: `${kind}[${n}]`, entries: listAt(route, 'route') })),
  );
}

/** `namespace/name` of the Service that a destination names. */
function serviceOf(destination: Json, home: string): string {
  const [name = '', namespace = home] = (textAt(objectAt(destination, 'destination'), 'host') ?? '').split(
    '.',
  );
  return `${namespace}/${name}`;
}

/** Every destination that is a twin's. */
export function pairsOf(virtualService: KubeObject, twins: TwinServices): readonly Pair[] {
  const home = virtualService.metadata.namespace ?? '';
  return listsOf(virtualService).flatMap(({ path, entries }) =>
    entries.flatMap((twin, at) => {
      const twinService = serviceOf(twin, home);
      if (!twins.isTwins(twinService, virtualService)) return [];
      return [{ path: `${path}.route[${at}]`, twinService, twin, stable: entries[at - 1] ?? null }];
    }),
  );
}

/** The Services that some destination with a weight names. */
export function servicesIn(virtualService: KubeObject): ReadonlySet<string> {
  const home = virtualService.metadata.namespace ?? '';
  return new Set(
    listsOf(virtualService).flatMap(({ entries }) => entries.map((one) => serviceOf(one, home))),
  );
}

/** What a destination and its twin have in common: all but host, subset and weight. */
export function commonOf(destination: Json): JsonObject {
  if (!isObject(destination)) return {};
  const where = without(without(objectAt(destination, 'destination'), 'host'), 'subset');
  return { ...without(destination, 'weight'), destination: where };
}

/** All of a VirtualService that its owner may have written: what is left when our edit is taken out by hand. */
export function ownersView(virtualService: KubeObject, twins: TwinServices): JsonObject {
  const { labels = {}, annotations = {}, ownerReferences = [], finalizers = [] } = virtualService.metadata;
  const spec = objectAt(virtualService, 'spec');
  const left = new Map(notesOf(virtualService).map(({ twinService, was }) => [twinService, [...was]]));
  const home = virtualService.metadata.namespace ?? '';
  const isTwins = (service: string): boolean => twins.isTwins(service, virtualService);
  const routes = ['http', 'tls', 'tcp'].flatMap((kind) => {
    if (!(kind in spec)) return [];
    return [[kind, listAt(spec, kind).map((route) => cleared(route, home, isTwins, left))] as const];
  });
  return {
    labels,
    annotations: without(annotations, bookkeeping),
    ownerReferences,
    finalizers,
    spec: { ...spec, ...Object.fromEntries(routes) },
  };
}

/** A route without twins; `left` has the weights that are still to be given back, in order. */
function cleared(
  route: Json,
  home: string,
  isTwins: (service: string) => boolean,
  left: ReadonlyMap<string, Json[]>,
): Json {
  if (!isObject(route) || !('route' in route)) return route;
  const entries = listAt(route, 'route');
  const kept: Json[] = [];
  for (const entry of entries) {
    const service = serviceOf(entry, home);
    const before = kept.at(-1);
    if (!isTwins(service) || !isObject(before ?? null)) kept.push(entry);
    else kept[kept.length - 1] = rejoined(before ?? null, entry, left.get(service)?.shift());
  }
  return { ...route, route: kept };
}

function rejoined(stable: Json, twin: Json, was: Json | undefined): Json {
  if (!isObject(stable)) return stable;
  const sum = (numberAt(stable, 'weight') ?? 0) + (numberAt(twin, 'weight') ?? 0);
  const fits = was !== undefined && sum === (typeof was === 'number' && was !== 0 ? was : 100);
  if (fits && was === null) return without(stable, 'weight');
  return { ...stable, weight: fits ? was : sum };
}
