// What the kubelet says of a pod, from what it knows of the containers.
import { createHash } from 'node:crypto';
import type { Condition, Container } from './container.ts';
import type { Pod } from './pod.ts';

export interface StatusInput {
  readonly pod: Pod;
  readonly podIp: string;
  readonly hostIp: string;
  readonly startTime: string;
  readonly isInitialised: boolean;
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
}

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly lastTransitionTime: string;
}

/** Running until every container has ended for good, then Succeeded or Failed; Pending before the first has started. */
function phaseOf(pod: Pod, containers: readonly Container[]): string {
  const ended = containers.map(({ condition }) => condition.state.terminated);
  if (pod.spec.restartPolicy === 'Never' || pod.spec.restartPolicy === 'OnFailure') {
    const isOver = ended.every(
      (end) => end !== undefined && (end.exitCode === 0 || pod.spec.restartPolicy === 'Never'),
    );
    if (isOver) return ended.every((end) => end?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  const hasRun = ({ state, restartCount }: Condition): boolean =>
    state.waiting === undefined || restartCount > 0;
  return containers.some(({ condition }) => hasRun(condition)) ? 'Running' : 'Pending';
}

/** Whether the pod is to get traffic: every container started and ready. */
export function isReady(containers: readonly Container[]): boolean {
  return containers.every(({ condition }) => condition.isReady);
}

/** The status as it is written; `before` keeps the times of conditions that have not turned. */
export function statusOf(input: StatusInput, before: readonly PodCondition[]): object {
  const { pod, podIp, hostIp, startTime, initContainers, containers } = input;
  const status = (is: boolean): 'True' | 'False' => (is ? 'True' : 'False');
  const now = new Date().toISOString();
  const conditions = Object.entries({
    PodScheduled: true,
    Initialized: input.isInitialised,
    ContainersReady: isReady(containers),
    Ready: isReady(containers),
  }).map(([type, is]): PodCondition => {
    const old = before.find((condition) => condition.type === type && condition.status === status(is));
    return old ?? { type, status: status(is), lastTransitionTime: now };
  });
  return {
    phase: phaseOf(pod, containers),
    conditions,
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    startTime,
    initContainerStatuses: initContainers.map(containerStatus),
    containerStatuses: containers.map(containerStatus),
  };
}

function containerStatus({ spec, condition }: Container): object {
  const { state, lastState, restartCount, isReady: ready, isStarted: started } = condition;
  const digest = createHash('sha256').update(spec.image).digest('hex');
  const imageID = state.waiting?.reason === 'ImagePullBackOff' ? '' : `rig@sha256:${digest}`;
  return { name: spec.name, image: spec.image, imageID, ready, started, restartCount, state, lastState };
}
