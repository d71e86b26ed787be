// How many pods a Deployment may have too many and too few, and how it shares out a change of scale.
import type { Deployment, ReplicaSet } from '../objects.ts';

export const notes = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desired: 'deployment.kubernetes.io/desired-replicas',
  most: 'deployment.kubernetes.io/max-replicas',
} as const;

/** The replicas that are asked for. */
export function asked({ spec }: Deployment | ReplicaSet): number {
  return spec.replicas ?? 1;
}

/** True unless the strategy is Recreate. */
export function isRolling({ spec }: Deployment): boolean {
  return spec.strategy?.type !== 'Recreate';
}

/** Pods beyond and below what is asked for that a rolling update may have: percentages up for surge, down for unavailable. */
export function leeway(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  if (!isRolling(deployment)) return { surge: 0, unavailable: 0 };
  const desired = asked(deployment);
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge, desired, Math.ceil);
  const unavailable = scaled(maxUnavailable, desired, Math.floor);
  // Both may come to nothing through rounding; then one may be missing, or nothing could ever move.
  const least = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { surge, unavailable: Math.min(least, desired) };
}

function scaled(value: number | string, desired: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * desired) / 100);
}

/** A whole number in an annotation. */
export function noted({ metadata }: ReplicaSet, key: string): number | undefined {
  const value = Number(metadata.annotations?.[key] || Number.NaN);
  return Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** The sizes of several active sets once a change of scale is shared out in proportion; larger sets first. */
export function proportions(deployment: Deployment, active: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const desired = asked(deployment);
  const limit = desired === 0 ? 0 : desired + leeway(deployment).surge;
  const toAdd = limit - active.reduce((sum, set) => sum + asked(set), 0);
  const isNewerFirst = toAdd > 0;
  const sorted = [...active].sort((a, b) => asked(b) - asked(a) || byAge(a, b) * (isNewerFirst ? -1 : 1));
  let added = 0;
  const sizes = new Map<ReplicaSet, number>();
  for (const set of sorted) {
    const part = toAdd === added ? 0 : fraction(set, deployment);
    const within = toAdd > 0 ? Math.min(part, toAdd - added) : Math.max(part, toAdd - added);
    sizes.set(set, asked(set) + within);
    added += within;
  }
  const [largest] = sorted;
  if (largest !== undefined) {
    sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  }
  return sizes;
}

function fraction(set: ReplicaSet, deployment: Deployment): number {
  const desired = asked(deployment);
  if (desired === 0) return -asked(set);
  const before = noted(set, notes.most) || deployment.status?.replicas || 0;
  if (before === 0) return 0;
  const share = (asked(set) * (desired + leeway(deployment).surge)) / before;
  return roundedAwayFromZero(share) - asked(set);
}

function roundedAwayFromZero(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

/** Older sets first; of the same second, by name. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [one, other] = [a.metadata['creationTimestamp'] ?? '', b.metadata['creationTimestamp'] ?? ''];
  if (one === other) return a.metadata.name < b.metadata.name ? -1 : 1;
  return one < other ? -1 : 1;
}
