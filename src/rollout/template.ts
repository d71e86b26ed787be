import jsonPatch from 'fast-json-patch';
import { objectAt, without } from '../routing/json.ts';
import type { Json, JsonObject, PatchOp } from './types.ts';

/** JSON text that is the same for the same value: keys in code-unit order, no spaces. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [key: string]: Json });
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
}

/** True when both are the same JSON value. */
export function isSame(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** The pod template of a ReplicaSet as its Deployment has it: without the label that tells the set's own pods apart. */
export function templateOfSet(set: JsonObject): Json {
  const template = objectAt(objectAt(set, 'spec'), 'template');
  const metadata = objectAt(template, 'metadata');
  const labels = without(objectAt(metadata, 'labels'), 'pod-template-hash');
  return { ...template, metadata: { ...metadata, labels } };
}

/** The patch (RFC 6902) that makes `candidate` into `stable` again: exact, whatever the keys are called. */
export function reversePatch(candidate: Json, stable: Json): readonly PatchOp[] {
  const ops = jsonPatch.compare({ it: candidate }, { it: stable }) as readonly PatchOp[];
  const relative = ops.map((op) => ({ ...op, path: op.path.slice('/it'.length) }));
  const restored = reversed(candidate, relative);
  if (restored !== undefined && isSame(restored, stable)) return relative;
  return [{ op: 'replace', path: '', value: stable }];
}

/** `candidate` with a reverse patch applied; undefined where the patch does not fit it. */
export function reversed(candidate: Json, patch: readonly PatchOp[]): Json | undefined {
  const [first] = patch;
  if (first?.op === 'replace' && first.path === '') return first.value;
  try {
    const copy = cloned({ it: candidate });
    const within = patch.map((op) => ({ ...op, path: `/it${op.path}` }));
    return jsonPatch.applyPatch(copy, within as never, true).newDocument.it;
  } catch {
    return undefined; // a key the library refuses to walk (__proto__), or a patch of another template
  }
}

function cloned<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
