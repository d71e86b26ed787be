// Why pods do not come up, as they say it themselves.
import { selectorOf } from '../kube/deployment.ts';
import { listAll, type Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { templateOfSet } from '../rollout/template.ts';
import type { Json } from '../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { isMadeFor, type Scene } from './scene.ts';

/** Restarts of one container after which nobody believes in it any more. */
const hopelessRestarts = 2;
/** Restarts that speak against it though it comes up again each time. */
const manyRestarts = 5;
const unpullable = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);

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
  const isWhole = (numberAt(main['status'], 'unavailableReplicas') ?? 0) === 0;
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
    const statuses = [
      ...listAt(pod['status'], 'initContainerStatuses'),
      ...listAt(pod['status'], 'containerStatuses'),
    ];
    const found = statuses.map((status) => containerTrouble(status)).find((trouble) => trouble !== undefined);
    if (found !== undefined) return `pod ${pod.metadata.name}: ${found}`;
  }
  return undefined;
}

function containerTrouble(status: Json): string | undefined {
  const waiting = objectAt(objectAt(status, 'state'), 'waiting');
  const reason = textAt(waiting, 'reason') ?? '';
  const name = textAt(status, 'name') ?? '';
  if (unpullable.has(reason))
    return `container ${name} cannot get its image ${textAt(status, 'image') ?? ''} (${reason})`;
  const restarts = numberAt(status, 'restartCount') ?? 0;
  if (restarts >= manyRestarts)
    return `container ${name} keeps ending: it was started again ${restarts} times`;
  if (reason !== 'CrashLoopBackOff' || restarts < hopelessRestarts) return undefined;
  const last = objectAt(objectAt(status, 'lastState'), 'terminated');
  const code = numberAt(last, 'exitCode');
  return `container ${name} crash-loops: ended ${restarts} times${code === undefined ? '' : `, last with exit code ${code}`}`;
}
