// What a Deployment's status says, and its conditions in the order in which kube-controller-manager leaves them.
import { isSame } from '../../api/frozen.ts';
import {
  type Condition,
  type Counts,
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
  stamp,
  timeOf,
} from '../objects.ts';
import { asked, leeway } from './arithmetic.ts';

/** What is said of a condition; its times come by the rules. */
export type Saying = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

export const deadlineExceeded = 'ProgressDeadlineExceeded';

export function conditionIn(status: DeploymentStatus | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Whether lack of progress is watched for: the largest number means never. */
export function hasDeadline({ spec }: Deployment): boolean {
  return (spec.progressDeadlineSeconds ?? 600) !== 2 ** 31 - 1;
}

/** The status with a condition said: unchanged where status and reason are the same, else at the end of the list. */
export function saying(status: DeploymentStatus, said: Saying, nowMs: number): DeploymentStatus {
  const current = conditionIn(status, said.type);
  if (current?.status === said.status && current.reason === said.reason) return status;
  const now = stamp(nowMs);
  const lastTransitionTime = current?.status === said.status ? current.lastTransitionTime : now;
  const { type, status: value, reason, message } = said;
  const condition = { type, status: value, lastUpdateTime: now, lastTransitionTime, reason, message };
  return { ...status, conditions: [...withoutCondition(status, type), condition] };
}

function withoutCondition({ conditions = [] }: DeploymentStatus, type: string): readonly Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/** The status as counted from the sets, with Available said; Progressing as it was. */
export function counted(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const sum = (read: (set: ReplicaSet) => number | undefined): number =>
    sets.reduce((total, set) => total + (read(set) ?? 0), 0);
  const available = sum(({ status }) => status?.availableReplicas);
  const [replicas, updated] = [sum(({ status }) => status?.replicas), newest?.status?.replicas ?? 0];
  const ready = sum(({ status }) => status?.readyReplicas);
  const unavailable = Math.max(0, sum(asked) - available);
  const { conditions, collisionCount } = deployment.status ?? {};
  const status: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 1,
    // A zero is left out.
    ...(replicas === 0 ? {} : { replicas }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(unavailable === 0 ? {} : { unavailableReplicas: unavailable }),
    terminatingReplicas: sum((set) => set.status?.terminatingReplicas),
    ...(conditions === undefined ? {} : { conditions }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
  const isAvailable = available >= asked(deployment) - leeway(deployment).unavailable;
  return saying(status, availability(isAvailable), nowMs);
}

function availability(isAvailable: boolean): Saying {
  return isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

/** Every pod that is asked for is of the newest template and available, and there is no other. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const desired = asked(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status ?? {};
  return (
    updatedReplicas === desired &&
    replicas === desired &&
    availableReplicas === desired &&
    observedGeneration >= (deployment.metadata.generation ?? 1)
  );
}

function isFurther(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: Counts): number => replicas - updatedReplicas;
  const was = before ?? {};
  return (
    (after.updatedReplicas ?? 0) > (was.updatedReplicas ?? 0) ||
    old(after) < old(was) ||
    (after.readyReplicas ?? 0) > (was.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (was.availableReplicas ?? 0)
  );
}

function hasTimedOut({ spec }: Deployment, status: DeploymentStatus, nowMs: number): boolean {
  const condition = conditionIn(status, 'Progressing');
  if (condition === undefined || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === deadlineExceeded) return true;
  return timeOf(condition.lastUpdateTime) + (spec.progressDeadlineSeconds ?? 600) * 1000 < nowMs;
}

/** `status` as it is while a rollout is under way: what Progressing and ReplicaFailure are to say is said. */
export function progressed(
  deployment: Deployment,
  status: DeploymentStatus,
  sets: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  return failures(progress(deployment, status, newest, nowMs), sets, newest, nowMs);
}

function progress(
  deployment: Deployment,
  status: DeploymentStatus,
  newest: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  if (!hasDeadline(deployment)) return { ...status, conditions: withoutCondition(status, 'Progressing') };
  const current = conditionIn(deployment.status, 'Progressing');
  const isOver =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (isOver) return status;
  const subject =
    newest === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${newest.metadata.name}"`;
  const say = (value: string, reason: string, rest: string): Saying => ({
    type: 'Progressing',
    status: value,
    reason,
    message: `${subject} ${rest}`,
  });
  if (isComplete(deployment, status)) {
    return saying(status, say('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), nowMs);
  }
  if (isFurther(deployment.status, status)) {
    const conditions = withoutCondition(status, 'Progressing');
    const since = current?.status === 'True' ? current.lastTransitionTime : stamp(nowMs);
    const said = say('True', 'ReplicaSetUpdated', 'is progressing.');
    const { type, status: value, reason, message } = said;
    const times = { lastUpdateTime: stamp(nowMs), lastTransitionTime: since };
    return { ...status, conditions: [...conditions, { type, status: value, ...times, reason, message }] };
  }
  if (!hasTimedOut(deployment, status, nowMs)) return status;
  return saying(status, say('False', deadlineExceeded, 'has timed out progressing.'), nowMs);
}

function failures(
  status: DeploymentStatus,
  sets: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const inOrder = newest === undefined ? sets : [newest, ...sets];
  const failure = inOrder
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  if (failure !== undefined) return saying(status, failure, nowMs);
  if (conditionIn(status, 'ReplicaFailure') === undefined) return status;
  return { ...status, conditions: withoutCondition(status, 'ReplicaFailure') };
}

/** How long until a rollout that shows no progress is to be looked at again. */
export function patienceMs(deployment: Deployment, nowMs: number): number | undefined {
  const { status, spec } = deployment;
  const current = conditionIn(status, 'Progressing');
  if (!hasDeadline(deployment) || current === undefined) return undefined;
  if (isComplete(deployment, status) || current.reason === deadlineExceeded) return undefined;
  const left = timeOf(current.lastUpdateTime) + (spec.progressDeadlineSeconds ?? 600) * 1000 - nowMs;
  return left < 1000 ? 1000 : left + 1000;
}

/** Whether two statuses say the same. */
export function isSameStatus(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  return a !== undefined && isSame(a, b);
}
