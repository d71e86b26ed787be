// What webhook and controller both read of a Deployment's spec.
import type { Json, JsonObject } from '../rollout/types.ts';
import { objectAt } from '../routing/json.ts';

/** The pod template, null where there is none. */
export function templateOf(deployment: JsonObject): Json {
  return objectAt(deployment, 'spec')['template'] ?? null;
}

export function isPaused(deployment: JsonObject): boolean {
  return objectAt(deployment, 'spec')['paused'] === true;
}
