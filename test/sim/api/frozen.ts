// Objects of the simulated API are plain JSON that is frozen to the ground: a write makes a new one that shares what
// did not change. So the same part is the same reference, comparing is cheap, and the text of an object is made once.
import type { Json, JsonObject } from '../../../src/rollout/types.ts';

/** Freezes the value in place, to the ground; what is frozen already is taken to be frozen throughout. */
export function frozen<T extends Json>(json: T): T {
  if (typeof json !== 'object' || json === null || Object.isFrozen(json)) return json;
  for (const part of Object.values(json) as Json[]) frozen(part);
  return Object.freeze(json);
}

const texts = new WeakMap<object, string>();

/** The JSON text of a frozen object, made once. */
export function textOf(object: JsonObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/** True when both are the same JSON value, whatever the order of their keys. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((part, index) => isSame(part as Json, b[index] as Json));
  }
  return isSameObject(a as JsonObject, b as JsonObject);
}

function isSameObject(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => b[key] !== undefined && isSame(a[key], b[key]));
}

/**
 * `after` with every part that did not change taken from `before`, so that equal parts are the same reference; what
 * comes from outside (a replace, a webhook's patch) shares with what is stored from then on.
 */
export function shared<T extends Json>(before: Json | undefined, after: T): T {
  if (before === after || typeof before !== 'object' || typeof after !== 'object') return after;
  if (before === null || after === null || Array.isArray(before) !== Array.isArray(after)) return after;
  const old = before as JsonObject;
  const fresh = after as JsonObject;
  let isEqual = Object.keys(old).length === Object.keys(fresh).length;
  let isChanged = false;
  const result: Record<string, Json> = Array.isArray(after) ? ([] as never) : {};
  for (const [key, value] of Object.entries(fresh)) {
    const part = shared(old[key], value);
    result[key] = part;
    isEqual &&= part === old[key];
    isChanged ||= part !== value;
  }
  if (isEqual) return before as T;
  return isChanged ? (result as T) : after;
}
