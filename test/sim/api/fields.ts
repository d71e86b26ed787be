// The fields of an object as server-side apply counts them: each a path of elements in the words of managedFields
// (`f:name`, `k:{"name":"web"}`, `v:"x"`), written in one string.
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isList, isObject } from '../../../src/routing/json.ts';
import { isSame } from './frozen.ts';
import { isLeftOutEmpty, isWhole, listShape, type ListShape } from './shapes.ts';

/** Between the elements of a path: in no key, and in no JSON text. */
export const separator = '\n';

/** What each path holds; a list item that has a key is a path of its own, as its being there. */
export type Fields = Map<string, Json>;

/** What nobody manages. */
const unmanaged = new Set(
  [
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'generation',
    'managedFields',
    'selfLink',
  ]
    .concat(['deletionTimestamp', 'deletionGracePeriodSeconds', 'generateName'])
    .map((key) => `f:metadata${separator}f:${key}`),
);

/** All fields of an object. */
export function fieldsOf(object: JsonObject, isCustom: boolean): Fields {
  const fields: Fields = new Map();
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  collect(rest, { at: '', names: [] }, isCustom, fields);
  return fields;
}

interface Place {
  readonly at: string;
  readonly names: readonly string[];
}

const below = ({ at, names }: Place, element: string, name?: string): Place => ({
  at: at === '' ? element : at + separator + element,
  names: name === undefined ? names : [...names, name],
});

function collect(value: Json, place: Place, isCustom: boolean, into: Fields): void {
  if (isObject(value) && !isWhole(place.names) && (Object.keys(value).length > 0 || place.at === '')) {
    for (const [key, each] of Object.entries(value))
      collect(each, below(place, `f:${key}`, key), isCustom, into);
    return;
  }
  const shape = isList(value) ? listShape(place.names, isCustom) : undefined;
  if (shape === undefined || !isList(value)) {
    if (!unmanaged.has(place.at)) into.set(place.at, value);
    return;
  }
  for (const item of value) {
    const inside = below(place, elementOf(item, shape));
    into.set(inside.at, shape === 'set' ? item : true);
    if (shape !== 'set') collect(item, inside, isCustom, into);
  }
}

/** How an item of such a list is named in a path. */
export function elementOf(item: Json, shape: ListShape | 'set'): string {
  if (shape === 'set') return `v:${JSON.stringify(item)}`;
  const keys = shape.keys.flatMap(([key, absent]): [string, Json][] => {
    const value = isObject(item) ? (item[key] ?? absent) : undefined;
    return value === undefined ? [] : [[key, value]];
  });
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

/** Paths whose value was set or changed, and those that went, between two versions. */
export interface FieldChanges {
  readonly set: string[];
  readonly gone: string[];
}

/** What differs between two versions; what they share is not walked. */
export function changesBetween(before: JsonObject, after: JsonObject, isCustom: boolean): FieldChanges {
  const changes: FieldChanges = { set: [], gone: [] };
  compare(before, after, { place: { at: '', names: [] }, isCustom, changes });
  return changes;
}

interface Comparison {
  readonly place: Place;
  readonly isCustom: boolean;
  readonly changes: FieldChanges;
}

function compare(old: Json | undefined, fresh: Json | undefined, comparison: Comparison): void {
  const { place, isCustom, changes } = comparison;
  if (old === fresh || place.at === 'f:kind' || place.at === 'f:apiVersion') return;
  if (isObject(old) && isObject(fresh) && !isWhole(place.names)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(fresh)]))
      compare(old[key], fresh[key], { ...comparison, place: below(place, `f:${key}`, key) });
    return;
  }
  const [was, is]: [Fields, Fields] = [new Map(), new Map()];
  if (old !== undefined) collect(old, place, isCustom, was);
  if (fresh !== undefined) collect(fresh, place, isCustom, is);
  for (const [path, value] of is) if (!isSame(was.get(path), value)) changes.set.push(path);
  for (const path of was.keys()) if (!is.has(path)) changes.gone.push(path);
}

/** The object without what is at a path. */
export function withoutPath(object: JsonObject, path: string): JsonObject {
  return removed(object, path.split(separator), []) as JsonObject;
}

function removed(node: Json, [element = '', ...rest]: readonly string[], names: readonly string[]): Json {
  const name = element.slice(2);
  if (isObject(node) && element.startsWith('f:')) {
    const { [name]: child, ...others } = node;
    if (child === undefined) return node;
    const left = rest.length === 0 ? [] : removed(child, rest, [...names, name]);
    const isEmpty = typeof left === 'object' && left !== null && Object.keys(left).length === 0;
    // Go leaves lists out that are empty, and some maps.
    return isEmpty && (isList(left) || isLeftOutEmpty(name)) ? others : { ...node, [name]: left };
  }
  const shape = isList(node) ? listShape(names, false) : undefined;
  if (!isList(node) || shape === undefined) return node;
  return node.flatMap((item) => {
    if (elementOf(item, shape) !== element) return [item];
    return rest.length === 0 ? [] : [removed(item, rest, names)];
  });
}

/** The path as people read it: `.spec.template.spec.containers[name="web"].image`. */
export function shownPath(path: string): string {
  const shown = path.split(separator).map((element) => {
    if (element.startsWith('f:')) return `.${element.slice(2)}`;
    if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
    const keys = Object.entries(JSON.parse(element.slice(2)) as JsonObject);
    return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
  });
  return shown.join('');
}

/** The paths as `fieldsV1` of managedFields holds them. */
export function fieldsV1(paths: Iterable<string>): JsonObject {
  const root: Record<string, Json> = {};
  for (const path of [...paths].sort()) {
    const elements = path.split(separator);
    let node = root;
    for (const element of elements) node = (node[element] ??= {}) as Record<string, Json>;
    if (elements.at(-1)?.startsWith('k:') === true) node['.'] = {};
  }
  return root;
}
