// What a report is made of, read with the rights of whoever reads: what they may not read is left out and said.
import type { Clock } from '../clock.ts';
import { hasCode } from '../errors.ts';
import { isTwin, selectorOf } from '../kube/deployment.ts';
import { hash } from '../kube/hash.ts';
import { type Kube, listAll, type Scope } from '../kube/kube.ts';
import { type KubeObject, names, type Resource, resources } from '../kube/objects.ts';
import { routers } from '../kube/routers.ts';
import { canaryName } from '../routing/twin-labels.ts';
import { reportOf } from './compose.ts';
import type { Objects } from './objects.ts';
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
    reading.list(resources.services, { namespace }),
    reading.routes(namespace),
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
  const scope: Scope = namespace === undefined ? {} : { namespace };
  const all = deployments ?? (await listAll(kube, resources.deployments, scope)) ?? [];
  const reading = new Reading(kube);
  const [services, routes, settings, spaces] = await Promise.all([
    all.some(isTwin) ? reading.list(resources.services, scope) : [],
    all.some(isTwin) ? reading.routes(namespace) : [],
    reading.list(resources.configMaps, { ...scope, fieldSelector: 'metadata.name=serin' }),
    reading.spaces(namespace),
  ]);
  const twins = new Map(all.filter(isTwin).map((twin) => [keyOf(twin), twin]));
  const inside = (objects: readonly KubeObject[], main: KubeObject): readonly KubeObject[] =>
    objects.filter(({ metadata }) => metadata.namespace === main.metadata.namespace);
  const reports = all
    .filter((each) => !isTwin(each))
    .flatMap((main): readonly Report[] => {
      const space = spaces.find(({ metadata }) => metadata.name === main.metadata.namespace);
      const twin = twins.get(`${main.metadata.namespace}/${canaryName(main.metadata.name, hash)}`);
      const [defaults] = inside(settings, main);
      const objects: Objects = {
        ...{ main, routes, sets: [], pods: [], events: [], unread: reading.unread },
        services: twin === undefined ? [] : inside(services, main),
        ...(twin === undefined ? {} : { twin }),
        ...(defaults === undefined ? {} : { defaults }),
        ...(space === undefined ? {} : { space }),
      };
      return isReleased(objects) ? [reportOf(objects, clock.now())] : [];
    });
  return reports.filter(({ phase, attention }) => phase !== 'Unheld' || attention).toSorted(byNeed);
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

function keyOf({ metadata: { namespace = '', name } }: KubeObject): string {
  return `${namespace}/${name}`;
}

/** Reads what may be read, and remembers what may not. */
class Reading {
  readonly unread: string[] = [];
  readonly #kube: Kube;

  constructor(kube: Kube) {
    this.#kube = kube;
  }

  get(resource: Resource, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    return this.#allowed(resource, () => this.#kube.get(resource, namespace, name));
  }

  async list(resource: Resource, scope: Scope): Promise<readonly KubeObject[]> {
    return (await this.#allowed(resource, () => listAll(this.#kube, resource, scope))) ?? [];
  }

  /** A route may be in any namespace; who may not look into all sees those of the one. */
  async routes(namespace: string | undefined): Promise<Objects['routes']> {
    const all = routers.map(async ({ resource, router }) => {
      const objects = (await this.#everywhere(resource)) ?? (await this.list(resource, scopeOf(namespace)));
      return objects.map((object) => ({ object, resource, router }));
    });
    return (await Promise.all(all)).flat();
  }

  /** The namespaces, or the one. */
  async spaces(namespace: string | undefined): Promise<readonly KubeObject[]> {
    if (namespace === undefined) return this.list(resources.namespaces, {});
    const space = await this.get(resources.namespaces, undefined, namespace);
    return space === undefined ? [] : [space];
  }

  /** Undefined where that is forbidden. */
  async #everywhere(resource: Resource): Promise<readonly KubeObject[] | undefined> {
    try {
      return (await listAll(this.#kube, resource, {})) ?? [];
    } catch (error) {
      if (hasCode(error, 'KUBE_FORBIDDEN')) return undefined;
      throw error;
    }
  }

  async #allowed<T>({ plural }: Resource, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
      if (!this.unread.includes(plural)) this.unread.push(plural);
      return undefined;
    }
  }
}

function scopeOf(namespace: string | undefined): Scope {
  return namespace === undefined ? {} : { namespace };
}
