// A cluster for the tests of its models: an API server, the models, a namespace, and a shop in it.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import { listAt, objectAt } from '../../../src/routing/json.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { shop } from '../../contract/shop.ts';
import { kinds } from '../api/kinds.ts';
import { createSimApi } from '../api/server.ts';
import type { Call, SimApi } from '../api/types.ts';
import { Dice } from '../dice.ts';
import type { Behaviour } from '../mesh/types.ts';
import { SimTime } from '../time.ts';
import { type SimKubernetes, startKubernetes } from './kubernetes.ts';
import type { Deployment, Pod } from './objects.ts';
import { isActive, isReady } from './readiness.ts';

const namespace = 'shop';
const starts: Readonly<Record<string, Behaviour['start']>> = {
  crash: 'crash',
  missing: 'missing',
  never: 'never',
};

export class TestCluster {
  readonly time = new SimTime();
  readonly api: SimApi;
  readonly kubernetes: SimKubernetes;
  /** Every call so far, as `verb plural[/subresource] by user`. */
  readonly calls: string[] = [];

  constructor(seed = 1) {
    const dice = new Dice(seed);
    this.api = createSimApi(this.time, dice.fork('api'));
    this.api.onCall(({ verb, resource, subresource, caller }) => {
      const what = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
      this.calls.push(`${verb} ${what} by ${caller.username}`);
    });
    this.kubernetes = startKubernetes({
      ...{ time: this.time, dice: dice.fork('kubernetes'), api: this.api },
      behaviourOf: (image) => ({
        ...{ errors: 0, durationMs: 3, readyMs: 2_000 },
        start: starts[image.slice('shop:'.length)] ?? 'ok',
      }),
    });
  }

  /** Opens the shop with so many pods, and waits until it is at rest. */
  async open(replicas: number, tag = '1'): Promise<void> {
    await this.create(kinds.namespaces, { metadata: { name: namespace } });
    await this.create(kinds.services, {
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await this.create(kinds.deployments, shop({ tag, spec: { replicas } }));
    await this.pass(30);
  }

  async create(resource: Resource, body: JsonObject): Promise<void> {
    await this.#call({ verb: 'create', resource, body });
  }

  async patch(resource: Resource, name: string, body: Json): Promise<void> {
    await this.#call({ verb: 'patch', patchType: 'strategic', resource, name, body });
  }

  async #call(call: Pick<Call, 'verb' | 'resource'> & Partial<Call>): Promise<void> {
    const within = call.resource.namespaced ? namespace : undefined;
    const blank = { namespace: within, name: undefined, subresource: undefined, query: {} };
    const answer = await this.api.call({
      ...blank,
      ...call,
      caller: { username: 'ann', manager: 'kubectl' },
    });
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  }

  async pass(seconds: number): Promise<void> {
    await this.time.run(this.time.now + seconds * 1000);
  }

  get deployment(): Deployment {
    return this.api.get(kinds.deployments, namespace, 'web') as Deployment;
  }

  get pods(): readonly Pod[] {
    return this.api.list(kinds.pods, namespace) as readonly Pod[];
  }

  /** Pods that serve. */
  get ready(): number {
    return this.pods.filter((pod) => isActive(pod) && isReady(pod)).length;
  }

  /** Endpoints that are sent to. */
  get endpoints(): number {
    const slices: readonly KubeObject[] = this.api.list(kinds.endpointSlices, namespace);
    return slices
      .flatMap((slice) => listAt(slice, 'endpoints'))
      .filter((endpoint) => objectAt(endpoint, 'conditions')['ready'] === true).length;
  }
}
