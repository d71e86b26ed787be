import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import { numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { lookMs } from './lately.ts';
import {
  called,
  imageOf,
  isBySerin,
  isOf,
  isOfRoute,
  isTwin,
  keyOf,
  replicasOf,
  stateOf,
} from './reading.ts';
import { notesOf, pairsOf } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** Traffic goes where pods are: both ways, when the weight is written. */
export const i2: Invariant = {
  id: 'I2',
  says: 'an arm gets traffic only when its Service has ready pods, never more than they carry, and loses none while it has traffic',
  watch(world, report) {
    const view = viewOf(world);
    /** When somebody else last deleted a Service. */
    const deletedServices = new Map<string, number>();
    world.api.onWrite((write) => {
      if (isOf(write, resources.services) && write.type === 'DELETED' && !isBySerin(world, write))
        deletedServices.set(keyOf(write.object), write.at);
      if (!isBySerin(world, write)) return;
      if (isOfRoute(write) && write.type !== 'DELETED')
        onRoute(world, view, report, { ...write, deletedServices });
      if (isOf(write, resources.deployments) && isTwin(write.object)) onTwin(world, view, report, write);
      if (isOf(write, resources.services) && write.type === 'DELETED') onService(view, report, write);
    });
    return () => {};
  },
};

interface RouteWrite extends Write {
  readonly deletedServices: ReadonlyMap<string, number>;
}

function onRoute(
  world: World,
  view: View,
  report: Report,
  { object, previous, deletedServices }: RouteWrite,
): void {
  const name = called(object);
  const before = new Map(
    previous === undefined ? [] : notesOf(previous).map((note) => [note.service, note.weight]),
  );
  for (const { service, twinService, weight } of notesOf(object)) {
    report.checked();
    const isOnTwin = pairsOf(object, view.twinServices).some(
      (pair) => pair.twinService === twinService && (numberAt(pair.twin, 'weight') ?? 0) > 0,
    );
    const isLost = world.time.now - (deletedServices.get(twinService) ?? Number.NEGATIVE_INFINITY) < lookMs;
    if (isOnTwin && !isLost && !isThere(world, twinService))
      report.broken(`${name} sends ${weight} percent to Service ${twinService}, which is not there`);
    const uid = view.twinServices.ownerOf(twinService);
    const main = view.main(uid);
    if (uid === undefined || main === undefined) continue;
    if (isOnTwin) checkTwin(world, view, report, { name, uid, main, weight });
    if (weight < (before.get(service) ?? 0)) checkMain(world, view, report, { name, uid, main, weight });
  }
}

interface Given {
  readonly name: string;
  readonly uid: string;
  readonly main: KubeObject;
  readonly weight: number;
}

function checkTwin(world: World, view: View, report: Report, { name, uid, main, weight }: Given): void {
  const twin = view.twin(uid);
  const twinUid = twin?.metadata.uid ?? '';
  const ready = view.capacity.mostReady(twinUid);
  const { start } = world.behaviourOf(imageOf(twin));
  if (twin !== undefined && start !== 'ok')
    report.broken(`${name} gives ${weight} percent to image ${imageOf(twin)}, which never starts (${start})`);
  if (ready === 0) {
    // Where neither side has a pod, it is all the same.
    if (view.capacity.leastReady(uid) > 0)
      report.broken(`${name} gives ${weight} percent to the twin of ${keyOf(main)}, which has no ready pod`);
    return;
  }
  const needed = leastNeeded(world, view, uid);
  if (needed !== undefined && weight > carried(ready, needed))
    report.broken(
      `${name} gives ${weight} percent to ${ready} ready pods of the twin, where ${needed} carry all`,
    );
}

/** What may have been taken for all the pods there are; undefined where main rolls and the twin has all the traffic. */
function leastNeeded(world: World, view: View, uid: string): number | undefined {
  const states = view.states.of(uid);
  if (states.some((state) => state !== undefined && 'ending' in state)) return undefined;
  const needed = states.flatMap((state) => (state !== undefined && 'needed' in state ? [state.needed] : []));
  if (needed.length === 0) return undefined;
  const replicas = view.capacity.leastReplicas(uid);
  const most = Math.max(Math.min(...needed), replicas);
  const main = view.main(uid);
  if (main === undefined || !hasScaler(world, main) || replicas === 0) return most;
  // By what its scaler leaves main for its share.
  const weights = states.map((state) => (state !== undefined && 'weight' in state ? state.weight : 0));
  return Math.min(most, Math.ceil((replicas * 100) / Math.max(1, 100 - Math.min(...weights))));
}

/** Traffic comes back to main while it is promoted: as its pods carry it, unless the twin has none left. */
function checkMain(world: World, view: View, report: Report, { name, uid, main, weight }: Given): void {
  const state = stateOf(main);
  if (state?.phase !== 'Promoting.Return' && state?.phase !== 'Finalising') return;
  const twinUid = view.twin(uid)?.metadata.uid ?? '';
  if (view.capacity.leastReady(twinUid) === 0 || replicasOf(main) === 0) return;
  const ready = view.capacity.mostReady(uid);
  if (ready === 0)
    report.broken(`${name} gives ${100 - weight} percent back to ${keyOf(main)}, which has no ready pod`);
  // With an autoscaler main may come to need fewer pods than it had; its own judgement is not repeated here.
  const needed = view.capacity.leastReplicas(uid);
  if (!hasScaler(world, main) && 100 - weight > carried(ready, needed))
    report.broken(
      `${name} gives ${100 - weight} percent back to ${ready} ready pods of ${keyOf(main)}, of ${needed}`,
    );
}

function hasScaler({ api }: World, { metadata: { namespace, name } }: KubeObject): boolean {
  return api
    .list(resources.horizontalPodAutoscalers, namespace)
    .some((each) => textAt(objectAt(each['spec'], 'scaleTargetRef'), 'name') === name);
}

/** HTTP tells the time in whole seconds: who has a clock that is wrong knows no better than that what time it is. */
function uncertainMs({ processes }: World): number {
  return processes.some(({ kind, life }) => kind === 'controller' && life.skewMs !== 0) ? 1_000 : 0;
}

function onTwin(world: World, view: View, report: Report, { type, object, previous }: Write): void {
  const uid = object.metadata.annotations?.['serin.dev/twin-of'] ?? '';
  const weight = view.weights.now(uid) ?? 0;
  const name = `twin ${keyOf(object)}`;
  if (type === 'DELETED') {
    report.checked();
    if (weight > 0 && view.main(uid) !== undefined)
      report.broken(`${name} was deleted while the routes give it ${weight} percent`);
    const isServed = view.served.now(uid) === true;
    if (isServed && weight === 0 && view.main(uid) !== undefined)
      report.broken(`${name} was deleted while the routes send it the requests of some users`);
    const since = view.served.since(uid) ?? Number.NEGATIVE_INFINITY;
    const waited = world.time.now - since;
    if (!isServed && waited < world.settleMs - uncertainMs(world) && hadTraffic(view, uid))
      report.broken(
        `${name} was deleted ${waited} ms after its traffic was taken away: requests were still on their way`,
      );
    return;
  }
  const [before, now] = [replicasOf(previous), replicasOf(object)];
  if (previous === undefined || now >= before) return;
  report.checked();
  if (weight > carried(now, Math.max(1, Math.min(before, leastNeeded(world, view, uid) ?? before))))
    report.broken(
      `${name} went from ${before} to ${now} replicas while the routes give it ${weight} percent`,
    );
}

function hadTraffic(view: View, uid: string): boolean {
  return view.served.of(uid).some((isServed) => isServed);
}

function onService(view: View, report: Report, { object }: Write): void {
  const uid = view.twinServices.ownerOf(keyOf(object)) ?? '';
  report.checked();
  const weight = view.weights.now(uid) ?? 0;
  if (weight > 0)
    report.broken(`Service ${keyOf(object)} was deleted while the routes give it ${weight} percent`);
}

function isThere(world: World, service: string): boolean {
  const [namespace = '', name = ''] = service.split('/');
  return world.api.get(resources.services, namespace, name) !== undefined;
}

function carried(ready: number, needed: number): number {
  return ready >= needed ? 100 : Math.floor((ready * 100) / needed);
}
