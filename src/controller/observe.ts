import { commandOf } from '../config/asked-command.ts';
import { stableOf } from '../config/stable.ts';
import { ledgerTwin, readLedger } from '../config/state.ts';
import { isPaused, paceOf, selectorOf, templateOf } from '../kube/deployment.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import { hash } from '../kube/hash.ts';
import { revisionOf } from '../kube/revision.ts';
import { listAt, numberAt, textAt } from '../routing/json.ts';
import { mergeSeen } from '../routing/merge.ts';
import { twinServiceName } from '../routing/service.ts';
import { inForce } from '../rollout/due.ts';
import type { Ledger, Observation, RouteSeen, WorkloadSeen } from '../rollout/types.ts';
import { groupSeen } from './group.ts';
import type { Scene } from './scene.ts';
import { isQuiet, troubleOf, troubleOfMain } from './trouble.ts';
import type { Way } from './way.ts';
import type { Routing } from './ways.ts';

/** What is seen of a rollout; the measurements are taken elsewhere, when they are due. */
export async function observe(kube: Kube, scene: Scene, now: number): Promise<Observation> {
  const { main, twin, state } = scene;
  const command = commandOf(main, state);
  const route = routeSeen(scene.routing);
  const group = groupSeen(scene);
  const trouble = state.phase === 'Rolling' ? await troubleOfMain(kube, scene, now) : undefined;
  const progressing = listAt(main['status'], 'conditions').find(
    (each) => textAt(each, 'type') === 'Progressing',
  );
  return {
    main: {
      ...workload(main),
      paused: isPaused(main),
      restorable: isRestorable(scene),
      scaler: scene.scaler,
      pace: paceOf(main),
      ...(trouble === undefined ? {} : { trouble }),
      progressing: {
        status: textAt(progressing, 'status') ?? '',
        reason: textAt(progressing, 'reason') ?? '',
        message: textAt(progressing, 'message') ?? '',
      },
    },
    ...(twin === undefined
      ? {}
      : {
          twin: { ...(await twinSeen(kube, twin, now)), ...served(scene), ...ledgerSeen(scene, twin, route) },
        }),
    route,
    ...(command === undefined ? {} : { command }),
    ...(group === undefined ? {} : { group }),
  };
}

function isRestorable({ main, state }: Scene): boolean {
  const template = templateOf(main);
  // The way back leads somewhere from many a template, but from the candidate to stable.
  if (revisionOf(template) !== state.revision) return false;
  return stableOf(main.metadata.annotations, template, state) !== undefined;
}

/** Kubernetes tells times of objects in whole seconds, cut. */
const resolutionMs = 1_000;

/** Without a mesh nothing is routed to it: its Service, for gates and people, is served as soon as it is there. */
function served({ routing, made, known }: Scene): { readonly servedSince?: number } {
  if (routing.kind === 'none') {
    const name = routing.service && twinServiceName(routing.service.metadata.name, hash);
    const isThere = name === undefined || made.some(({ metadata }) => metadata.name === name);
    return isThere ? { servedSince: 0 } : {};
  }
  const times = routing.ways.map(({ split }) => {
    const service = made.find(({ metadata }) => metadata.name === split.twinService);
    const told = Date.parse(textAt(service?.metadata, 'creationTimestamp') ?? '') + resolutionMs;
    return Math.min(told, known?.get(service?.metadata.uid ?? '') ?? told);
  });
  // Where one is missing it is not a number.
  const since = Math.max(...times);
  return Number.isNaN(since) ? {} : { servedSince: since };
}

async function twinSeen(
  kube: Kube,
  twin: KubeObject,
  now: number,
): Promise<NonNullable<Observation['twin']>> {
  const counts = workload(twin);
  // Of a candidate that takes the place of another, the pods of that one are ready as long as its own are not.
  const isWhole = counts.ready >= Math.max(counts.replicas, counts.total);
  const trouble = isWhole || !isQuiet(twin, now) ? undefined : await troubleOf(kube, twin, selectorOf(twin));
  const refused = refusalOf(twin);
  return {
    ...counts,
    revision: twin.metadata.annotations?.[names.revision] ?? '',
    ...(trouble === undefined ? {} : { trouble }),
    ...(refused === undefined || isWhole ? {} : { refused }),
  };
}

/** The evidence of this twin's trial. */
function ledgerSeen(
  { main, state }: Scene,
  twin: KubeObject,
  route: RouteSeen,
): { readonly ledger?: Ledger } {
  const isHere = ledgerTwin(main.metadata.annotations) === twin.metadata.uid;
  // Earlier versions kept it on the twin.
  const read = readLedger((isHere ? main : twin).metadata.annotations);
  const kept = read === undefined || 'corrupt' in read ? undefined : read;
  const ledger = inForce(kept, state, route);
  return ledger === undefined ? {} : { ledger };
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
  const seen = mergeSeen([waySeen(first), ...others.map(waySeen)]);
  if (seen.kind === 'none') return seen;
  const { noAffinity } = routing;
  const times = routing.ways.flatMap(({ routes }) => routes).map((each) => each.knownSince ?? Number.NaN);
  const knownSince = times.length === 0 ? Number.NaN : Math.max(...times);
  return {
    ...seen,
    ...(noAffinity === undefined ? {} : { noAffinity }),
    ...(Number.isNaN(knownSince) ? {} : { knownSince }),
  };
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
