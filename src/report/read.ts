// What a report is made of, read with the rights of whoever reads: what they may not read is left out and said.
import type { Clock } from '../clock.ts';
import { isTwin, selectorOf } from '../kube/deployment.ts';
import { hash } from '../kube/hash.ts';
import { type Kube, listAll } from '../kube/kube.ts';
import { type KubeObject, names, type Resource, resources } from '../kube/objects.ts';
import { keyOf } from '../kube/store.ts';
import { listAt, textAt } from '../routing/json.ts';
import { splitServices } from '../routing/memory.ts';
import { twinServiceName } from '../routing/service.ts';
import { canaryName } from '../routing/twin-labels.ts';
import { reportOf } from './compose.ts';
import type { Objects } from './objects.ts';
import { Reading, scopeOf } from './reading.ts';
import type { Report } from './report.ts';
import { isLabelled } from './standing.ts';

/** Where it is read from; the clock is the API server's. */
export interface Source {
  readonly kube: Kube;
  readonly clock: Clock;
}

/** One Deployment with everything about it; undefined where there is none. Throws where that very Deployment may not be read. */
export async function readReport(
  { kube, clock }: Source,
  namespace: string,
  name: string,
): Promise<Report | undefined> {
  const main = await kube.get(resources.deployments, namespace, name);
  if (main === undefined) return undefined;
  return reportOf(await around(kube, main, namespace), clock.now());
}

async function around(kube: Kube, main: KubeObject, namespace: string): Promise<Objects> {
  const { name, uid } = main.metadata;
  const reading = new Reading(kube);
  const twin = await reading.get(resources.deployments, namespace, canaryName(name, hash));
  const ours = twin?.metadata.annotations?.[names.twinOf] === undefined ? undefined : twin;
  const owners = [main, ...(ours === undefined ? [] : [ours])];
  const ofBoth = async (resource: Resource): Promise<readonly KubeObject[]> => {
    const lists = owners.map((each) =>
      reading.list(resource, { namespace, labelSelector: selectorOf(each) }),
    );
    return distinct((await Promise.all(lists)).flat());
  };
  const about = `involvedObject.uid=${uid}`;
  const [sets, pods, services, routes, events, defaults, space] = await Promise.all([
    ofBoth(resources.replicaSets),
    ofBoth(resources.pods),
    // Without a twin nothing is split.
    ours === undefined ? [] : reading.list(resources.services, { namespace }),
    ours === undefined ? [] : reading.routes(namespace),
    reading.list(resources.events, { namespace, fieldSelector: about }),
    reading.get(resources.configMaps, namespace, 'serin'),
    reading.get(resources.namespaces, undefined, namespace),
  ]);
  return {
    ...{ main, sets, pods, services, routes, events, unread: reading.unread },
    ...(ours === undefined ? {} : { twin: ours }),
    ...(defaults === undefined ? {} : { defaults }),
    ...(space === undefined ? {} : { space }),
  };
}

/** A selector without its expressions may find what another's finds too. */
function distinct(objects: readonly KubeObject[]): readonly KubeObject[] {
  return [...new Map(objects.map((each) => [each.metadata.uid, each])).values()];
}

/**
 * Every Deployment that Serin releases, without pods and events; those that need somebody first, then those under way.
 * `deployments` are those to look at, where they are known already.
 */
export async function listReports(
  { kube, clock }: Source,
  namespace?: string,
  deployments?: readonly KubeObject[],
): Promise<readonly Report[]> {
  const scope = scopeOf(namespace);
  const all = deployments ?? (await listAll(kube, resources.deployments, scope)) ?? [];
  const reading = new Reading(kube);
  const isAnyOnTrial = all.some(isTwin);
  const [services, routes, settings, spaces] = await Promise.all([
    isAnyOnTrial ? reading.list(resources.services, scope) : [],
    isAnyOnTrial ? reading.routes(namespace) : [],
    reading.list(resources.configMaps, { ...scope, fieldSelector: 'metadata.name=serin' }),
    reading.spaces(namespace),
  ]);
  const twins = byKey(all.filter(isTwin));
  const [defaults, named] = [byKey(settings), byKey(spaces)];
  const made = Map.groupBy(services, ownerOf);
  const splitting = bySplit(routes);
  const objectsOf = (main: KubeObject): Objects => {
    const { namespace: space = '', name, uid } = main.metadata;
    const twin = twins.get(`${space}/${canaryName(name, hash)}`);
    const own = made.get(uid) ?? [];
    const [given, labelled] = [defaults.get(`${space}/serin`), named.get(space)];
    return {
      ...{ main, sets: [], pods: [], events: [], unread: reading.unread },
      services: own,
      routes: [...new Set(own.flatMap((service) => splitting.get(keyOf(service)) ?? []))],
      ...(twin === undefined ? {} : { twin }),
      ...(given === undefined ? {} : { defaults: given }),
      ...(labelled === undefined ? {} : { space: labelled }),
    };
  };
  return all
    .filter((each) => !isTwin(each))
    .map(objectsOf)
    .filter(isReleased)
    .map((objects) => reportOf(objects, clock.now()))
    .filter(({ phase, attention }) => phase !== 'Unheld' || attention)
    .toSorted(byNeed);
}

function byKey(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((each) => [keyOf(each), each]));
}

/** The routes with a split, by the Service that it sends the candidate's share to. */
function bySplit(routes: Objects['routes']): ReadonlyMap<string, Objects['routes']> {
  const pairs = routes.flatMap((route) =>
    splitServices(route.object).map(({ namespace, name }) => {
      return { key: `${namespace}/${twinServiceName(name, hash)}`, route };
    }),
  );
  return new Map(
    [...Map.groupBy(pairs, ({ key }) => key)].map(([key, all]) => [key, all.map(({ route }) => route)]),
  );
}

function ownerOf({ metadata }: KubeObject): string {
  return listAt(metadata, 'ownerReferences').map((owner) => textAt(owner, 'uid') ?? '')[0] ?? '';
}

/** Where the namespace cannot be read, or has lost its label in the middle, what Serin wrote says it. */
function isReleased({ main, space }: Objects): boolean {
  const { annotations = {} } = main.metadata;
  if (space !== undefined && isLabelled(space)) return true;
  return [names.state, names.canary, names.heldBy].some((name) => name in annotations);
}

function byNeed(a: Report, b: Report): number {
  const rank = ({ attention, phase }: Report): number =>
    attention ? 0 : ['Idle', 'Succeeded', 'Aborted', 'Unheld'].includes(phase) ? 2 : 1;
  const key = ({ namespace, name }: Report): string => `${namespace}/${name}`;
  return rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1);
}
