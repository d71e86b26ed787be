import { isList, isObject } from '../routing/json.ts';
import { escaped, unescaped } from '../routing/pointer.ts';
import { isSame } from './template.ts';
import type { Json, JsonObject, PatchOp } from './types.ts';

/**
 * The patch (RFC 6902) that makes `candidate` into `stable` again. Lists of another length are replaced as a whole: there
 * is nothing to be had by guessing which of their entries moved.
 */
export function reversePatch(candidate: Json, stable: Json): readonly PatchOp[] {
  const ops: PatchOp[] = [];
  compare(candidate, stable, '', ops);
  return ops;
}

function compare(from: Json, to: Json, path: string, ops: PatchOp[]): void {
  if (isSame(from, to)) return;
  if (isObject(from) && isObject(to)) return compareObjects(from, to, path, ops);
  if (!isList(from) || !isList(to) || from.length !== to.length) {
    ops.push({ op: 'replace', path, value: to });
    return;
  }
  for (const [index, value] of to.entries()) compare(from[index] ?? null, value, `${path}/${index}`, ops);
}

function compareObjects(from: JsonObject, to: JsonObject, path: string, ops: PatchOp[]): void {
  for (const key of Object.keys(from)) {
    if (!Object.hasOwn(to, key)) ops.push({ op: 'remove', path: `${path}/${escaped(key)}` });
  }
  for (const [key, value] of Object.entries(to)) {
    const inner = `${path}/${escaped(key)}`;
    if (Object.hasOwn(from, key)) compare(from[key] ?? null, value, inner, ops);
    else ops.push({ op: 'add', path: inner, value });
  }
}

/** `candidate` with a reverse patch applied; undefined where the patch does not fit it. */
export function reversed(candidate: Json, patch: readonly PatchOp[]): Json | undefined {
  let value: Json | undefined = candidate;
  for (const op of patch) {
    if (value === undefined) return undefined;
    const [first, ...keys] = op.path.split('/').map(unescaped);
    value = first === '' ? applied(value, keys, op) : undefined;
  }
  return value;
}

/** The value with the operation done at `keys`; what is not on the way there stays the same object. */
function applied(value: Json, keys: readonly string[], op: PatchOp): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return op.op === 'replace' || op.op === 'add' ? op.value : undefined;
  if (isList(value)) return appliedToList(value, key, rest, op);
  if (!isObject(value)) return undefined;
  if (rest.length === 0) return appliedToKey(value, key, op);
  const inner = Object.hasOwn(value, key) ? applied(value[key] ?? null, rest, op) : undefined;
  // A computed key is a key like any other, `__proto__` too.
  return inner === undefined ? undefined : { ...value, [key]: inner };
}

function appliedToKey(value: JsonObject, key: string, op: PatchOp): JsonObject | undefined {
  if (op.op === 'add') return { ...value, [key]: op.value };
  if (!Object.hasOwn(value, key)) return undefined;
  if (op.op === 'replace') return { ...value, [key]: op.value };
  return op.op === 'remove'
    ? Object.fromEntries(Object.entries(value).filter(([each]) => each !== key))
    : undefined;
}

function appliedToList(
  list: readonly Json[],
  key: string,
  rest: readonly string[],
  op: PatchOp,
): Json | undefined {
  const index = key === '-' ? list.length : /^(0|[1-9]\d*)$/.test(key) ? Number(key) : -1;
  const isEntry = index >= 0 && index < list.length;
  if (rest.length > 0) {
    const inner = isEntry ? applied(list[index] ?? null, rest, op) : undefined;
    return inner === undefined ? undefined : list.with(index, inner);
  }
  if (op.op === 'add')
    return index >= 0 && index <= list.length ? list.toSpliced(index, 0, op.value) : undefined;
  if (!isEntry) return undefined;
  if (op.op === 'replace') return list.with(index, op.value);
  return op.op === 'remove' ? list.toSpliced(index, 1) : undefined;
}
