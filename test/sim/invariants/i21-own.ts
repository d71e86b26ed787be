import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, names, type Resource, resources } from '../../../src/kube/objects.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, World } from '../types.ts';
import { annotation, called, isBySerin, isMade, isOf, isOfRoute, isTwin, ownerUid } from './reading.ts';
import { listsOf, notesOf, serviceOf } from './routes.ts';

/** Serin's own namespace. */
const home = 'serin-system';
const ownThere: readonly Resource[] = [
  ...[resources.leases, resources.secrets, resources.configMaps, resources.events],
];
const webhooks: readonly Resource[] = [resources.mutatingWebhooks, resources.validatingWebhooks];

/** Serin keeps to its own: what it made, Deployments with a canary, and the routes that send to their Services. */
export const i21: Invariant = {
  id: 'I21',
  says: 'Serin writes what it made, the record and pause of Deployments in labelled namespaces, and its split in routes to their Services; nothing else, and nothing of others in these',
  watch(world, report) {
    /** Namespaces that had the label at any time: what is held there is let go when it has gone. */
    const labelled = new Set<string>();
    world.api.onWrite((write) => {
      const { object } = write;
      if (object['kind'] === 'Namespace') {
        if (objectAt(object.metadata, 'labels')['serin.dev/mode'] !== undefined)
          labelled.add(object.metadata.name);
        return;
      }
      if (!isBySerin(world, write)) return;
      report.checked();
      const why = whyNot(world, labelled, write);
      if (why !== undefined)
        report.broken(`${write.call.verb} of ${called(object)} by ${write.call.caller.manager}: ${why}`);
    });
    return () => {};
  },
};

/** Why that write is none of Serin's; undefined where it is. */
function whyNot(world: World, labelled: ReadonlySet<string>, write: Write): string | undefined {
  const { object, previous } = write;
  const { namespace } = object.metadata;
  if (namespace === undefined)
    return webhooks.some((each) => isOf(write, each)) ? undefined : 'it belongs to the cluster';
  if (namespace === home)
    return ownThere.some((each) => isOf(write, each)) ? undefined : 'it is no part of its own records';
  if (isOfRoute(write) && !isMade(previous ?? object)) return ofRoute(labelled, write);
  if (!labelled.has(namespace)) return `namespace ${namespace} never had a canary`;
  if (isOf(write, resources.events)) return undefined;
  if (isMade(object) && (previous === undefined || isMade(previous))) return ofMade(world, object);
  if (isOf(write, resources.deployments) && !isTwin(object)) return ofMain(write);
  return "it is the owner's, and nothing that Serin edits";
}

/** What is made is made for a Deployment beside it. */
function ofMade(world: World, object: KubeObject): string | undefined {
  const uid = ownerUid(object) ?? annotation(object, names.twinOf);
  const main = world.api
    .list(resources.deployments, object.metadata.namespace)
    .find(({ metadata }) => metadata.uid === uid);
  return main !== undefined && isTwin(main) ? 'it is made for a twin' : undefined;
}

/** Of a Deployment's annotations those with Serin's name alone; I3 looks at its spec. */
function ofMain({ object, previous }: Write): string | undefined {
  const [before, now] = [previous, object].map((each) => each?.metadata.annotations ?? {});
  const foreign = Object.keys({ ...before, ...now }).filter(
    (name) => before?.[name] !== now?.[name] && !name.startsWith('serin.dev/'),
  );
  return foreign.length === 0 ? undefined : `its owner's annotation ${foreign.join(', ')} changed`;
}

/** Of a route that is another's: the split of Services in labelled namespaces, and never where it sends to others. */
function ofRoute(labelled: ReadonlySet<string>, { object, previous, type }: Write): string | undefined {
  if (previous === undefined || type === 'DELETED') return "the route is its owner's";
  const services = [...notesOf(previous), ...notesOf(object)].map(({ service }) => service);
  if (services.length === 0) return 'it holds no split';
  const strange = services.find((service) => !labelled.has(service.split('/')[0] ?? ''));
  if (strange !== undefined) return `it holds a split of ${strange}, where there never was a canary`;
  const [before, now] = [previous, object].map((each) => toOthers(each, labelled));
  return isDeepStrictEqual(before, now) ? undefined : 'what it sends to another namespace has changed';
}

/** Every destination in a namespace without canaries. */
function toOthers(route: KubeObject, labelled: ReadonlySet<string>): readonly Json[] {
  const own = route.metadata.namespace ?? '';
  return listsOf(route).flatMap(({ entries }) =>
    entries.filter((entry) => {
      const [namespace = ''] = serviceOf(entry, own).split('/');
      return !labelled.has(namespace);
    }),
  );
}
