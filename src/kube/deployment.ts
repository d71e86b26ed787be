// What webhook and controller both read of a Deployment's spec.
import type { Json, JsonObject } from '../rollout/types.ts';
import { objectAt } from '../routing/json.ts';
import { labelsIn } from '../routing/selectors.ts';

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
