// What is around a Deployment, read once with the rights of whoever asks: what may not be read is said, never guessed.
import { readScene, type Scene } from '../controller/scene.ts';
import type { Copies } from '../controller/copies.ts';
import { hasCode } from '../errors.ts';
import { type Kube, listAll, type Scope } from '../kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../kube/objects.ts';
import { routers } from '../kube/routers.ts';
import type { StoreView } from '../kube/store.ts';
import type { RolloutSpec, State } from '../rollout/types.ts';

/** Lists as the user, and remembers what they may not. */
export class Sight {
  readonly #unread = new Set<string>();
  readonly #kube: Pick<Kube, 'list' | 'get'>;

  constructor(kube: Pick<Kube, 'list' | 'get'>) {
    this.#kube = kube;
  }

  /** The kinds that may not be read, as far as they were wanted until now. */
  get unread(): readonly string[] {
    return [...this.#unread].toSorted();
  }

  /** Undefined where the kind is not installed or may not be read. */
  async list(resource: Resource, scope: Scope): Promise<readonly KubeObject[] | undefined> {
    return this.#allowed(resource, () => listAll(this.#kube, resource, scope));
  }

  async get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Promise<KubeObject | undefined> {
    return this.#allowed(resource, () => this.#kube.get(resource, namespace, name));
  }

  /** In all namespaces, or in the one where no more may be read. */
  async everywhere(resource: Resource, namespace: string): Promise<readonly KubeObject[] | undefined> {
    try {
      return await listAll(this.#kube, resource, {});
    } catch (error) {
      if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
      return this.list(resource, { namespace });
    }
  }

  async #allowed<T>({ plural }: Resource, read: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
      this.#unread.add(plural);
      return undefined;
    }
  }
}

/** What the namespace has, as the controller would have it before it. */
export async function copiesAround(sight: Sight, namespace: string): Promise<Copies> {
  const [deployments, services, scalers, settings] = await Promise.all([
    sight.list(resources.deployments, { namespace }),
    sight.list(resources.services, { namespace }),
    sight.list(resources.horizontalPodAutoscalers, { namespace }),
    sight.get(resources.configMaps, namespace, 'serin'),
  ]);
  const space = await sight.get(resources.namespaces, undefined, namespace);
  const routeKinds = await Promise.all(
    routers.map(async (kind) => {
      const objects = await sight.everywhere(kind.resource, namespace);
      return { ...kind, objects: () => objects };
    }),
  );
  return {
    deployments: viewOf(deployments ?? []),
    services: viewOf(services ?? []),
    scalers: viewOf(scalers ?? []),
    settings: viewOf(settings === undefined ? [] : [settings]),
    namespaces: viewOf(space === undefined ? [] : [space]),
    routeKinds,
  };
}

/** The Deployment as the controller would see it, with a candidate that it has not begun with. */
export function sceneOf(copies: Copies, main: KubeObject, spec: RolloutSpec): Scene {
  return readScene(copies, main, untried, spec);
}

const untried: State = {
  ...{ v: 1, phase: 'Pending', revision: '', stableRevision: '', actor: '', ownPause: false },
};

function viewOf(objects: readonly KubeObject[]): StoreView {
  return {
    get: (namespace, name) =>
      objects.find(
        ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === (namespace ?? ''),
      ),
    list: () => objects,
    inNamespace: (namespace) => objects.filter(({ metadata }) => metadata.namespace === namespace),
  };
}
