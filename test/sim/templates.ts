// Pod templates as tools look at them.
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import { kinds } from './api/kinds.ts';
import type { SimApi } from './api/types.ts';
import * as manifests from './manifests.ts';

/** The image of a pod template. */
export function imageOf(template: Json | undefined): string {
  const [container] = listAt(objectAt(template, 'spec'), 'containers');
  return textAt(container, 'image') ?? '';
}

/** The template that `kubectl rollout undo` puts back: of the second newest ReplicaSet by revision. */
export function previousTemplate(api: SimApi, deployment: KubeObject): JsonObject | undefined {
  const revisionOf = (set: KubeObject): number =>
    Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  const sets = api
    .list(kinds.replicaSets, manifests.namespace)
    .filter((set) =>
      listAt(set.metadata, 'ownerReferences').some(
        (owner) => textAt(owner, 'uid') === deployment.metadata.uid,
      ),
    )
    .sort((a, b) => revisionOf(b) - revisionOf(a));
  const before = sets[1];
  if (before === undefined) return undefined;
  const template = objectAt(before['spec'], 'template');
  const metadata = objectAt(template, 'metadata');
  const labels = Object.entries(objectAt(metadata, 'labels')).filter(([key]) => key !== 'pod-template-hash');
  return { ...template, metadata: { ...metadata, labels: Object.fromEntries(labels) } };
}
