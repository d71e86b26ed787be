// A mesh on an API server that is no more than a store: for the tests of the mesh alone.
import { type KubeObject, type Resource, resources } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { kinds } from '../api/kinds.ts';
import type { SimApi, Write } from '../api/types.ts';
import { Dice } from '../dice.ts';
import { Life, SimTime, startMs } from '../time.ts';
import { startMesh } from './mesh.ts';
import type { Behaviour, Outcome } from './types.ts';

const usual: Behaviour = { errors: 0, durationMs: 20, start: 'ok', readyMs: 1000 };
const behaviours: Readonly<Record<string, Partial<Behaviour>>> = {
  'shop:bad': { errors: 0.3 },
  'shop:late': { durationMs: 2000 },
};
const call: Write['call'] = {
  caller: { username: 'test', manager: 'test' },
  verb: 'update',
  resource: resources.pods,
  namespace: 'shop',
  name: undefined,
  subresource: undefined,
  query: {},
};

/** Holds objects, and tells of their writes as the API server does. */
class Store {
  readonly #objects = new Map<string, readonly [Resource, KubeObject]>();
  readonly #listeners: ((write: Write) => void)[] = [];
  readonly #now: () => number;
  #version = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(`${resource.plural} ${namespace}/${name}`)?.[1];
  }

  list({ plural }: Resource): readonly KubeObject[] {
    return [...this.#objects.values()].filter(([each]) => each.plural === plural).map(([, object]) => object);
  }

  onWrite(listener: (write: Write) => void): void {
    this.#listeners.push(listener);
  }

  put(resource: Resource, name: string, content: JsonObject, metadata: JsonObject = {}): void {
    const previous = this.get(resource, 'shop', name);
    const version = this.#version + 1;
    const uid = previous?.metadata.uid ?? `uid-${version}`;
    const own = { name, namespace: 'shop', uid, resourceVersion: String(version), ...metadata };
    const object: KubeObject = { ...content, metadata: own };
    this.#objects.set(`${resource.plural} shop/${name}`, [resource, object]);
    this.#tell({ type: previous === undefined ? 'ADDED' : 'MODIFIED', resource, object, previous });
    this.#slice(resource);
  }

  remove(resource: Resource, name: string): void {
    const object = this.get(resource, 'shop', name);
    if (object === undefined) throw new Error(`there is no ${resource.plural} ${name}`);
    this.#objects.delete(`${resource.plural} shop/${name}`);
    this.#tell({ type: 'DELETED', resource, object, previous: object });
    this.#slice(resource);
  }

  /** Writes the endpoints of every Service anew, where pods or Services changed. */
  #slice({ plural }: Resource): void {
    if (plural !== 'pods' && plural !== 'services') return;
    for (const { spec, metadata } of this.list(kinds.services)) {
      const app = textAt(objectAt(spec, 'selector'), 'app');
      const endpoints = this.list(kinds.pods).filter((pod) => pod.metadata.labels?.['app'] === app);
      const labels = { 'kubernetes.io/service-name': metadata.name };
      this.put(kinds.endpointSlices, metadata.name, { endpoints: endpoints.map(endpointOf) }, { labels });
    }
  }

  #tell(write: Pick<Write, 'type' | 'resource' | 'object' | 'previous'>): void {
    this.#version += 1;
    for (const listener of this.#listeners)
      listener({ version: this.#version, at: this.#now(), call, ...write });
  }
}

function endpointOf({ metadata, status }: KubeObject): JsonObject {
  const isReady = listAt(status, 'conditions').some((each) => textAt(each, 'status') === 'True');
  const ready = isReady && metadata['deletionTimestamp'] === undefined;
  return { conditions: { ready }, targetRef: { uid: metadata.uid } };
}

/** A mesh with nothing in it, and words for what a shop is made of. */
export function stand(seed = 1) {
  const time = new SimTime();
  const store = new Store(() => time.now);
  const api: Pick<SimApi, 'get' | 'list' | 'onWrite'> = store;
  const mesh = startMesh({
    ...{ time, api, dice: new Dice(seed) },
    behaviourOf: (image) => ({ ...usual, ...behaviours[image] }),
  });
  const outcomes: Outcome[] = [];
  mesh.onOutcome((outcome) => outcomes.push(outcome));
  return {
    ...{ time, store, mesh, outcomes },
    fetch: mesh.prometheus(new Life(time, 'controller-0')),
    service: (name: string, ports: readonly number[] = [80]): void =>
      store.put(resources.services, name, {
        spec: { selector: { app: name }, ports: ports.map((port) => ({ port })) },
      }),
    /** A pod of the Deployment `app`. */
    pod: (name: string, app: string, { image = 'shop:1', isReady = true, metadata = {} } = {}): void =>
      store.put(
        resources.pods,
        name,
        {
          spec: { containers: [{ name: 'shop', image }] },
          status: {
            phase: 'Running',
            conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
            containerStatuses: [{ name: 'shop', state: { running: {} } }],
          },
        },
        {
          labels: { app, 'pod-template-hash': 'abc' },
          ownerReferences: [{ kind: 'ReplicaSet', name: `${app}-abc`, controller: true }],
          ...metadata,
        },
      ),
    route: (http: readonly JsonObject[], more: JsonObject = {}): void =>
      store.put(resources.virtualServices, 'shop', { spec: { hosts: ['shop.example.com'], http, ...more } }),
    /** Lets so much time pass. */
    pass: (seconds: number) => time.run(time.now + 1000 * seconds),
    /** What became of requests since `at`: counts by `result workload`. */
    counts: (since = startMs): Readonly<Record<string, number>> => {
      const sums: Record<string, number> = {};
      for (const { at, result, workload = '-', count } of outcomes) {
        if (at >= since) sums[`${result} ${workload}`] = (sums[`${result} ${workload}`] ?? 0) + count;
      }
      return sums;
    },
  };
}

/** A route to hosts with weights. */
export function weighted(weights: Readonly<Record<string, number>>, more: JsonObject = {}): JsonObject {
  const route = Object.entries(weights).map(([host, weight]) => ({ destination: { host }, weight }));
  return { route, ...more };
}
