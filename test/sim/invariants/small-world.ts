// A world small enough to write by hand: objects are put, and the invariants are told. Nothing happens in it by itself.
import { type KubeObject, type Resource } from '../../../src/kube/objects.ts';
import type { GateCall } from '../gates.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import type { Answer, Call, SimApi, Write } from '../api/types.ts';
import type { Behaviour, Outcome, SimMesh } from '../mesh/types.ts';
import { Life, SimTime } from '../time.ts';
import type { Ask, Invariant, SerinProcess, Trouble, World } from '../types.ts';

export const serin = 'system:serviceaccount:serin-system:serin';
const deploymentController = 'system:serviceaccount:kube-system:deployment-controller';

/** Who writes: a process of Serin by its name, Kubernetes itself, or a person. */
export type Who = { readonly serin: string } | 'kubernetes' | { readonly person: string };

type How = Partial<Pick<Call, 'verb' | 'patchType' | 'body' | 'subresource' | 'query'>>;

export class SmallWorld implements World {
  readonly time = new SimTime();
  readonly serin = serin;
  readonly asks: Ask[] = [];
  readonly troubles: Trouble[] = [];
  readonly settleMs = 5_000;
  readonly gates: { readonly calls: GateCall[] } = { calls: [] };
  readonly processes: readonly SerinProcess[];
  readonly behaviours = new Map<string, Partial<Behaviour>>();
  readonly api: SimApi;
  readonly mesh: SimMesh;
  readonly #objects = new Map<string, KubeObject>();
  readonly #onWrite: ((write: Write) => void)[] = [];
  readonly #onCall: ((call: Call, answer: Answer) => void)[] = [];
  readonly #onOutcome: ((outcome: Outcome) => void)[] = [];
  #version = 0;

  constructor() {
    this.processes = [
      this.#process('webhook', 'serin-w'),
      this.#process('controller', 'serin-a'),
      this.#process('controller', 'serin-b'),
    ];
    this.api = this.#makeApi();
    this.mesh = {
      load: () => {},
      streams: () => {},
      onOutcome: (listener) => this.#onOutcome.push(listener),
      rateOf: () => 0,
      propagation: { leastMs: 0, mostMs: 0 },
      prometheus: () => () => Promise.reject(new Error('there is no Prometheus here')),
      ailment: 'none',
      restartPrometheus: () => {},
    };
  }

  behaviourOf(image: string): Behaviour {
    return { errors: 0, durationMs: 20, start: 'ok', readyMs: 1_000, ...this.behaviours.get(image) };
  }

  /** What the invariants find, each sentence with the invariant's id; `end` must be called when all is over. */
  watch(invariants: readonly Invariant[]): {
    readonly broken: string[];
    readonly checked: Map<string, number>;
    end(): void;
  } {
    const broken: string[] = [];
    const checked = new Map<string, number>();
    const ends = invariants.map((each) =>
      each.watch(this, {
        checked: () => checked.set(each.id, (checked.get(each.id) ?? 0) + 1),
        broken: (what) => broken.push(`${each.id}: ${what}`),
      }),
    );
    return { broken, checked, end: () => ends.forEach((end) => end()) };
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(pathOf(resource, namespace, name));
  }

  /** Writes the object as it is given; its uid, version and generation are kept by the world. */
  put(who: Who, resource: Resource, object: JsonObject, how: How = {}): KubeObject {
    const { metadata: given } = object as KubeObject;
    const path = pathOf(resource, given.namespace, given.name);
    const previous = this.#objects.get(path);
    const version = ++this.#version;
    const metadata = {
      ...given,
      uid: previous?.metadata.uid ?? given.uid ?? `uid-${version}`,
      resourceVersion: String(version),
    };
    const next = { ...object, metadata } as KubeObject;
    this.#objects.set(path, next);
    const call = this.#call(who, resource, next, {
      verb: previous === undefined ? 'create' : 'update',
      ...how,
    });
    this.#tell({
      version,
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      resource,
      object: next,
      previous,
      call,
    });
    return next;
  }

  remove(who: Who, resource: Resource, object: KubeObject): void {
    const { namespace, name, uid } = object.metadata;
    this.#objects.delete(pathOf(resource, namespace, name));
    const call = this.#call(who, resource, object, { verb: 'delete', body: { preconditions: { uid } } });
    this.#tell({ version: ++this.#version, type: 'DELETED', resource, object, previous: object, call });
  }

  outcome(outcome: Partial<Outcome>): void {
    const whole = {
      at: this.time.now,
      host: 'shop.example.com',
      workload: undefined,
      count: 1,
      result: 'ok',
      ...outcome,
    } as const;
    for (const listener of this.#onOutcome) listener(whole);
  }

  pass(ms: number): Promise<boolean> {
    return this.time.run(this.time.now + ms);
  }

  #tell(write: Omit<Write, 'at'>): void {
    for (const listener of this.#onCall)
      listener(write.call, { status: 200, body: write.object, warnings: [] });
    for (const listener of this.#onWrite) listener({ ...write, at: this.time.now });
  }

  #call(who: Who, resource: Resource, { metadata }: KubeObject, how: How): Call {
    const caller =
      who === 'kubernetes'
        ? { username: deploymentController, manager: 'kube-controller-manager' }
        : 'serin' in who
          ? { username: serin, manager: who.serin }
          : { username: who.person, manager: 'kubectl' };
    const { namespace, name } = metadata;
    return { caller, verb: 'update', resource, namespace, name, subresource: undefined, query: {}, ...how };
  }

  #process(kind: SerinProcess['kind'], name: string): SerinProcess {
    const wire = {
      latency: () => 0,
      lag: () => 0,
      fault: () => undefined,
      breakWatches: () => {},
      isCut: false,
    };
    return { kind, name, life: new Life(this.time, name), wire };
  }

  #makeApi(): SimApi {
    const absent = (): never => {
      throw new Error('not in a small world');
    };
    return {
      get: (resource, namespace, name) => this.get(resource, namespace, name),
      list: (resource, namespace) =>
        [...this.#objects]
          .filter(([path]) =>
            path.startsWith(
              `${resource.group} ${resource.plural} ${namespace === undefined ? '' : `${namespace}/`}`,
            ),
          )
          .map(([, object]) => object),
      version: 0,
      onWrite: (listener) => this.#onWrite.push(listener),
      onCall: (listener) => this.#onCall.push(listener),
      call: absent,
      kube: absent,
      connect: absent,
      serve: absent,
      compact: absent,
      outage: undefined,
      missing: new Set(),
      mutators: [],
      eviction: undefined,
      permits: () => false,
    };
  }
}

function pathOf({ group, plural }: Resource, namespace: string | undefined, name: string): string {
  return `${group} ${plural} ${namespace ?? ''}/${name}`;
}

/** An object of a kind, as a manifest has it. */
export function manifest(
  { group, version, kind }: Resource,
  metadata: JsonObject,
  rest: { readonly [key: string]: Json } = {},
): JsonObject {
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata, ...rest };
}
