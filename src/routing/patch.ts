import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { isObject, numberAt, objectAt, textAt, without } from './json.ts';
import type { Role } from './destinations.ts';

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
      ops.push(...weightOps(`${path}/${to}/weight`, numberAt(old, 'weight'), numberAt(entry, 'weight')));
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

function weightOps(path: string, before: number | undefined, after: number | undefined): readonly PatchOp[] {
  if (before === after) return [];
  if (after === undefined) return [{ op: 'remove', path }];
  return [{ op: before === undefined ? 'add' : 'replace', path, value: after }];
}
