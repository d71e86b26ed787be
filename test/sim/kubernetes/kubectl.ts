// What kubectl makes of a Deployment.
import type { PatchOp } from '../../../src/rollout/types.ts';
import { noted, notes } from './deployment/arithmetic.ts';
import { isOwnNote } from './deployment/newest.ts';
import { conditionIn, deadlineExceeded } from './deployment/status.ts';
import { hashLabel, setOfTemplate } from './deployment/template-hash.ts';
import { controllerOf, type Deployment, type ReplicaSet } from './objects.ts';

export interface RolloutStatus {
  readonly done: boolean;
  readonly failed: boolean;
  /** What `kubectl rollout status` prints for it. */
  readonly text: string;
}

/** One look of `kubectl rollout status`. */
export function rolloutStatus({ metadata, spec, status = {} }: Deployment): RolloutStatus {
  const { name, generation = 0 } = metadata;
  const waiting = (text: string): RolloutStatus => ({ done: false, failed: false, text });
  if (generation > (status.observedGeneration ?? 0)) {
    return waiting('Waiting for deployment spec update to be observed...');
  }
  if (conditionIn(status, 'Progressing')?.reason === deadlineExceeded) {
    return {
      done: false,
      failed: true,
      text: `error: deployment "${name}" exceeded its progress deadline`,
    };
  }
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
  const unfinished = (rest: string): RolloutStatus =>
    waiting(`Waiting for deployment "${name}" rollout to finish: ${rest}...`);
  const asked = spec.replicas ?? 1;
  if (updatedReplicas < asked)
    return unfinished(`${updatedReplicas} out of ${asked} new replicas have been updated`);
  if (replicas > updatedReplicas)
    return unfinished(`${replicas - updatedReplicas} old replicas are pending termination`);
  if (availableReplicas < updatedReplicas)
    return unfinished(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  return { done: true, failed: false, text: `deployment "${name}" successfully rolled out` };
}

export type Undo =
  | { readonly ops: readonly PatchOp[]; readonly text: string }
  /** kubectl refuses. */
  | { readonly error: string };

/** What `kubectl rollout undo` sends and prints; no operations where the template is the previous one's already. */
export function rolloutUndo(deployment: Deployment, all: readonly ReplicaSet[]): Undo {
  const { name, uid, annotations = {} } = deployment.metadata;
  const revision = (set: ReplicaSet): number => noted(set, notes.revision) ?? 0;
  const sets = all.filter((set) => controllerOf(set)?.uid === uid).sort((a, b) => revision(b) - revision(a));
  const [, previous] = sets;
  if (previous === undefined) return { error: `error: no rollout history found for deployment "${name}"` };
  if (deployment.spec.paused === true) {
    return {
      error: `error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    };
  }
  if (setOfTemplate(deployment, [previous]) !== undefined) {
    const text = `deployment.apps/${name} skipped rollback (current template already matches revision ${revision(previous)})`;
    return { ops: [], text };
  }
  const { template } = previous.spec;
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  const own = Object.entries(annotations).filter(([key]) => isOwnNote(key));
  const theirs = Object.entries(previous.metadata.annotations ?? {}).filter(([key]) => !isOwnNote(key));
  return {
    ops: [
      {
        op: 'replace',
        path: '/spec/template',
        value: { ...template, metadata: { ...template.metadata, labels } },
      },
      { op: 'replace', path: '/metadata/annotations', value: Object.fromEntries([...own, ...theirs]) },
    ],
    text: `deployment.apps/${name} rolled back`,
  };
}
