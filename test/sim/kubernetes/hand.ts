// What a controller writes with: under its own name, and a refusal ends its look.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Answer, Call, Caller, SimApi } from '../api/types.ts';
import { Refused } from './work-queue.ts';

type Subresource = 'status' | 'scale' | 'eviction';

export class Hand {
  readonly #api: SimApi;
  readonly #caller: Caller;

  constructor(api: SimApi, caller: Caller) {
    this.#api = api;
    this.#caller = caller;
  }

  create(resource: Resource, namespace: string, body: JsonObject): Promise<KubeObject> {
    return this.#must({ verb: 'create', resource, namespace, name: undefined, subresource: undefined, body });
  }

  /** Puts the object in place of the version it was made from. */
  update<T extends KubeObject>(resource: Resource, body: T, subresource?: Subresource): Promise<T> {
    const { namespace, name } = body.metadata;
    return this.#must({ verb: 'update', resource, namespace, name, subresource, body }) as Promise<T>;
  }

  /** Deletes that very object; answers whether it was there. */
  async delete(resource: Resource, { metadata }: KubeObject, graceSeconds?: number): Promise<boolean> {
    const { namespace, name, uid } = metadata;
    const grace = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds };
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid }, ...grace };
    const answer = await this.ask({
      verb: 'delete',
      resource,
      namespace,
      name,
      subresource: undefined,
      body,
    });
    if (answer.status < 300) return true;
    if (answer.status === 404) return false;
    throw new Refused(answer.status, messageIn(answer));
  }

  /** Any call under its name, whatever the answer. */
  ask(call: Omit<Call, 'caller' | 'query'>): Promise<Answer> {
    return this.#api.call({ ...call, caller: this.#caller, query: {} });
  }

  async #must(call: Omit<Call, 'caller' | 'query'>): Promise<KubeObject> {
    const answer = await this.ask(call);
    if (answer.status >= 300) throw new Refused(answer.status, messageIn(answer));
    return answer.body as KubeObject;
  }
}

/** What the API server says of a refusal. */
export function messageIn({ body }: Answer): string {
  const message = body['message'];
  return typeof message === 'string' ? message : '';
}

/** A controller of kube-controller-manager, by its service account. */
export function controllerNamed(name: string): Caller {
  return { username: `system:serviceaccount:kube-system:${name}`, manager: 'kube-controller-manager' };
}
