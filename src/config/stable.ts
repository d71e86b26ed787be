import { names } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { reversed } from '../rollout/reverse.ts';
import type { Json, PatchOp } from '../rollout/types.ts';
import { parseJson } from './json.ts';

/**
 * The stable template, made from the candidate by the reverse patch in `serin.dev/stable`; undefined where the
 * annotation is absent or does not fit.
 */
export function readStable(
  annotations: { readonly [key: string]: Json } | undefined,
  candidate: Json,
): Json | undefined {
  const ops = readReverse(annotations);
  return ops === undefined ? undefined : reversed(candidate, ops);
}

/** The same, where that really leads to the revision that the state calls stable; a patch fits many a template. */
export function stableOf(
  annotations: { readonly [key: string]: Json } | undefined,
  candidate: Json,
  { stableRevision }: { readonly stableRevision: string },
): Json | undefined {
  const stable = readStable(annotations, candidate);
  return stable !== undefined && revisionOf(stable) === stableRevision ? stable : undefined;
}

/** The reverse patch in `serin.dev/stable`; undefined where it is absent or not a patch. */
export function readReverse(
  annotations: { readonly [key: string]: Json } | undefined,
): readonly PatchOp[] | undefined {
  const text = annotations?.[names.stable];
  const ops = typeof text === 'string' ? parseJson(text) : undefined;
  return Array.isArray(ops) && ops.every(isOp) ? ops : undefined;
}

function isOp(value: unknown): value is PatchOp {
  if (typeof value !== 'object' || value === null || !('op' in value) || !('path' in value)) return false;
  if (typeof value.path !== 'string') return false;
  return value.op === 'remove' || ((value.op === 'add' || value.op === 'replace') && 'value' in value);
}
