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
  const { patchKey } = shape;
  const result = [...old];
  for (const item of patch) {
    if (!isObject(item)) continue;
    const { $patch: directive, ...fields } = item;
    const at = result.findIndex((each) => isObject(each) && each[patchKey] === fields[patchKey]);
    const there = result[at];
    if (directive === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (at < 0) {
      result.push(strategic({}, fields, isCustom, path));
    } else {
      result[at] = strategic(isObject(there) ? there : {}, fields, isCustom, path);
    }
  }
  return result;
}

function only(target: JsonObject, keys: readonly Json[]): Record<string, Json> {
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}
