import { type KubeObject, type Resource, resources } from '../../../src/kube/objects.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { guards } from './i22-guards.ts';
import { lookMs } from './lately.ts';
import {
  called,
  isBySerin,
  isMade,
  isOf,
  isOver,
  isTwin,
  keyOf,
  ownerUid,
  routeKinds,
  stateOf,
} from './reading.ts';
import { notesOf, servicesCopied, servicesIn } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** What was made for a rollout goes with it: when it ends, and when its Deployment does. */
export const i12: Invariant = {
  id: 'I12',
  says: 'an end of a rollout, a deletion and an opt-out leave no twin, no Service, no route, no policy and no edit behind',
  watch(world, report) {
    const view = viewOf(world);
    world.api.onWrite((write) => {
      if (!isOf(write, resources.deployments) || write.type !== 'MODIFIED' || isTwin(write.object)) return;
      const [before, now] = [stateOf(write.previous), stateOf(write.object)];
      const ends = now !== undefined && isOver(now) && before !== undefined && !isOver(before);
      if (ends && isBySerin(world, write)) onEnd(world, view, report, write);
    });
    return () => atRest(world, view, report);
  },
};

/** When an end is recorded all has been taken away: after it nobody would. */
function onEnd(world: World, view: View, report: Report, { object }: Write): void {
  const { uid, namespace } = object.metadata;
  report.checked();
  if (view.isMeddled(namespace, lookMs)) return;
  for (const left of tracesOf(world, view)) {
    if (left.uid === uid) report.broken(`${keyOf(object)} ended and left ${left.what}`);
  }
}

function atRest(world: World, view: View, report: Report): void {
  report.checked();
  for (const { uid, what } of tracesOf(world, view)) {
    const state = stateOf(view.main(uid));
    if (state === undefined || isOver(state))
      report.broken(`at rest there is ${what} for ${uid ?? 'nobody'}`);
  }
}

const kindsMade: readonly Resource[] = [
  ...[resources.deployments, resources.services, resources.horizontalPodAutoscalers],
  ...guards.map(({ resource }) => resource),
  ...routeKinds,
];

interface Trace {
  /** Of the Deployment it was made for. */
  readonly uid: string | undefined;
  readonly what: string;
}

/** Everything of Serin that is not on a main itself; what is being deleted is as good as gone. */
function tracesOf(world: World, view: View): readonly Trace[] {
  const made = kindsMade.flatMap((resource) =>
    world.api
      .list(resource)
      .filter((each) => isMade(each) && !('deletionTimestamp' in each.metadata))
      .map((each) => ({ uid: ownerUid(each), what: `${resource.kind} ${keyOf(each)}` })),
  );
  return [
    ...made,
    ...routeKinds.flatMap((kind) => world.api.list(kind)).flatMap((each) => editsOf(view, each)),
  ];
}

function editsOf(view: View, route: KubeObject): readonly Trace[] {
  const name = called(route);
  const notes = notesOf(route).map(({ twinService }) => ({
    uid: view.twinServices.ownerOf(twinService),
    what: `the note of a split in ${name}`,
  }));
  const destinations = [...servicesIn(route), ...servicesCopied(route)].flatMap((service) => {
    const uid = view.twinServices.ownerOf(service);
    return uid === undefined ? [] : [{ uid, what: `a destination ${service} in ${name}` }];
  });
  return [...notes, ...destinations];
}
