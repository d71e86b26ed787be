import type { Json, JsonObject } from '../rollout/types.ts';

/** True for a JSON object: neither null nor a list. */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** True for a JSON list. */
export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

/** The object under `key`, empty where there is none. */
export function objectAt(json: Json | undefined, key: string): JsonObject {
  const value = isObject(json) ? json[key] : undefined;
  return isObject(value) ? value : {};
}

/** The list under `key`, empty where there is none. */
export function listAt(json: Json | undefined, key: string): readonly Json[] {
  const value = isObject(json) ? json[key] : undefined;
  return isList(value) ? value : [];
}

/** The text under `key`. */
export function textAt(json: Json | undefined, key: string): string | undefined {
  const value = isObject(json) ? json[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The number under `key`. */
export function numberAt(json: Json | undefined, key: string): number | undefined {
  const value = isObject(json) ? json[key] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** The object with `key` left out. */
export function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = object;
  return rest;
}
