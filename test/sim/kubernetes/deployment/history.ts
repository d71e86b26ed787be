// How many old sets a Deployment keeps to go back to.
import { kinds } from '../../api/kinds.ts';
import { isLeaving, type ReplicaSet } from '../objects.ts';
import { asked, byAge, noted, notes } from './arithmetic.ts';
import type { Job } from './job.ts';

/** Deletes the oldest revisions beyond the limit; none that has or wants pods, or whose status is behind. */
export async function cleanUp(
  { deployment, sets, hand }: Job,
  newest: ReplicaSet | undefined,
): Promise<void> {
  const { revisionHistoryLimit = 10 } = deployment.spec;
  if (revisionHistoryLimit === 2 ** 31 - 1) return;
  const old = sets.filter((set) => set.metadata.uid !== newest?.metadata.uid && !isLeaving(set));
  const revision = (set: ReplicaSet): number => noted(set, notes.revision) ?? 0;
  const sorted = old.sort((a, b) => revision(a) - revision(b) || byAge(a, b));
  for (const set of sorted.slice(0, Math.max(0, old.length - revisionHistoryLimit))) {
    const { replicas = 0, observedGeneration = 0 } = set.status ?? {};
    if (replicas > 0 || asked(set) > 0 || observedGeneration < (set.metadata.generation ?? 1)) continue;
    await hand.delete(kinds.replicaSets, set);
  }
}
