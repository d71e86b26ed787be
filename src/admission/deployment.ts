import { templateOf } from '../kube/deployment.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isSame } from '../rollout/template.ts';
import { isObject, numberAt, objectAt, textAt, without } from '../routing/json.ts';

export { isPaused, templateOf } from '../kube/deployment.ts';

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

export function annotationsOf(deployment: JsonObject): JsonObject {
  return objectAt(objectAt(deployment, 'metadata'), 'annotations');
}

export function nameOf(deployment: JsonObject): string {
  return textAt(deployment['metadata'], 'name') ?? 'the Deployment';
}

export function podLabels(deployment: JsonObject): JsonObject {
  return objectAt(objectAt(templateOf(deployment), 'metadata'), 'labels');
}

/** True when the templates differ in the time `kubectl rollout restart` writes, and in nothing else. */
export function isRestart(before: Json, after: Json): boolean {
  return isSame(withoutRestart(before), withoutRestart(after));
}

function withoutRestart(template: Json): Json {
  if (!isObject(template)) return template;
  const metadata = objectAt(template, 'metadata');
  const annotations = objectAt(metadata, 'annotations');
  if (!Object.hasOwn(annotations, restartedAt)) return template;
  const rest = without(annotations, restartedAt);
  // A template that was never restarted may have no annotations at all.
  const others = Object.keys(rest).length === 0 ? {} : { annotations: rest };
  return { ...template, metadata: { ...without(metadata, 'annotations'), ...others } };
}

/** Why no pod of `before` needs a canary's care; undefined where one does. */
export function nothingToProtect(before: JsonObject, after: JsonObject): string | undefined {
  if (objectAt(after, 'spec')['replicas'] === 0) return 'it is scaled to zero';
  return (numberAt(before['status'], 'availableReplicas') ?? 0) === 0
    ? 'none of its pods is available'
    : undefined;
}
