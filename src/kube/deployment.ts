// What everybody reads of a Deployment.
import type { Json, JsonObject, Pace } from '../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { labelsIn } from '../routing/selectors.ts';
import { type KubeObject, names } from './objects.ts';

/** The pod template, null where there is none. */
export function templateOf(deployment: JsonObject): Json {
  return objectAt(deployment, 'spec')['template'] ?? null;
}

interface Container {
  readonly name: string;
  readonly image: string;
}

/** The containers of a pod template, in its order, but for those that run first. */
export function containersIn(template: Json | undefined): readonly Container[] {
  return listAt(objectAt(template, 'spec'), 'containers').map((each) => ({
    name: textAt(each, 'name') ?? '',
    image: textAt(each, 'image') ?? '',
  }));
}

export function isPaused(deployment: JsonObject): boolean {
  return objectAt(deployment, 'spec')['paused'] === true;
}

/** How its pods are replaced, with the API server's defaults; a Recreate replaces all of them at once. */
export function paceOf({ spec }: JsonObject): Pace {
  const replicas = numberAt(spec, 'replicas') ?? 1;
  const strategy = objectAt(spec, 'strategy');
  const { maxSurge, maxUnavailable } = objectAt(strategy, 'rollingUpdate');
  const batch = podsIn(maxSurge, replicas, Math.ceil) + podsIn(maxUnavailable, replicas, Math.floor);
  return {
    minReadySeconds: numberAt(spec, 'minReadySeconds') ?? 0,
    progressDeadlineSeconds: numberAt(spec, 'progressDeadlineSeconds') ?? 600,
    batch: textAt(strategy, 'type') === 'Recreate' ? replicas : Math.max(1, batch),
  };
}

/** A number of pods, or the percent of them. */
function podsIn(value: Json | undefined = '25%', replicas: number, round: (pods: number) => number): number {
  if (typeof value !== 'string') return typeof value === 'number' ? value : 0;
  return round((Number.parseInt(value, 10) * replicas) / 100);
}

/** What a Deployment selects by, as a list asks for it; expressions are left out, so it may find more. */
export function selectorOf(deployment: JsonObject): string {
  const labels = labelsIn(objectAt(objectAt(deployment['spec'], 'selector'), 'matchLabels'));
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** True for the Deployment that runs the candidate of another. */
export function isTwin({ metadata }: KubeObject): boolean {
  return names.twinOf in (metadata.annotations ?? {});
}

/** True where main owns the object, by its uid. */
export function isMadeFor({ metadata }: KubeObject, main: KubeObject): boolean {
  return listAt(metadata, 'ownerReferences').some((owner) => textAt(owner, 'uid') === main.metadata.uid);
}
