// The scale of a Deployment or ReplicaSet: a small object of autoscaling/v1 that stands for it.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { frozen } from './frozen.ts';
import { badRequest, conflict } from './refusal.ts';
import type { Call } from './types.ts';

/** The Scale of a workload. */
export function scaleOf(workload: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const labels = objectAt(objectAt(objectAt(workload, 'spec'), 'selector'), 'matchLabels');
  const selector = Object.entries(labels as Record<string, string>).map(([key, value]) => `${key}=${value}`);
  const scale: JsonObject = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      namespace: namespace ?? '',
      uid,
      resourceVersion,
      creationTimestamp: creationTimestamp ?? null,
    },
    spec: { replicas: numberAt(objectAt(workload, 'spec'), 'replicas') ?? 0 },
    status: {
      replicas: numberAt(objectAt(workload, 'status'), 'replicas') ?? 0,
      selector: selector.sort().join(','),
    },
  };
  return frozen(scale) as KubeObject;
}

/** The workload with the replicas of a changed Scale; what that names of the object must be so. */
export function rescaled({ resource }: Call, workload: KubeObject, scale: JsonObject): JsonObject {
  const metadata = objectAt(scale, 'metadata');
  const uid = textAt(metadata, 'uid') ?? workload.metadata.uid;
  if (uid !== workload.metadata.uid) {
    const of = { ...resource, plural: `${resource.plural}/scale` };
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${workload.metadata.uid}`;
    throw conflict(of, workload.metadata.name, why);
  }
  const replicas = numberAt(objectAt(scale, 'spec'), 'replicas');
  if (replicas === undefined) throw badRequest('a Scale without replicas');
  const resourceVersion = textAt(metadata, 'resourceVersion') ?? workload.metadata.resourceVersion;
  return {
    ...workload,
    metadata: { ...workload.metadata, resourceVersion },
    spec: { ...objectAt(workload, 'spec'), replicas },
  };
}
