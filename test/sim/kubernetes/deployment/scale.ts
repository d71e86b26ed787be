// Sizes: of one set, and of all while a Deployment is paused or was scaled.
import { kinds } from '../../api/kinds.ts';
import { type ReplicaSet } from '../objects.ts';
import { asked, byAge, isRolling, noted, notes, proportions } from './arithmetic.ts';
import type { Job } from './job.ts';
import { sizeNotes } from './newest.ts';

export const isActive = (set: ReplicaSet): boolean => asked(set) > 0;

/** Gives a set a size; answers whether that was another. With `evenNotes`, what it is told of the scale is enough to write. */
export async function resize(job: Job, set: ReplicaSet, size: number, evenNotes = false): Promise<boolean> {
  const isResized = asked(set) !== size;
  const said = sizeNotes(job.deployment);
  const isToldNew = Object.entries(said).some(([key, value]) => set.metadata.annotations?.[key] !== value);
  if (!isResized && !(evenNotes && isToldNew)) return false;
  const annotations = { ...set.metadata.annotations, ...said };
  const changed = {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas: size },
  };
  const updated = await job.hand.update(kinds.replicaSets, changed);
  job.sets = job.sets.map((each) => (each === set ? updated : each));
  return isResized;
}

/** Whether the Deployment was scaled since its sets were last given their sizes. */
export function isScaled({ deployment, sets }: Job): boolean {
  return sets
    .filter(isActive)
    .some((set) => ![undefined, asked(deployment)].includes(noted(set, notes.desired)));
}

/** Makes the sets as large as the Deployment's scale wants them, without moving from one to another. */
export async function rescale(job: Job, newest: ReplicaSet | undefined): Promise<void> {
  const { deployment, sets } = job;
  const old = sets.filter((set) => set !== newest).sort((a, b) => byAge(b, a));
  const active = sets.filter(isActive);
  const only = active.length === 0 ? (newest ?? old[0]) : active.length === 1 ? active[0] : undefined;
  if (only !== undefined) {
    await resize(job, only, asked(deployment));
    return;
  }
  if (active.length === 0) return;
  if (newest !== undefined && isSaturated(job, newest)) {
    for (const set of old.filter(isActive)) await resize(job, set, 0);
    return;
  }
  if (!isRolling(deployment)) return;
  for (const [set, size] of proportions(deployment, active)) await resize(job, set, size, true);
}

function isSaturated({ deployment }: Job, set: ReplicaSet): boolean {
  const desired = asked(deployment);
  const told = noted(set, notes.desired);
  return asked(set) === desired && told === desired && (set.status?.availableReplicas ?? 0) === desired;
}
