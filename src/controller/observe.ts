import { commandOf } from '../config/asked-command.ts';
import { stableOf } from '../config/stable.ts';
import { ledgerTwin, readLedger } from '../config/state.ts';
import { isPaused, templateOf } from '../kube/deployment.ts';
import { listAll, type Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { labelsIn } from '../routing/selectors.ts';
import { mergeSeen } from '../routing/merge.ts';
import { opened } from '../rollout/due.ts';
import type { Json, Ledger, Observation, RouteSeen, WorkloadSeen } from '../rollout/types.ts';
import type { Scene } from './scene.ts';
import type { Routing, Way } from './ways.ts';

/** Restarts of one container after which nobody believes in it any more. */
const hopelessRestarts = 2;
/** Restarts that speak against it though it comes up again each time. */
const manyRestarts = 5;
const unpullable = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);

/** What is seen of a rollout; the measurements are taken elsewhere, when they are due. */
export async function observe(kube: Kube, scene: Scene): Promise<Observation> {
  const { main, twin, state } = scene;
  const command = commandOf(main, state);
  const route = routeSeen(scene.routing);
  const progressing = listAt(main['status'], 'conditions').find(
    (each) => textAt(each, 'type') === 'Progressing',
  );
  return {
    main: {
      ...workload(main),
      paused: isPaused(main),
      restorable: isRestorable(scene),
      scaler: scene.scaler,
      progressing: {
        status: textAt(progressing, 'status') ?? '',
        reason: textAt(progressing, 'reason') ?? '',
        message: textAt(progressing, 'message') ?? '',
      },
    },
    ...(twin === undefined
      ? {}
      : { twin: { ...(await twinSeen(kube, twin)), ...served(scene), ...ledgerSeen(scene, twin, route) } }),
    route,
    ...(command === undefined ? {} : { command }),
  };
}

function isRestorable({ main, state }: Scene): boolean {
  const template = templateOf(main);
  // The way back leads somewhere from many a template, but from the candidate to stable.
  if (revisionOf(template) !== state.revision) return false;
  return stableOf(main.metadata.annotations, template, state) !== undefined;
}

/** Without a mesh nothing is routed to it, and no Service has to be there. */
function served({ routing, made }: Scene): { readonly servedSince?: number } {
  if (routing.kind === 'none') return { servedSince: 0 };
  const times = routing.ways.map(({ split }) => {
    const service = made.find(({ metadata }) => metadata.name === split.twinService);
    return Date.parse(textAt(service?.metadata, 'creationTimestamp') ?? '');
  });
  // Where one is missing it is not a number.
  const since = Math.max(...times);
  return Number.isNaN(since) ? {} : { servedSince: since };
}

async function twinSeen(kube: Kube, twin: KubeObject): Promise<NonNullable<Observation['twin']>> {
  const counts = workload(twin);
  // Of a candidate that takes the place of another, the pods of that one are ready as long as its own are not.
  const isWhole = counts.ready >= Math.max(counts.replicas, counts.total);
  const trouble = isWhole ? undefined : await troubleOf(kube, twin);
  const refused = refusalOf(twin);
  return {
    ...counts,
    revision: twin.metadata.annotations?.[names.revision] ?? '',
    ...(trouble === undefined ? {} : { trouble }),
    ...(refused === undefined || isWhole ? {} : { refused }),
  };
}

/**
 * The evidence of this twin's trial. Since when the weight is in force the routes say themselves: that is not written
 * again.
 */
function ledgerSeen(
  { main, state }: Scene,
  twin: KubeObject,
  route: RouteSeen,
): { readonly ledger?: Ledger } {
  const isHere = ledgerTwin(main.metadata.annotations) === twin.metadata.uid;
  // Earlier versions kept it on the twin.
  const read = readLedger((isHere ? main : twin).metadata.annotations);
  const kept = read === undefined || 'corrupt' in read ? undefined : read;
  const isOnTrial = state.phase === 'Progressing' || state.phase === 'Waiting';
  if (!isOnTrial || route.kind === 'none' || route.since === undefined || !route.uniform)
    return kept === undefined ? {} : { ledger: kept };
  const isNew = route.since > (kept?.weightAt ?? 0) || kept?.weight !== state.weight;
  if (route.weight === state.weight && isNew) return { ledger: opened(kept, state, route.since) };
  return kept === undefined ? {} : { ledger: kept };
}

function workload(deployment: KubeObject): WorkloadSeen {
  const status = deployment['status'];
  const generation = deployment.metadata.generation ?? 0;
  return {
    replicas: numberAt(deployment['spec'], 'replicas') ?? 1,
    updated: numberAt(status, 'updatedReplicas') ?? 0,
    ready: numberAt(status, 'readyReplicas') ?? 0,
    available: numberAt(status, 'availableReplicas') ?? 0,
    total: numberAt(status, 'replicas') ?? 0,
    current: (numberAt(status, 'observedGeneration') ?? 0) >= generation,
  };
}

function routeSeen(routing: Routing): RouteSeen {
  if (routing.kind === 'none') return { kind: 'none', why: routing.why };
  const [first, ...others] = routing.ways;
  return mergeSeen([waySeen(first), ...others.map(waySeen)]);
}

/** A Service that nothing routes to will get a route of ours with the first weight. */
function waySeen({ routes, split, restriction }: Way): RouteSeen {
  const routers = new Set(routes.map(({ router }) => router));
  const [first, ...others] = [...routers].map((router) => {
    const objects = routes.filter((each) => each.router === router).map(({ object }) => object);
    return router.seen(objects, split, restriction);
  });
  if (first === undefined) return { kind: 'split', weight: 0, uniform: true, edited: false };
  return mergeSeen([first, ...others]);
}

/** What its ReplicaSet was told when it asked for a pod; the pod's name would make each a new sentence. */
function refusalOf(twin: KubeObject): string | undefined {
  const failure = listAt(twin['status'], 'conditions').find(
    (each) => textAt(each, 'type') === 'ReplicaFailure' && textAt(each, 'status') === 'True',
  );
  return textAt(failure, 'message')?.replace(/^pods "[^"]*" is forbidden: /, '');
}

/** Why no pod of the twin will come up, from what its containers say of themselves; undefined while there is hope. */
async function troubleOf(kube: Kube, twin: KubeObject): Promise<string | undefined> {
  const namespace = twin.metadata.namespace ?? '';
  const pods = await listAll(kube, resources.pods, { namespace, labelSelector: selectorOf(twin) });
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

/** What a Deployment selects by, as a list asks for it; expressions are left out, so it may find more. */
export function selectorOf(deployment: KubeObject): string {
  const labels = labelsIn(objectAt(objectAt(deployment['spec'], 'selector'), 'matchLabels'));
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
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
