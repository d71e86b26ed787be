import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from './json.ts';
import type { Role } from './destinations.ts';

/** A route as it is to be, and whether all of it is ours. */
export interface Placed {
  readonly route: Json;
  readonly made: boolean;
}

/** The operations that turn one list of routes into another: those that are the user's stay in their order. */
export function routesOps(
  path: string,
  before: readonly Placed[],
  after: readonly Placed[],
  role: (destination: Json) => Role,
): readonly PatchOp[] {
  return mergeOps(path, before, after, {
    isPair: (old, entry) => old.made === entry.made,
    pairOps: (at, old, entry) => (entry.made ? wholeOps : routeOps)(at, old.route, entry.route, role),
    goes: (old) => old.made,
    valueOf: ({ route }) => route,
  });
}

function wholeOps(path: string, before: Json, after: Json): readonly PatchOp[] {
  return isSame(before, after) ? [] : [{ op: 'replace', path, value: after }];
}

function routeOps(
  path: string,
  before: Json,
  after: Json,
  role: (destination: Json) => Role,
): readonly PatchOp[] {
  if (!isObject(before) || !isObject(after)) return wholeOps(path, before, after);
  return [
    ...listOps(`${path}/route`, listAt(before, 'route'), listAt(after, 'route'), role),
    ...['mirror', 'mirrors', 'mirrorPercentage'].flatMap((key) =>
      valueOps(`${path}/${key}`, before[key], after[key]),
    ),
  ];
}

/** The operations that turn one list of destinations into another that differs in weights and twins alone. */
export function listOps(
  path: string,
  before: readonly Json[],
  after: readonly Json[],
  role: (destination: Json) => Role,
): readonly PatchOp[] {
  return mergeOps(path, before, after, {
    isPair: isSameButWeight,
    pairOps: (at, old, entry) => valueOps(`${at}/weight`, numberAt(old, 'weight'), numberAt(entry, 'weight')),
    goes: (old) => role(old) === 'twin',
    valueOf: (entry) => entry,
  });
}

/** How two lists that keep what is the user's in its order are told apart, entry by entry. */
interface Merging<T> {
  readonly isPair: (old: T, entry: T) => boolean;
  readonly pairOps: (path: string, old: T, entry: T) => readonly PatchOp[];
  /** True of an entry that is ours, and goes where it has no pair. */
  readonly goes: (old: T) => boolean;
  readonly valueOf: (entry: T) => Json;
}

function mergeOps<T>(
  path: string,
  before: readonly T[],
  after: readonly T[],
  { isPair, pairOps, goes, valueOf }: Merging<T>,
): readonly PatchOp[] {
  const ops: PatchOp[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const [old, entry] = [before[from], after[to]];
    if (old !== undefined && entry !== undefined && isPair(old, entry)) {
      ops.push(...pairOps(`${path}/${to}`, old, entry));
      from += 1;
      to += 1;
    } else if (old !== undefined && (entry === undefined || goes(old))) {
      ops.push({ op: 'remove', path: `${path}/${to}` });
      from += 1;
    } else if (entry !== undefined) {
      ops.push({ op: 'add', path: `${path}/${to}`, value: valueOf(entry) });
      to += 1;
    }
  }
  return ops;
}

/** The whole patch, which fails where somebody wrote first; none where there is nothing to change. */
export function guarded(object: JsonObject, ops: readonly PatchOp[]): readonly PatchOp[] {
  const resourceVersion = textAt(objectAt(object, 'metadata'), 'resourceVersion');
  if (ops.length === 0 || resourceVersion === undefined) return ops;
  return [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...ops];
}

function isSameButWeight(a: Json, b: Json): boolean {
  return isObject(a) && isObject(b) ? isSame(without(a, 'weight'), without(b, 'weight')) : isSame(a, b);
}

/** The operation that turns one value into the other; none where they are the same. */
export function valueOps(
  path: string,
  before: Json | undefined,
  after: Json | undefined,
): readonly PatchOp[] {
  if (before === after || (before !== undefined && after !== undefined && isSame(before, after))) return [];
  if (after === undefined) return [{ op: 'remove', path }];
  return [{ op: before === undefined ? 'add' : 'replace', path, value: after }];
}
