// Which pods a ReplicaSet takes first.
import type { Pod } from './objects.ts';
import { timeOf } from './objects.ts';
import { readySince } from './readiness.ts';

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * So many of the pods, those first that are missed least: pending, not ready, cheap by their annotation, crowded on
 * their node, ready for a shorter time, restarted more often, younger. Ages are compared by magnitude, then by uid.
 */
export function toDelete(pods: readonly Pod[], count: number, nowMs: number): readonly Pod[] {
  if (count >= pods.length) return pods;
  const crowds = new Map<string, number>();
  for (const { spec } of pods) crowds.set(spec.nodeName ?? '', (crowds.get(spec.nodeName ?? '') ?? 0) + 1);
  const ranked = pods.map((pod) => ({ pod, rank: rankOf(pod, crowds, nowMs) }));
  return ranked
    .sort((a, b) => compared(a.rank, b.rank) || (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1))
    .slice(0, count)
    .map(({ pod }) => pod);
}

/** What is compared, in this order; the smaller goes first. */
function rankOf(pod: Pod, crowds: ReadonlyMap<string, number>, nowMs: number): readonly number[] {
  const since = readySince(pod);
  const restarts = (pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount);
  return [
    pod.spec.nodeName === undefined ? 0 : 1,
    phases[pod.status?.phase ?? 'Pending'] ?? 1,
    since === undefined ? 0 : 1,
    Number(pod.metadata.annotations?.[deletionCost] ?? 0),
    -(crowds.get(pod.spec.nodeName ?? '') ?? 0),
    since === undefined ? 0 : magnitude(nowMs - since),
    -Math.max(0, ...restarts),
    magnitude(nowMs - timeOf(pod.metadata['creationTimestamp'])),
  ];
}

/** Powers of two of nanoseconds, as the controller compares ages. */
function magnitude(ms: number): number {
  return ms <= 0 ? -1 : Math.floor(Math.log2(ms * 1e6));
}

function compared(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
