// What kubectl makes of a Deployment.
import type { Deployment } from './objects.ts';
import { conditionIn, deadlineExceeded } from './deployment/status.ts';

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
