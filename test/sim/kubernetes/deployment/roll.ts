// From old sets to the newest: by and by, or all at once.
import { neighbours, controllerOf, keyOf, type ReplicaSet } from '../objects.ts';
import { asked, byAge, isRolling, leeway } from './arithmetic.ts';
import type { Job } from './job.ts';
import { makeNewest, roomFor } from './newest.ts';
import { cleanUp } from './history.ts';
import { isActive, resize } from './scale.ts';
import { isComplete } from './status.ts';

/** One step of the rollout; answers the newest set, where there is one by now. */
export function roll(job: Job, newest: ReplicaSet | undefined): Promise<ReplicaSet | undefined> {
  return isRolling(job.deployment) ? rollOn(job, newest) : recreate(job, newest);
}

async function rollOn(job: Job, found: ReplicaSet | undefined): Promise<ReplicaSet> {
  const newest = found ?? (await makeNewest(job));
  const { deployment, sets } = job;
  const desired = asked(deployment);
  const size = asked(newest);
  const wanted = size > desired ? desired : roomFor(deployment, sets, size);
  if (size !== desired && (await resize(job, newest, wanted))) return current(job, newest);
  if (await shrinkOld(job, newest)) return current(job, newest);
  if (isComplete(deployment, deployment.status)) await cleanUp(job, newest);
  return current(job, newest);
}

/** The version of a set that this look has written last. */
function current({ sets }: Job, set: ReplicaSet): ReplicaSet {
  return sets.find(({ metadata }) => metadata.uid === set.metadata.uid) ?? set;
}

const availableOf = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;
const sumOf = (sets: readonly ReplicaSet[], read: (set: ReplicaSet) => number): number =>
  sets.reduce((sum, set) => sum + read(set), 0);

/** Takes from old sets what availability allows: first pods that are not available anyway, then others. */
async function shrinkOld(job: Job, newest: ReplicaSet): Promise<boolean> {
  const { deployment, sets } = job;
  const old = (): readonly ReplicaSet[] =>
    job.sets.filter((set) => set.metadata.uid !== newest.metadata.uid && isActive(set)).sort(byAge);
  if (old().length === 0) return false;
  const least = asked(deployment) - leeway(deployment).unavailable;
  const most = sumOf(sets, asked) - least - (asked(newest) - availableOf(newest));
  if (most <= 0) return false;
  let cleaned = 0;
  for (const set of old()) {
    const count = Math.min(most - cleaned, asked(set) - availableOf(set));
    if (count <= 0) continue;
    await resize(job, set, asked(set) - count);
    cleaned += count;
  }
  let spare = sumOf([...old(), newest], availableOf) - least;
  let taken = 0;
  for (const set of old()) {
    const count = Math.min(asked(set), spare);
    if (count <= 0) break;
    await resize(job, set, asked(set) - count);
    spare -= count;
    taken += count;
  }
  return cleaned + taken > 0;
}

async function recreate(job: Job, found: ReplicaSet | undefined): Promise<ReplicaSet | undefined> {
  const old = job.sets.filter((set) => set !== found);
  const active = old.filter(isActive);
  for (const set of active) await resize(job, set, 0);
  if (active.length > 0 || hasOldPods(job, old)) return found;
  const newest = found ?? (await makeNewest(job));
  await resize(job, newest, asked(job.deployment));
  if (isComplete(job.deployment, job.deployment.status)) await cleanUp(job, newest);
  return current(job, newest);
}

function hasOldPods({ api, deployment }: Job, old: readonly ReplicaSet[]): boolean {
  if (old.some(({ status }) => (status?.replicas ?? 0) > 0)) return true;
  const uids = new Set(old.map(({ metadata }) => metadata.uid));
  return neighbours(api, 'pods', keyOf(deployment)).some(
    (pod) =>
      uids.has(controllerOf(pod)?.uid ?? '') && !['Failed', 'Succeeded'].includes(pod.status?.phase ?? ''),
  );
}
