import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { isObject, objectAt } from '../routing/json.ts';
import { annotationPath } from '../routing/pointer.ts';
import { annotationsOf, isPaused } from './deployment.ts';

/** How an object is to be: annotations with their values (undefined: gone), and the hold where it matters. */
export interface Change {
  readonly annotations: { readonly [name: string]: Json | undefined };
  readonly paused?: boolean | undefined;
}

/** The fewest operations that make `object` so; none where it is so already. */
export function patchFor(object: JsonObject, { annotations, paused }: Change): readonly PatchOp[] {
  return [...annotationOps(object, annotations), ...pauseOps(object, paused)];
}

function annotationOps(object: JsonObject, wanted: Change['annotations']): readonly PatchOp[] {
  const present = annotationsOf(object);
  const removed = Object.keys(wanted).filter(
    (name) => wanted[name] === undefined && Object.hasOwn(present, name),
  );
  const written = Object.entries(wanted).flatMap(([name, value]) =>
    value === undefined || value === present[name] ? [] : [{ name, value }],
  );
  const removals = removed.map((name): PatchOp => ({ op: 'remove', path: annotationPath(name) }));
  if (written.length === 0) return removals;
  if (!isObject(objectAt(object, 'metadata')['annotations'])) {
    const value = Object.fromEntries(written.map((each) => [each.name, each.value]));
    return [{ op: 'add', path: '/metadata/annotations', value }];
  }
  const writes = written.map(({ name, value }): PatchOp => {
    return { op: Object.hasOwn(present, name) ? 'replace' : 'add', path: annotationPath(name), value };
  });
  return [...removals, ...writes];
}

function pauseOps(object: JsonObject, paused: boolean | undefined): readonly PatchOp[] {
  if (paused === undefined || paused === isPaused(object)) return [];
  if (!paused) return [{ op: 'remove', path: '/spec/paused' }];
  const op = Object.hasOwn(objectAt(object, 'spec'), 'paused') ? 'replace' : 'add';
  return [{ op, path: '/spec/paused', value: true }];
}
