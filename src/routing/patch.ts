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
  const ops: PatchOp[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const old = before[from];
    const entry = after[to];
    if (old !== undefined && entry !== undefined && old.made === entry.made) {
      ops.push(...(entry.made ? wholeOps : routeOps)(`${path}/${to}`, old.route, entry.route, role));
      from += 1;
      to += 1;
    } else if (old?.made === true) {
      ops.push({ op: 'remove', path: `${path}/${to}` });
      from += 1;
    } else if (entry !== undefined) {
      ops.push({ op: 'add', path: `${path}/${to}`, value: entry.route });
      to += 1;
    } else break;
  }
  return ops;
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
  const ops: PatchOp[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const old = before[from];
    const entry = after[to];
    if (old !== undefined && entry !== undefined && isSameButWeight(old, entry)) {
      ops.push(...valueOps(`${path}/${to}/weight`, numberAt(old, 'weight'), numberAt(entry, 'weight')));
      from += 1;
      to += 1;
    } else if (old !== undefined && (entry === undefined || role(old) === 'twin')) {
      ops.push({ op: 'remove', path: `${path}/${to}` });
      from += 1;
    } else if (entry !== undefined) {
      ops.push({ op: 'add', path: `${path}/${to}`, value: entry });
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
