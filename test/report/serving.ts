import type { WatchEvent } from '../../src/kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../../src/kube/objects.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { objectsOf, type Shop } from './shop.ts';

/** The API server with all that is around the shop; uids are as the shop has them. */
export async function serving(shop: Shop): Promise<MemoryKube> {
  const kube = memoryKube();
  const objects = objectsOf(shop);
  const add = (resource: Resource, all: readonly KubeObject[]): Promise<unknown> =>
    Promise.all(all.map((each) => kube.create(resource, resource.namespaced ? 'shop' : undefined, each)));
  await add(resources.namespaces, [objects.space ?? { metadata: objects.main.metadata }]);
  await add(resources.deployments, [objects.main, ...(objects.twin === undefined ? [] : [objects.twin])]);
  await add(resources.replicaSets, objects.sets);
  await add(resources.pods, objects.pods);
  await add(resources.services, objects.services);
  await add(resources.events, objects.events);
  await add(resources.configMaps, objects.defaults === undefined ? [] : [objects.defaults]);
  for (const { resource, object } of objects.routes) await kube.create(resource, 'shop', object);
  // What owns what is told by uid, which the API server gives: here as a uid was wished.
  const [get, list] = [kube.get.bind(kube), kube.list.bind(kube)];
  kube.get = async (...asked) => named(await get(...asked));
  kube.list = async (...asked) => {
    const found = await list(...asked);
    return found && { ...found, items: found.items.flatMap((each) => named(each) ?? []) };
  };
  return kube;
}

function named(object: KubeObject | undefined): KubeObject | undefined {
  return object && { ...object, metadata: { ...object.metadata, uid: `uid-${object.metadata.name}` } };
}

/** Gives it a watch of Deployments that tells what the test says, to whoever watches just then. */
export function tellingOf(kube: MemoryKube): (event: WatchEvent) => void {
  const tellers = new Set<(event: WatchEvent) => void>();
  kube.watch = async function* (_resource, _scope, signal) {
    while (!signal.aborted) {
      const next = Promise.withResolvers<WatchEvent | undefined>();
      tellers.add(next.resolve);
      signal.addEventListener('abort', () => next.resolve(undefined));
      const event = await next.promise;
      tellers.delete(next.resolve);
      if (event !== undefined) yield event;
    }
  };
  return (event) => {
    for (const tell of tellers) tell(event);
  };
}
