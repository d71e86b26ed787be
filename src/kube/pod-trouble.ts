// Why a pod does not come up, as its containers say it themselves.
import type { Json } from '../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import type { KubeObject } from './objects.ts';

/** Restarts of one container after which nobody believes in it any more. */
const hopelessRestarts = 2;
/** Restarts that speak against it though it comes up again each time. */
const manyRestarts = 5;
const unpullable = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);

/** Why the pod will not come up; undefined while there is hope. */
export function podTrouble(pod: KubeObject): string | undefined {
  return containersOf(pod)
    .map((status) => containerTrouble(status))
    .find((trouble) => trouble !== undefined);
}

/** What is known of each container, those that run first before the others. */
export function containersOf({ status }: KubeObject): readonly Json[] {
  return [...listAt(status, 'initContainerStatuses'), ...listAt(status, 'containerStatuses')];
}

function containerTrouble(status: Json): string | undefined {
  const waiting = objectAt(objectAt(status, 'state'), 'waiting');
  const reason = textAt(waiting, 'reason') ?? '';
  const name = textAt(status, 'name') ?? '';
  if (unpullable.has(reason))
    return `container ${name} cannot get its image ${textAt(status, 'image') ?? ''} (${reason})`;
  const restarts = numberAt(status, 'restartCount') ?? 0;
  if (restarts >= manyRestarts)
    return `container ${name} keeps ending: it was started again ${restarts} times`;
  if (reason !== 'CrashLoopBackOff' || restarts < hopelessRestarts) return undefined;
  const last = objectAt(objectAt(status, 'lastState'), 'terminated');
  const code = numberAt(last, 'exitCode');
  return `container ${name} crash-loops: ended ${restarts} times${code === undefined ? '' : `, last with exit code ${code}`}`;
}
