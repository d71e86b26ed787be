// An API server in memory that tells of ConfigMaps and Secrets, and a look at the Deployment `web` that reads them.
import { digester } from '../../src/controller/config-digest.ts';
import { ConfigReleases } from '../../src/controller/config-release.ts';
import { ConfigWatch } from '../../src/controller/config-watch.ts';
import type { Handled } from '../../src/controller/queue.ts';
import { SerinError } from '../../src/errors.ts';
import type { Kube, WatchEvent } from '../../src/kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../../src/kube/objects.ts';
import { Store } from '../../src/kube/store.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { type VirtualClock, virtualClock } from '../rig/virtual-clock.ts';

export interface ConfigRig {
  readonly kube: MemoryKube;
  readonly clock: VirtualClock;
  readonly warned: readonly string[];
  /** Makes or changes a ConfigMap or Secret; comes back when the watch has told of it. */
  readonly put: (kind: 'configMaps' | 'secrets', name: string, object: JsonObject) => Promise<void>;
  readonly main: () => Promise<KubeObject>;
  readonly change: (body: JsonObject) => Promise<KubeObject>;
  readonly look: () => Promise<Handled | undefined>;
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly labels?: JsonObject;
  /** Kinds that Serin may not list. */
  readonly forbidden?: readonly string[];
}

/** Comes back when all that is waited for has gone its way: nothing here takes time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function configRig(
  deployment: JsonObject,
  { labels = { 'serin.dev/mode': 'canary' }, forbidden = [] }: Options = {},
): Promise<ConfigRig> {
  const [kube, clock] = [memoryKube(), virtualClock()];
  const warned: string[] = [];
  const heard = new Map<string, (event: WatchEvent) => void>();
  const following: Kube = {
    ...kube,
    list: (resource, scope) => {
      if (!forbidden.includes(resource.plural)) return kube.list(resource, scope);
      return Promise.reject(new SerinError('KUBE_FORBIDDEN', `may not list ${resource.plural}`));
    },
    async *watch(resource, _scope, signal) {
      while (!signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<WatchEvent | undefined>();
        heard.set(resource.plural, resolve);
        signal.addEventListener('abort', () => resolve(undefined), { once: true });
        const event = await promise;
        if (event !== undefined) yield event;
      }
    },
  };
  const watch = new ConfigWatch({
    ...{ kube: following, clock, random: () => 0.5 },
    digester: async () => digester(new Uint8Array(32)),
    warn: (_, message) => warned.push(message),
    onChange: () => undefined,
    onReady: () => undefined,
  });
  const releases = new ConfigReleases(watch);
  await kube.create(resources.namespaces, undefined, { metadata: { name: 'shop', labels } });
  await kube.create(resources.deployments, 'shop', deployment);
  const stopping = new AbortController();
  const running = watch.run(stopping.signal);
  await settled();
  const copyOf = async (resource: Resource): Promise<Store> => {
    const store = new Store();
    for (const object of (await kube.list(resource, {}))?.items ?? []) store.put(object);
    return store;
  };
  const main = async (): Promise<KubeObject> => {
    const found = await kube.get(resources.deployments, 'shop', 'web');
    if (found === undefined) throw new Error('no Deployment web');
    return found;
  };
  return {
    ...{ kube, clock, warned, main },
    put: async (kind, name, more) => {
      const resource = resources[kind];
      const before = await kube.get(resource, 'shop', name);
      const metadata = { name, namespace: 'shop' };
      const object =
        before === undefined
          ? await kube.create(resource, 'shop', { metadata, ...more })
          : await kube.patch(resource, 'shop', name, { type: 'merge', body: more });
      heard.get(resource.plural)?.({ type: 'MODIFIED', object });
      await settled();
    },
    change: (body) => kube.patch(resources.deployments, 'shop', 'web', { type: 'merge', body }),
    look: async () => {
      const around = {
        ...{ kube, clock, home: 'serin-system' },
        namespaces: await copyOf(resources.namespaces),
        settings: await copyOf(resources.configMaps),
      };
      return releases.look(around, await main());
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
