// What the copy of a Deployment says at a glance.
import { isTwin } from '../kube/deployment.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import { listAt } from '../routing/json.ts';

/** True where a policy held a candidate while the webhook did not answer, and nobody has taken it up. */
export function isWaiting({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[names.heldBy] === 'policy';
}

/** True where a person has said something that nobody has heeded yet. */
function isTold({ metadata }: KubeObject): boolean {
  return names.command in (metadata.annotations ?? {});
}

/** True where no rollout wants anything: one cheap look at the copy, for the thousands that have none. */
export function isIdle(deployment: KubeObject): boolean {
  if (isTwin(deployment)) return true;
  if (isWaiting(deployment)) return false;
  const text = deployment.metadata.annotations?.[names.state];
  if (text !== undefined && isTold(deployment)) return false;
  return text === undefined || /"phase":"(Succeeded|Aborted)"/.test(text);
}

/** True while a Deployment is being deleted: what was made for it goes, and nothing is made any more. */
export function isLeaving({ metadata }: KubeObject): boolean {
  return 'deletionTimestamp' in metadata;
}

/** True where a rollout may have a split and a twin: a failed one waits for its owner, and has neither. */
export function isUnderway(deployment: KubeObject): boolean {
  return !isLeaving(deployment) && hasRollout(deployment);
}

function hasRollout(deployment: KubeObject): boolean {
  const text = deployment.metadata.annotations?.[names.state] ?? '';
  return !isIdle(deployment) && !text.includes('"phase":"Failed"');
}

function isOwned({ metadata }: KubeObject): boolean {
  return listAt(metadata, 'ownerReferences').length > 0;
}

/**
 * True for a change after which there may be something to sweep: a rollout is no more, or a twin, or its Service, comes to
 * be seen whose Deployment may have gone while nobody watched, or loses its owner (`delete --cascade=orphan`).
 */
export function leavesTraces(object: KubeObject | undefined, previous: KubeObject | undefined): boolean {
  if (previous === undefined) return object !== undefined && isTwin(object);
  if (object !== undefined && isTwin(object) && isOwned(previous) && !isOwned(object)) return true;
  return hasRollout(previous) && !(object !== undefined && isUnderway(object));
}
