// JSON Patch (RFC 6902) and merge patch (RFC 7386) on frozen objects: a new one that shares what stays as it is.
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isList, isObject } from '../../../src/routing/json.ts';
import { isSame } from './frozen.ts';
import { badRequest, Unfitting } from './refusal.ts';

/** The target with a merge patch applied: null takes a key out. */
export function merged(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** The document with every operation applied, or a refusal (422) in the words of kube-apiserver's library. */
export function patched(document: JsonObject, operations: Json): JsonObject {
  if (!isList(operations))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  let result: Json = document;
  for (const operation of operations) result = fitted(result, operation as unknown as Operation);
  if (!isObject(result)) throw new Unfitting();
  return result;
}

/** As far as they are read; what else there is in one is ignored. */
interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

function fitted(document: Json, operation: Operation): Json {
  try {
    return applied(document, operation);
  } catch (error) {
    if (!(error instanceof Unfitting)) throw error;
    const { op, path } = operation;
    throw new Unfitting(
      op === 'test'
        ? `testing value ${path} failed: test failed`
        : `${op} operation does not apply: doc is missing path: "${path}": missing value`,
    );
  }
}

function applied(document: Json, { op, path, from = '', value = null }: Operation): Json {
  const keys = keysOf(path);
  switch (op) {
    case 'add':
      return changed(document, keys, { do: 'add', value });
    case 'replace':
      return changed(document, keys, { do: 'replace', value });
    case 'remove':
      return changed(document, keys, { do: 'remove' });
    case 'test':
      return tested(document, keys, value);
    case 'copy':
      return changed(document, keys, { do: 'add', value: valueAt(document, keysOf(from)) ?? null });
    case 'move': {
      const moved = valueAt(document, keysOf(from)) ?? null;
      const rest = changed(document, keysOf(from), { do: 'remove' });
      return changed(rest, keys, { do: 'add', value: moved });
    }
    default:
      throw new Unfitting();
  }
}

function tested(document: Json, keys: readonly string[], value: Json): Json {
  const there = valueAt(document, keys);
  // A key that is not there counts as null, where what it would be in is.
  const isIn = there !== undefined || isObject(valueAt(document, keys.slice(0, -1)));
  if (isIn && isSame(there ?? null, value)) return document;
  throw new Unfitting();
}

function keysOf(path: string): string[] {
  if (path === '') return [];
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(document: Json, keys: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of keys)
    value = isList(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined;
  return value;
}

type Change = { readonly do: 'add' | 'replace'; readonly value: Json } | { readonly do: 'remove' };

function changed(node: Json | undefined, keys: readonly string[], change: Change): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return change.do === 'remove' ? null : change.value;
  if (isList(node)) return changedList(node, [key, ...rest], change);
  if (!isObject(node)) throw new Unfitting();
  if (rest.length > 0) return { ...node, [key]: changed(node[key], rest, change) };
  // The library takes a replacement of what is not there for an addition.
  if (change.do === 'remove' && node[key] === undefined) throw new Unfitting();
  if (change.do !== 'remove') return { ...node, [key]: change.value };
  const { [key]: _, ...others } = node;
  return others;
}

function changedList(list: readonly Json[], [key = '', ...rest]: string[], change: Change): Json {
  const asked = key === '-' ? list.length : Number(key);
  // The library counts negative ones from the end.
  const index = asked < 0 ? asked + list.length : asked;
  const isInsert = change.do === 'add' && rest.length === 0;
  const most = isInsert ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > most) throw new Unfitting();
  if (rest.length > 0) return list.with(index, changed(list[index], rest, change));
  if (change.do === 'remove') return list.toSpliced(index, 1);
  return isInsert ? list.toSpliced(index, 0, change.value) : list.with(index, change.value);
}
