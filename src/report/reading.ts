// Reads with the rights of whoever reads: what they may not read is left out and remembered.
import { hasCode } from '../errors.ts';
import { type Kube, listAll, type Scope } from '../kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../kube/objects.ts';
import { routers } from '../kube/routers.ts';
import type { Objects } from './objects.ts';

/** Reads what may be read, and remembers what may not. */
export class Reading {
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

/** The namespace, or all. */
export function scopeOf(namespace: string | undefined): Scope {
  return namespace === undefined ? {} : { namespace };
}
