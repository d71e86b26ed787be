// Pods as a mesh sees them: what answers there, and whether it does.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Labels } from '../../../src/routing/types.ts';

export interface MeshPod {
  readonly uid: string;
  readonly namespace: string;
  /** Its Deployment, as istiod finds it through the ReplicaSet's name. */
  readonly workload: string;
  readonly image: string;
  labels: Labels;
  /** Whoever connects is answered; also while it is not ready, and while it terminates. */
  isRunning: boolean;
}

/** The pod as it is born into the mesh. */
export function meshPod(pod: KubeObject): MeshPod {
  const { uid, namespace = '' } = pod.metadata;
  const [container] = listAt(pod['spec'], 'containers');
  return {
    uid,
    namespace,
    workload: workloadOf(pod),
    image: textAt(container, 'image') ?? '',
    ...conditionOf(pod),
  };
}

/** What of a pod changes in its life. */
export function conditionOf(pod: KubeObject): Pick<MeshPod, 'labels' | 'isRunning'> {
  return { labels: pod.metadata.labels ?? {}, isRunning: isRunning(pod['status']) };
}

function isRunning(status: Json | undefined): boolean {
  const [container] = listAt(status, 'containerStatuses');
  if (container === undefined) return textAt(status, 'phase') === 'Running';
  return 'running' in objectAt(container, 'state');
}

function workloadOf({ metadata }: KubeObject): string {
  const owner = listAt(metadata, 'ownerReferences').find(
    (each) => isObject(each) && each['controller'] === true,
  );
  const ownerName = textAt(owner, 'name') ?? metadata.name;
  const suffix = `-${metadata.labels?.['pod-template-hash']}`;
  return ownerName.endsWith(suffix) ? ownerName.slice(0, -suffix.length) : ownerName;
}
