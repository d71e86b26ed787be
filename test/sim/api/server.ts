// The simulated kube-apiserver: what a call is answered with, in process or over a wire.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { isObject } from '../../../src/routing/json.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import type { AdmissionChain } from './admission.ts';
import { deleted } from './deletes.ts';
import { kindKey, kinds } from './kinds.ts';
import { kubeOf } from './kube.ts';
import { merged, patched } from './patch.ts';
import { Lists } from './reads.ts';
import { badRequest, notAllowed, notFound, notServed, Refusal } from './refusal.ts';
import { callOf } from './routes.ts';
import { Storage } from './storage.ts';
import type { Answer, Call, SimApi } from './types.ts';
import { Watches } from './watch.ts';
import { connected } from './wire.ts';
import { created, type Ground, updated } from './writes.ts';

/** An API server with the namespaces that every cluster has, and nothing else. */
export function createSimApi(time: SimTime, dice: Dice): SimApi {
  const storage = new Storage(time);
  const lists = new Lists(storage);
  const watches = new Watches(storage, time, dice.fork('watches'));
  const admission: AdmissionChain = { mutate: ({ object }) => object ?? {}, validate: () => {} };
  const ground: Ground = { storage, time, dice: dice.fork('names'), admission };
  const known = new Map<string, Resource>(Object.values(kinds).map((each) => [kindKey(each), each]));
  const listeners: ((call: Call, answer: Answer) => void)[] = [];
  const isServed = ({ resource }: Pick<Call, 'resource'>): boolean => !api.missing.has(kindKey(resource));

  const api: SimApi = {
    get: (resource, namespace, name) => storage.get(resource, namespace, name),
    list: (resource, namespace) => storage.list(resource, namespace),
    get version() {
      return storage.version;
    },
    onWrite: (listener) => storage.onWrite(listener),
    onCall: (listener) => void listeners.push(listener),
    async call(call) {
      if (!known.has(kindKey(call.resource))) known.set(kindKey(call.resource), call.resource);
      const answer = isServed(call) ? await answered(ground, lists, call) : notServed;
      for (const listener of listeners) listener(call, answer);
      return answer;
    },
    kube: (caller) => kubeOf((call) => api.call(call), caller),
    connect: (caller, life, wire) =>
      connected(
        {
          ...{ time, watches, isServed, call: (call: Call) => api.call(call), outage: () => api.outage },
          understand: (request) =>
            callOf(request, caller, (group, version, plural) => {
              const resource = known.get(kindKey({ group, plural }));
              return resource?.version === version ? resource : undefined;
            }),
        },
        life,
        wire,
      ),
    serve: () => () => {},
    compact: () => storage.compact(),
    outage: undefined,
    missing: new Set(),
  };
  return api;
}

/** The answer to a call of a kind that is there; refusals are answers too. */
async function answered(ground: Ground, lists: Lists, call: Call): Promise<Answer> {
  const warnings: string[] = [];
  try {
    switch (call.verb) {
      case 'get':
        return { status: 200, body: found(ground.storage, call), warnings };
      case 'list':
        return { status: 200, body: lists.answer(call), warnings };
      case 'create':
        return { status: 201, body: await created(ground, call, warnings), warnings };
      case 'update':
      case 'patch':
        return { status: 200, body: await updated(ground, call, warnings, changeOf(call)), warnings };
      case 'delete':
        return deleted(ground, call, warnings);
      case 'watch':
        throw notAllowed('watch without a wire');
    }
  } catch (error) {
    if (error instanceof Refusal) return { ...error.answer, warnings };
    throw error;
  }
}

function found(storage: Storage, { resource, namespace, name = '' }: Call): KubeObject {
  const object = storage.get(resource, namespace, name);
  if (object === undefined) throw notFound(resource, name);
  return object;
}

/** What a call makes of the object that is there. */
function changeOf({ verb, patchType, body = null }: Call): (before: KubeObject) => JsonObject {
  if (verb === 'update') return () => objectIn(body);
  switch (patchType) {
    case 'json':
      return (before) => patched(before, body);
    case 'merge':
      return (before) => objectIn(merged(before, objectIn(body)));
    default:
      throw badRequest(`no such patch: ${patchType ?? 'none'}`);
  }
}

function objectIn(body: Call['body']): JsonObject {
  if (isObject(body)) return body;
  throw badRequest('the body is no object');
}
