import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import type { KubeObject, Resource } from './objects.ts';

export type Patch =
  | { readonly type: 'json'; readonly ops: readonly PatchOp[] }
  | { readonly type: 'merge' | 'strategic'; readonly body: JsonObject }
  /** Server-side apply with our field manager, forced. */
  | { readonly type: 'apply'; readonly body: JsonObject };

export interface Scope {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface KubeList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** Where the list goes on; absent on the last page. */
  readonly continue?: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/**
 * The few calls Serin makes to the API server. Every failure is a SerinError whose code says what kind; each call has
 * a time limit of its own, so none hangs. Objects are raw JSON.
 */
export interface Kube {
  /** The object, or undefined where there is none (404: also where the kind is not installed). */
  get(resource: Resource, namespace: string | undefined, name: string): Promise<KubeObject | undefined>;
  /** One page; undefined where the kind is not installed. */
  list(
    resource: Resource,
    scope: Scope & { readonly limit?: number; readonly continue?: string },
  ): Promise<KubeList | undefined>;
  create(resource: Resource, namespace: string | undefined, object: JsonObject): Promise<KubeObject>;
  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: Patch,
    subresource?: 'status' | 'scale',
  ): Promise<KubeObject>;
  /** Deletes that very object (uid precondition), in the background; fine where it is gone already. */
  delete(resource: Resource, namespace: string | undefined, name: string, uid: string): Promise<void>;
  /** Events after `resourceVersion` until the server ends the stream; throws KUBE_GONE where that is too old. */
  watch(
    resource: Resource,
    scope: Scope & { readonly resourceVersion: string; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent>;
  /** A POST that asks rather than writes: SubjectAccessReview, TokenReview. */
  ask(path: string, body: JsonObject): Promise<Json>;
}

/** Every object of a list, page by page; undefined where the kind is not installed. */
export async function listAll(
  kube: Pick<Kube, 'list'>,
  resource: Resource,
  scope: Scope,
): Promise<readonly KubeObject[] | undefined> {
  const items: KubeObject[] = [];
  let from: string | undefined;
  do {
    const page = await kube.list(resource, {
      ...scope,
      limit: 500,
      ...(from === undefined ? {} : { continue: from }),
    });
    if (page === undefined) return undefined;
    items.push(...page.items);
    from = page.continue;
  } while (from !== undefined);
  return items;
}
