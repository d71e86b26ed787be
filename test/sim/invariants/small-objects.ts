// What is written in a small shop, as data.
import jsonPatch from 'fast-json-patch';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject, Ledger, PatchOp, Verdict } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';

export const guard: readonly PatchOp[] = [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }];

export function templateWith(image: string): JsonObject {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } };
}

export function specOf(image: string): JsonObject {
  return { replicas: 4, selector: { matchLabels: { app: 'web' } }, template: templateWith(image) };
}

export function specWith(main: KubeObject, image: string): { readonly spec: JsonObject } {
  return { spec: { ...objectAt(main, 'spec'), template: templateWith(image) } };
}

export function ticked(before: Ledger, verdict: Verdict, at: number): Ledger {
  const known = verdict === 'pass' || verdict === 'fail';
  return {
    ...before,
    ticks: before.ticks + 1,
    passed: before.passed + (verdict === 'pass' ? 1 : 0),
    failed: before.failed + (verdict === 'fail' ? 1 : 0),
    silent: known ? 0 : before.silent + 1,
    last: { at, weight: before.weight, verdict, evidence: ['success rate'] },
  };
}

export function patched(object: JsonObject, ops: readonly PatchOp[]): JsonObject {
  const copy = JSON.parse(JSON.stringify(object)) as JsonObject;
  const rest = ops.filter(({ op }) => op !== 'test');
  return jsonPatch.applyPatch(copy, rest as never).newDocument;
}

/** Annotations after a merge patch: null takes one away. */
export function withoutNulls(annotations: { readonly [key: string]: string | null }): {
  readonly [key: string]: string;
} {
  const kept = Object.entries(annotations).flatMap(([key, value]) =>
    value === null ? [] : [[key, value] as const],
  );
  return Object.fromEntries(kept);
}

export function owned(kind: string, uid: string, name: string): JsonObject {
  return { ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }] };
}

/** The status of a Deployment all of whose pods are well and new. */
export function podsAll(count: number): JsonObject {
  return { replicas: count, readyReplicas: count, availableReplicas: count, updatedReplicas: count };
}
