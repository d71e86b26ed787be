// The simulated kube-apiserver, and of the controller manager what belongs to every object: garbage and namespaces.
import type { Resource } from '../../../src/kube/objects.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { answered, type Desk } from './answers.ts';
import { admissionChain } from './chain.ts';
import { GarbageCollector } from './garbage.ts';
import { kindKey, kinds } from './kinds.ts';
import { kubeOf } from './kube.ts';
import { NamespaceController } from './namespaces.ts';
import { Owners } from './owners.ts';
import { Lists } from './reads.ts';
import { notServed } from './refusal.ts';
import { callOf } from './routes.ts';
import { Storage } from './storage.ts';
import type { Answer, Call, Endpoint, Mutator, SimApi } from './types.ts';
import { Watches } from './watch.ts';
import { connected } from './wire.ts';

/** An API server with the namespaces that every cluster has, and nothing else. */
export function createSimApi(time: SimTime, dice: Dice): SimApi {
  const storage = new Storage(time);
  const watches = new Watches(storage, time, dice.fork('watches'));
  const endpoints = new Map<string, readonly Endpoint[]>();
  const mutators: Mutator[] = [];
  const known = new Map<string, Resource>(Object.values(kinds).map((each) => [kindKey(each), each]));
  const listeners: ((call: Call, answer: Answer) => void)[] = [];
  const isServed = ({ resource }: Pick<Call, 'resource'>): boolean => !api.missing.has(kindKey(resource));
  const desk: Desk = {
    ...{ storage, time, dice: dice.fork('names'), owners: new Owners(), lists: new Lists(storage) },
    admission: admissionChain(
      { storage, time, dice: dice.fork('webhooks'), endpoints, permits: (asked) => api.permits(asked) },
      mutators,
    ),
    eviction: () => api.eviction,
  };
  const call = async (asked: Call): Promise<Answer> => {
    const key = kindKey(asked.resource);
    if (!known.has(key)) known.set(key, asked.resource);
    const answer = isServed(asked) ? await answered(desk, asked) : notServed;
    for (const listener of listeners) listener(asked, answer);
    return answer;
  };
  const resourceOf = (group: string, version: string, plural: string): Resource | undefined => {
    const resource = known.get(kindKey({ group, plural }));
    return resource?.version === version ? resource : undefined;
  };

  const api: SimApi = {
    get: (resource, namespace, name) => storage.get(resource, namespace, name),
    list: (resource, namespace) => storage.list(resource, namespace),
    get version() {
      return storage.version;
    },
    onWrite: (listener) => storage.onWrite(listener),
    onCall: (listener) => void listeners.push(listener),
    call,
    kube: (caller) => kubeOf(call, caller),
    connect: (caller, life, wire) =>
      connected(
        {
          ...{ time, watches, isServed, call, outage: () => api.outage },
          understand: (request) => callOf(request, caller, resourceOf),
        },
        life,
        wire,
      ),
    serve: (service, endpoint) => served(endpoints, service, endpoint),
    compact: () => storage.compact(),
    ...{ outage: undefined, missing: new Set<string>(), mutators, eviction: undefined, permits: () => false },
  };
  storage.onWrite((write) => desk.owners.follow(write));
  void new GarbageCollector({ storage, time, dice: dice.fork('garbage'), call });
  void new NamespaceController({ storage, time, dice: dice.fork('namespaces'), call });
  for (const name of ['default', 'kube-system'])
    void api.kube(system).create(kinds.namespaces, undefined, { metadata: { name } });
  return api;
}

const system = { username: 'system:apiserver', manager: 'kube-apiserver' };

function served(
  endpoints: Map<string, readonly Endpoint[]>,
  service: string,
  endpoint: Endpoint,
): () => void {
  endpoints.set(service, [...(endpoints.get(service) ?? []), endpoint]);
  return () => {
    const others = (endpoints.get(service) ?? []).filter((each) => each !== endpoint);
    endpoints.set(service, others);
  };
}
