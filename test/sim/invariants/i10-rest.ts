import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, World } from '../types.ts';
import {
  isBySerin,
  isOf,
  isOfRoute,
  isOver,
  isTroubled,
  isTwin,
  keyOf,
  routeKinds,
  stateOf,
} from './reading.ts';
import { notesOf } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** After this long without a change and without a trouble nothing of Serin is on its way any more. */
const calmMs = 60_000;
/** Serin looks at everything this often (controller.ts): a rest that is longer has seen a full look. */
const fullLookMs = 300_000;

/** What Serin goes by; Events and Leases come to nothing. */
const read = [resources.deployments, resources.services, ...routeKinds, resources.pods];
const written = [...read, resources.events];

/** Where nothing has changed, nothing is written, however often it is looked at. */
export const i10: Invariant = {
  id: 'I10',
  says: 'once every rollout of a namespace is over and all is as it should be, a full look writes nothing',
  watch(world, report) {
    const view = viewOf(world);
    const changed = new Map<string, number>();
    world.api.onWrite((write) => {
      const namespace = namespaceOf(write);
      if (namespace === undefined) return;
      const at = changed.get(namespace) ?? Number.NEGATIVE_INFINITY;
      if (!isBySerin(world, write)) {
        if (read.some((each) => isOf(write, each))) changed.set(namespace, write.at);
        return;
      }
      if (!written.some((each) => isOf(write, each))) return;
      if (isCalm(world, view, namespace, at))
        report.broken(`${describe(write)}, and nothing had changed for ${(write.at - at) / 1000} s`);
      if (isStateChange(write)) changed.set(namespace, write.at);
    });
    return () => {
      for (const [namespace, at] of changed) {
        if (world.time.now - at > calmMs + fullLookMs && isAllOver(view, namespace)) report.checked();
      }
    };
  },
};

/** Whose rest it is: a route of another namespace is written for the Services whose split it holds. */
function namespaceOf(write: Write): string | undefined {
  const { object, previous } = write;
  const own = object.metadata.namespace;
  if (!isOfRoute(write)) return own;
  const notes = [object, ...(previous === undefined ? [] : [previous])].flatMap(notesOf);
  return notes[0]?.service.split('/')[0] ?? own;
}

function isStateChange(write: Write): boolean {
  if (!isOf(write, resources.deployments) || isTwin(write.object)) return false;
  return stateOf(write.object)?.phase !== stateOf(write.previous)?.phase;
}

function isCalm(world: World, view: View, namespace: string, since: number): boolean {
  if (world.time.now - since < calmMs || isTroubled(world, since, { afterMs: calmMs })) return false;
  return isAllOver(view, namespace);
}

function isAllOver(view: View, namespace: string): boolean {
  const mains = view.mains.filter(({ metadata }) => metadata.namespace === namespace);
  return mains.every((main: KubeObject) => {
    const state = stateOf(main);
    return state === undefined || isOver(state);
  });
}

function describe({ type, resource, object, call }: Write): string {
  return `${resource.kind} ${keyOf(object)} was ${type} by ${call.caller.manager} (${call.verb})`;
}
