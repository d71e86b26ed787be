// The product's interface to Kubernetes without a wire: for models and actors that live in the same place.
import { failureOfAnswer, saysNotThere } from '../../../src/kube/answer.ts';
import { callOn } from '../../../src/kube/calls.ts';
import type { Kube } from '../../../src/kube/kube.ts';
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { objectAt, textAt } from '../../../src/routing/json.ts';
import { textOf } from './frozen.ts';
import { notServed } from './refusal.ts';
import type { Answer, Call, Caller } from './types.ts';

/** Calls of `caller`, each through the same chain as one over a wire. */
export function kubeOf(call: (call: Call) => Promise<Answer>, caller: Caller): Omit<Kube, 'watch'> {
  const on = (
    verb: Call['verb'],
    resource: Resource,
    namespace: string | undefined,
    name: string | undefined,
    more: Partial<Call> = {},
  ): Call => ({ caller, verb, resource, namespace, name, subresource: undefined, query: {}, ...more });
  return {
    async get(resource, namespace, name) {
      const answer = await call(on('get', resource, namespace, name));
      return isMissing(answer)
        ? undefined
        : (succeeded('get', resource, namespace, name, answer) as KubeObject);
    },
    async list(resource, { namespace, limit, continue: page, ...selectors }) {
      const query = {
        ...selectors,
        ...(limit === undefined ? {} : { limit: String(limit) }),
        ...(page === undefined ? {} : { continue: page }),
      };
      const answer = await call(on('list', resource, namespace, undefined, { query }));
      if (isMissing(answer)) return undefined;
      const body = succeeded('list', resource, namespace, '', answer);
      const next = textAt(objectAt(body, 'metadata'), 'continue');
      return {
        items: body['items'] as unknown as readonly KubeObject[],
        resourceVersion: textAt(objectAt(body, 'metadata'), 'resourceVersion') ?? '',
        ...(next === undefined ? {} : { continue: next }),
      };
    },
    async create(resource, namespace, object) {
      const answer = await call(on('create', resource, namespace, undefined, { body: object }));
      const metadata = objectAt(object, 'metadata');
      const name = textAt(metadata, 'name') ?? textAt(metadata, 'generateName') ?? '';
      return succeeded('create', resource, namespace, name, answer) as KubeObject;
    },
    async patch(resource, namespace, name, patch, subresource) {
      const body: Json = patch.type === 'json' ? patch.ops : patch.body;
      const query = { fieldManager: caller.manager, ...(patch.type === 'apply' ? { force: 'true' } : {}) };
      const answer = await call(
        on('patch', resource, namespace, name, { subresource, patchType: patch.type, body, query }),
      );
      return succeeded('patch', resource, namespace, name, answer) as KubeObject;
    },
    async delete(resource, namespace, name, uid) {
      const body = { propagationPolicy: 'Background', preconditions: { uid } };
      const answer = await call(on('delete', resource, namespace, name, { body }));
      const now =
        answer.status === 409 ? await kubeOf(call, caller).get(resource, namespace, name) : undefined;
      if (isMissing(answer) || (answer.status === 409 && now?.metadata.uid !== uid)) return;
      succeeded('delete', resource, namespace, name, answer);
    },
    ask: (path) => Promise.reject(new Error(`the simulated API server answers no ${path}`)),
  };
}

function isMissing(answer: Answer): boolean {
  return answer.status === 404 && saysNotThere(told(answer));
}

function told(answer: Answer) {
  const { status, retryAfterSeconds, body } = answer;
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { status, headers, text: answer === notServed ? '404 page not found' : textOf(body) };
}

function succeeded(
  verb: string,
  resource: Resource,
  namespace: string | undefined,
  name: string,
  answer: Answer,
): JsonObject {
  if (answer.status < 300) return answer.body;
  throw failureOfAnswer(callOn(verb, resource, namespace, name).doing, told(answer));
}
