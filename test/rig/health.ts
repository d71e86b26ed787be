// How GitOps tools read a Deployment: the rules of kstatus (Flux, Helm 4) and of Argo CD, as their documentation and their
// sources have them, in the order they are asked.
import { listAt, numberAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { JsonObject } from '../../src/rollout/types.ts';

export type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';
export type ArgoHealth = 'Healthy' | 'Suspended' | 'Progressing' | 'Degraded';

interface Counts {
  readonly wanted: number;
  readonly all: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
}

const isDeleted = (deployment: JsonObject): boolean =>
  textAt(deployment['metadata'], 'deletionTimestamp') !== undefined;

/** What kstatus makes of a Deployment: `--wait` of Flux and Helm 4 ends with Current, and fails with Failed. */
export function kstatusOf(deployment: JsonObject): Kstatus {
  if (isDeleted(deployment)) return 'Terminating';
  if (!isObserved(deployment)) return 'InProgress';
  if (condition(deployment, 'Reconciling').status === 'True') return 'InProgress';
  if (condition(deployment, 'Stalled').status === 'True') return 'Failed';
  const progressing = condition(deployment, 'Progressing');
  if (progressing.reason === 'ProgressDeadlineExceeded') return 'Failed';
  const { wanted, all, updated, ready, available } = countsOf(deployment);
  const isShort = wanted > all || wanted > updated || all > wanted || updated > available || wanted > ready;
  if (isShort) return 'InProgress';
  const isAvailable = condition(deployment, 'Available').status === 'True';
  return progressing.reason === 'NewReplicaSetAvailable' && isAvailable ? 'Current' : 'InProgress';
}

/** What Argo CD shows of a Deployment; a paused one is Suspended whatever else is true of it. */
export function argoHealthOf(deployment: JsonObject): ArgoHealth {
  if (isDeleted(deployment)) return 'Progressing';
  if (objectAt(deployment, 'spec')['paused'] === true) return 'Suspended';
  if (!isObserved(deployment)) return 'Progressing';
  if (condition(deployment, 'Progressing').reason === 'ProgressDeadlineExceeded') return 'Degraded';
  const { wanted, all, updated, available } = countsOf(deployment);
  return updated < wanted || all > updated || available < updated ? 'Progressing' : 'Healthy';
}

function isObserved({ metadata, status }: JsonObject): boolean {
  return (numberAt(status, 'observedGeneration') ?? 0) >= (numberAt(metadata, 'generation') ?? 0);
}

function countsOf({ spec, status }: JsonObject): Counts {
  return {
    wanted: numberAt(spec, 'replicas') ?? 1,
    all: numberAt(status, 'replicas') ?? 0,
    updated: numberAt(status, 'updatedReplicas') ?? 0,
    ready: numberAt(status, 'readyReplicas') ?? 0,
    available: numberAt(status, 'availableReplicas') ?? 0,
  };
}

function condition({ status }: JsonObject, type: string): { status?: string; reason?: string } {
  const found = listAt(status, 'conditions').find((each) => textAt(each, 'type') === type);
  const [state, reason] = [textAt(found, 'status'), textAt(found, 'reason')];
  return { ...(state === undefined ? {} : { status: state }), ...(reason === undefined ? {} : { reason }) };
}
