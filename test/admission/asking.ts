// The words the cases are written in: what is asked, and what is expected of the answer.
import type { Asked } from '../../src/admission/verdict.ts';
import type { Json, JsonObject, Phase } from '../../src/rollout/types.ts';
import { objectAt, without } from '../../src/routing/json.ts';
import { aDeployment, aTemplate, changed, type Shape, updating } from './deployments.ts';

export type Expected =
  | { readonly denied: 403 | 409 | 422 }
  | {
      readonly outcome: 'passed' | 'held' | 'aborted' | 'superseded';
      /** What is stored: the pause and the phase of the state, undefined where there is none. */
      readonly paused: boolean;
      readonly phase: Phase | undefined;
    };

/** A sentence of behaviour and the request that shows it. */
export type Cases = { readonly [behaviour: string]: Case };

export interface Case {
  readonly asked: Asked;
  readonly expected: Expected;
}

export function on(old: JsonObject, changes: Shape, expected: Expected): Case {
  return { asked: updating(old, changed(old, changes)), expected };
}

export function annotated(old: JsonObject, more: { readonly [name: string]: Json | undefined }): JsonObject {
  const kept = { ...objectAt(objectAt(old, 'metadata'), 'annotations'), ...more };
  return changed(old, {
    annotations: Object.fromEntries(
      Object.entries(kept).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  });
}

export function restarted(image: string): JsonObject {
  const template = aTemplate(image);
  const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-11-24T09:00:00Z' };
  return { ...template, metadata: { ...objectAt(template, 'metadata'), annotations } };
}

/** As `kubectl replace` sends it: a manifest that knows nothing of what the server holds. */
export function replaced(template: Json): JsonObject {
  const manifest = without(aDeployment({ template }), 'status');
  return { ...manifest, metadata: { name: 'web', namespace: 'shop' } };
}

export const held = (phase: Phase): Expected => ({ outcome: 'held', paused: true, phase });
export const passed = (paused: boolean, phase?: Phase): Expected => ({ outcome: 'passed', paused, phase });
export const superseded: Expected = { outcome: 'superseded', paused: true, phase: 'Pending' };
export const aborted = (phase: Phase): Expected => ({ outcome: 'aborted', paused: false, phase });
