// Strategic merge patch: like a merge patch, but lists of things that have a key are merged by it.
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isList, isObject, listAt, textAt } from '../../../src/routing/json.ts';
import { isSame } from './frozen.ts';
import { listShape } from './shapes.ts';

type Path = readonly string[];

/** The target with the patch applied; `isCustom` for kinds that have no keys of their own. */
export function strategic(
  target: JsonObject,
  patch: JsonObject,
  isCustom = false,
  path: Path = [],
): JsonObject {
  const { $patch: directive, $retainKeys: retain, ...fields } = patch;
  if (directive === 'replace') return fields;
  if (directive === 'delete') return {};
  const result: Record<string, Json> = isList(retain) ? only(target, retain) : { ...target };
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith('$setElementOrder/')) continue;
    const primitive = key.startsWith('$deleteFromPrimitiveList/')
      ? key.slice(key.indexOf('/') + 1)
      : undefined;
    if (primitive !== undefined) {
      const gone = listAt(fields, key);
      result[primitive] = listAt(result, primitive).filter(
        (each) => !gone.some((other) => isSame(each, other)),
      );
    } else if (value === null) {
      delete result[key];
    } else {
      result[key] = mergedValue(result[key], value, isCustom, [...path, key]);
    }
  }
  return result;
}

function mergedValue(old: Json | undefined, value: Json, isCustom: boolean, path: Path): Json {
  if (isList(value)) return mergedList(isList(old) ? old : [], value, isCustom, path);
  if (isObject(value)) return strategic(isObject(old) ? old : {}, value, isCustom, path);
  return value;
}

function mergedList(
  old: readonly Json[],
  patch: readonly Json[],
  isCustom: boolean,
  path: Path,
): readonly Json[] {
  const shape = listShape(path, isCustom);
  if (shape === undefined) return patch;
  if (shape === 'set') return [...old, ...patch.filter((each) => !old.includes(each))];
  if (patch.some((each) => textAt(each, '$patch') === 'replace'))
    return patch.filter((each) => textAt(each, '$patch') === undefined);
  return mergedByKey(old, patch.filter(isObject), isCustom, { path, key: shape.patchKey });
}

function mergedByKey(
  old: readonly Json[],
  patch: readonly JsonObject[],
  isCustom: boolean,
  { path, key }: { readonly path: Path; readonly key: string },
): readonly Json[] {
  const keyOf = (item: Json): Json | undefined => (isObject(item) ? item[key] : undefined);
  const indexOf = (item: Json): number => old.findIndex((each) => keyOf(each) === keyOf(item));
  const named = patch.map((item) => item[key]);
  const others = old.filter((item) => !named.includes(keyOf(item) ?? null));
  const changed = patch.flatMap(({ $patch: directive, ...fields }) => {
    const there = old[indexOf(fields)];
    return directive === 'delete' ? [] : [strategic(isObject(there) ? there : {}, fields, isCustom, path)];
  });
  // As kube-apiserver orders them: what the patch does not name goes before what it does only where it was so before.
  const result: Json[] = [];
  for (const item of others) {
    for (
      let next = changed[0];
      next !== undefined && !isBefore(indexOf(item), indexOf(next));
      next = changed[0]
    ) {
      result.push(next);
      changed.shift();
    }
    result.push(item);
  }
  return [...result, ...changed];
}

function isBefore(left: number, right: number): boolean {
  return left >= 0 && right >= 0 && left < right;
}

function only(target: JsonObject, keys: readonly Json[]): Record<string, Json> {
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}
