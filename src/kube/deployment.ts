// What everybody reads of a Deployment.
import type { Json, JsonObject } from '../rollout/types.ts';
import { listAt, objectAt, textAt } from '../routing/json.ts';
import { labelsIn } from '../routing/selectors.ts';
import { type KubeObject, names } from './objects.ts';

/** The pod template, null where there is none. */
export function templateOf(deployment: JsonObject): Json {
  return objectAt(deployment, 'spec')['template'] ?? null;
}

export function isPaused(deployment: JsonObject): boolean {
  return objectAt(deployment, 'spec')['paused'] === true;
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
