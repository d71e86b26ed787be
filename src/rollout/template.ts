import { isList, isObject, objectAt, without } from '../routing/json.ts';
import type { Json, JsonObject } from './types.ts';

/** JSON text that is the same for the same value: keys in code-unit order, no spaces. */
export function canonicalJson(value: Json): string {
  const text = JSON.stringify(ordered(value));
  return mayBeMoved.test(text) ? writtenOut(value) : text;
}

/** A key like a list's index, which an object has before all others whatever it was given first; or one that is no key. */
const mayBeMoved = /[{,]"(\d|__proto__)/;

/** The same with its keys in order. Every review does this twice, and JSON.stringify is twice as fast as we are. */
function ordered(value: Json): Json {
  if (isList(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  const copy: { [key: string]: Json } = {};
  for (const key of Object.keys(value).sort()) {
    // Plain assignment would lose it.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: null, enumerable: true });
    else copy[key] = ordered(value[key] ?? null);
  }
  return copy;
}

function writtenOut(value: Json): string {
  if (isList(value)) return `[${value.map(writtenOut).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const texts = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${writtenOut(value[key] ?? null)}`);
  return `{${texts.join(',')}}`;
}

/** True when both are the same JSON value, whatever the order of their keys. */
export function isSame(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((each, index) => isSame(each, b[index] ?? null));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key] ?? null, b[key] ?? null))
  );
}

/** The pod template of a ReplicaSet as its Deployment has it: without the label that tells the set's own pods apart. */
export function templateOfSet(set: JsonObject): Json {
  const template = objectAt(objectAt(set, 'spec'), 'template');
  const metadata = objectAt(template, 'metadata');
  const labels = without(objectAt(metadata, 'labels'), 'pod-template-hash');
  return { ...template, metadata: { ...metadata, labels } };
}
