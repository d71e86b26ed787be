// Why pods do not come up, as they say it themselves.
import { isMadeFor, selectorOf } from '../kube/deployment.ts';
import { listAll, type Kube } from '../kube/kube.ts';
import { podTrouble } from '../kube/pod-trouble.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { templateOfSet } from '../rollout/template.ts';
import { listAt, numberAt, textAt } from '../routing/json.ts';
import type { Scene } from './scene.ts';

/** Pods are asked only where nothing has come of them for so long: most are ready by then. */
const quietMs = 2_000;

/**
 * True where nothing has come of its pods for a while: neither has its spec been written, nor has the Deployment controller
 * told of anything.
 */
export function isQuiet({ metadata }: KubeObject, now: number): boolean {
  const times = listAt(metadata, 'managedFields').map((entry) => Date.parse(textAt(entry, 'time') ?? ''));
  return times.every((time) => Number.isNaN(time) || now - time >= quietMs);
}

/** Why no pod of main will come up that runs the candidate; undefined while there is hope. */
export async function troubleOfMain(kube: Kube, scene: Scene, now: number): Promise<string | undefined> {
  const { main, state } = scene;
  const wanted = Math.max(numberAt(main['spec'], 'replicas') ?? 1, numberAt(main['status'], 'replicas') ?? 0);
  // With the brake on, pods that are well are available late.
  const isWhole = (numberAt(main['status'], 'readyReplicas') ?? 0) >= wanted;
  if (isWhole || !isQuiet(main, now)) return undefined;
  const { namespace = '' } = main.metadata;
  const labelSelector = selectorOf(main);
  const sets = (await listAll(kube, resources.replicaSets, { namespace, labelSelector })) ?? [];
  const newest = sets.find(
    (set) => isMadeFor(set, main) && revisionOf(templateOfSet(set)) === state.revision,
  );
  const hash = newest?.metadata.labels?.['pod-template-hash'];
  if (hash === undefined) return undefined;
  return troubleOf(kube, main, `${labelSelector},pod-template-hash=${hash}`);
}

/** Why no pod of a Deployment will come up, from what its containers say of themselves; undefined while there is hope. */
export async function troubleOf(
  kube: Kube,
  { metadata: { namespace = '' } }: KubeObject,
  labelSelector: string,
): Promise<string | undefined> {
  const pods = await listAll(kube, resources.pods, { namespace, labelSelector });
  for (const pod of pods ?? []) {
    const found = podTrouble(pod);
    if (found !== undefined) return `pod ${pod.metadata.name}: ${found}`;
  }
  return undefined;
}
