// A route with our edit taken out by hand, another way than the product does.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from '../../../src/routing/json.ts';
import {
  bookkeeping,
  isAdded,
  type IsTwins,
  notesOf,
  places,
  serviceOf,
  type TwinServices,
} from './routes.ts';

/** All of a route that its owner may have written: what is left when our edit is taken out by hand. */
export function ownersView(route: KubeObject, twins: TwinServices): JsonObject {
  const { labels = {}, annotations = {}, ownerReferences = [], finalizers = [] } = route.metadata;
  const spec = objectAt(route, 'spec');
  const left = new Map(notesOf(route).map(({ twinService, was }) => [twinService, [...was]]));
  const home = route.metadata.namespace ?? '';
  const isTwins = (service: string): boolean => twins.isTwins(service, route);
  const lists = places.flatMap(([kind, key]) => {
    if (!(kind in spec)) return [];
    const own = listAt(spec, kind).filter(
      (one) => !isAdded({ name: textAt(one, 'name') ?? '', entries: listAt(one, key) }, home, isTwins),
    );
    return [
      [
        kind,
        own.map((one) => cleared(withoutCopies(one, home, isTwins), key, { home, isTwins, left })),
      ] as const,
    ];
  });
  return {
    labels,
    annotations: without(annotations, bookkeeping),
    ownerReferences,
    finalizers,
    spec: { ...spec, ...Object.fromEntries(lists) },
  };
}

/** A route without copies to a twin, in the forms that shops here have: no copies of their own. */
function withoutCopies(route: Json, home: string, isTwins: IsTwins): Json {
  if (!isObject(route)) return route;
  const isOurs = (destination: Json): boolean => isTwins(serviceOf(destination, home));
  const copied =
    'mirror' in route && isOurs({ destination: route['mirror'] ?? null })
      ? ['mirror', 'mirrorPercentage']
      : [];
  const rest = copied.reduce<JsonObject>((json, key) => without(json, key), route);
  const mirrors = listAt(rest, 'mirrors').filter((each) => !isOurs(each));
  const filters = listAt(rest, 'filters').filter(
    (each) => !isOurs(objectAt(objectAt(each, 'requestMirror'), 'backendRef')),
  );
  const unmirrored = mirrors.length === 0 ? without(rest, 'mirrors') : { ...rest, mirrors };
  return filters.length === 0 ? without(unmirrored, 'filters') : { ...unmirrored, filters };
}

interface Ours {
  readonly home: string;
  readonly isTwins: IsTwins;
  /** The weights that are still to be given back, in order. */
  readonly left: ReadonlyMap<string, Json[]>;
}

/** A route without twins. */
function cleared(route: Json, key: 'route' | 'backendRefs', { home, isTwins, left }: Ours): Json {
  if (!isObject(route) || !(key in route)) return route;
  const entries = listAt(route, key);
  if (key === 'backendRefs') return { ...route, backendRefs: weighed(entries, { home, isTwins, left }) };
  const kept: Json[] = [];
  for (const entry of entries) {
    const service = serviceOf(entry, home);
    const before = kept.at(-1);
    if (!isTwins(service) || !isObject(before ?? null)) kept.push(entry);
    else kept[kept.length - 1] = rejoined(before ?? null, entry, left.get(service)?.shift());
  }
  return { ...route, route: kept };
}

/** Backends of Gateway API: all of a list are multiplied for a split, so all of them have their weight written down. */
function weighed(entries: readonly Json[], { home, isTwins, left }: Ours): readonly Json[] {
  const twin = entries.map((entry) => serviceOf(entry, home)).find(isTwins);
  if (twin === undefined) return entries;
  return entries
    .filter((entry) => !isTwins(serviceOf(entry, home)))
    .map((entry) => {
      const was = left.get(twin)?.shift() ?? null;
      if (!isObject(entry)) return entry;
      return was === null ? without(entry, 'weight') : { ...entry, weight: was };
    });
}

function rejoined(stable: Json, twin: Json, was: Json | undefined): Json {
  if (!isObject(stable)) return stable;
  const sum = (numberAt(stable, 'weight') ?? 0) + (numberAt(twin, 'weight') ?? 0);
  const fits = was !== undefined && sum === (typeof was === 'number' && was !== 0 ? was : 100);
  if (fits && was === null) return without(stable, 'weight');
  return { ...stable, weight: fits ? was : sum };
}
