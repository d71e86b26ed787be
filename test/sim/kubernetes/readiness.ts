// What others read of a pod: whether it counts, and whether it is ready.
import type { Write } from '../api/types.ts';
import { isLeaving, type Pod, timeOf } from './objects.ts';

/** Not over, and not told to end. */
export function isActive(pod: Pod): boolean {
  return !isLeaving(pod) && !isOver(pod);
}

/** Its containers have ended for good. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

/** Since when it is ready, in ms. */
export function readySince({ status }: Pod): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? timeOf(ready.lastTransitionTime) : undefined;
}

/** False for a write of a pod that only tells of containers, of which no controller takes notice. */
export function isNews({ type, object, previous }: Write): boolean {
  if (type !== 'MODIFIED' || previous === undefined) return true;
  const [now, was] = [object as Pod, previous as Pod];
  return (
    now.metadata.labels !== was.metadata.labels ||
    now.metadata['ownerReferences'] !== was.metadata['ownerReferences'] ||
    isLeaving(now) !== isLeaving(was) ||
    now.status?.phase !== was.status?.phase ||
    now.status?.podIP !== was.status?.podIP ||
    isReady(now) !== isReady(was)
  );
}
