import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { isList, isObject, without } from './json.ts';
import { unescaped } from './pointer.ts';

/** The object after a patch of ours; what it tests is not looked at. */
export function applied(object: JsonObject, ops: readonly PatchOp[]): JsonObject {
  return ops.reduce((before, op) => {
    const after = op.op === 'test' ? before : at(before, op.path.split('/').slice(1).map(unescaped), op);
    return isObject(after) ? after : before;
  }, object);
}

function at(json: Json, [key = '', ...deeper]: readonly string[], op: PatchOp): Json {
  if (deeper.length === 0) return changed(json, key, op);
  if (isList(json)) return json.map((each, n) => (n === Number(key) ? at(each, deeper, op) : each));
  return isObject(json) ? { ...json, [key]: at(json[key] ?? null, deeper, op) } : json;
}

function changed(json: Json, key: string, op: PatchOp): Json {
  if (isList(json)) {
    const n = Number(key);
    const there = op.op === 'add' ? 0 : 1;
    return json.toSpliced(n, there, ...('value' in op ? [op.value] : []));
  }
  if (!isObject(json)) return json;
  return 'value' in op ? { ...json, [key]: op.value } : without(json, key);
}
