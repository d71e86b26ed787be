// The ports of the simulated API server.
import type { Kube } from '../../../src/kube/kube.ts';
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { Transport } from '../../../src/kube/transport.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import type { Life } from '../time.ts';

/** Who calls. */
export interface Caller {
  readonly username: string;
  /** The field manager where the request names none; the user agent in traces. */
  readonly manager: string;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** One request, understood: what a policy, a fault or a trace looks at. */
export interface Call {
  readonly caller: Caller;
  readonly verb: Verb;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: 'status' | 'scale' | 'eviction' | undefined;
  readonly patchType?: PatchType;
  readonly body?: Json;
  readonly query: Readonly<Record<string, string>>;
}

/** What a call is answered with: an object or a list, or a Status of failure, as kube-apiserver words it. */
export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** Warning headers, in order. */
  readonly warnings: readonly string[];
  readonly retryAfterSeconds?: number;
}

/** One committed write. `version` is etcd's: one count for all kinds. */
export interface Write {
  readonly version: number;
  readonly at: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: Resource;
  /** As it is now; for DELETED as it was last. Deeply frozen: never changed, only replaced. */
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly call: Call;
}

/**
 * What becomes of a call of a client on its way, beside its latency. `crash` kills the caller before or after the call
 * took effect; `lost` applies it and never answers; `hang` neither applies nor answers.
 */
export type Fault =
  | { readonly do: 'crash'; readonly when: 'before' | 'after' }
  | { readonly do: 'lost' | 'hang' }
  /** An answer in place of the call, which is not done. */
  | {
      readonly do: 'refuse';
      readonly status: number;
      readonly reason: string;
      readonly retryAfterSeconds?: number;
    }
  | { readonly do: 'delay'; readonly ms: number };

/** The wire between one process and the API server. All times in ms; may be changed while it is in use. */
export interface Wire {
  /** Of each way of a call. */
  latency: () => number;
  /**
   * Of each event of a watch beyond the last one's: they never overtake each other. `write` is what the event tells of;
   * a bookmark tells of none.
   */
  lag: (write?: Write) => number;
  /** Asked about every call as it leaves. */
  fault: (call: Call) => Fault | undefined;
  /** Breaks every open watch: as a connection that is cut (`reset`), or one that stays silent for ever (`stall`). */
  breakWatches(how: 'reset' | 'stall'): void;
  /** While true no call and no event gets through, either way. */
  isCut: boolean;
}

/** Answers an AdmissionReview: the HTTP status and body, or undefined where it never answers (nobody listens, or it hangs). */
export type Admission = (
  review: JsonObject,
  path?: string,
) => Promise<{ readonly status: number; readonly body: string } | undefined>;

/** One replica behind the Service that a webhook configuration names. */
export interface Endpoint {
  /** PEM of the serving certificate it shows now. */
  readonly certificate: () => string;
  readonly answer: Admission;
}

/** A mutating webhook of somebody else, in process. */
export interface Mutator {
  /** Of its configuration: they are asked in the order of these names, among those that are stored. */
  readonly name: string;
  /** Asked again where another changed the object after it (reinvocationPolicy IfNeeded). */
  readonly isAgain: boolean;
  /** What it makes of the object; undefined where it leaves it alone. */
  readonly change: (
    call: Call,
    object: JsonObject,
    oldObject: JsonObject | undefined,
  ) => JsonObject | undefined;
}

interface Permission {
  readonly username: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
}

export interface SimApi {
  /** Newest version of every object; for models, invariants and tests, which need no wire. */
  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined;
  list(resource: Resource, namespace?: string): readonly KubeObject[];
  /** The newest version that was written. */
  readonly version: number;
  /** Told of each write right after it was committed, in order; must not throw. */
  onWrite(listener: (write: Write) => void): void;
  /** Told of every call with its answer, reads and refused ones too. */
  onCall(listener: (call: Call, answer: Answer) => void): void;
  /** One call, without a wire: admission, validation, storage. Resolves at once but where a webhook is asked. */
  call(call: Call): Promise<Answer>;
  /** The same as the product's interface, without a wire and without serialising; throws SerinError. `watch` is not offered. */
  kube(caller: Caller): Omit<Kube, 'watch'>;
  /** What a process of Serin gets: production's createKube runs on it. */
  connect(caller: Caller, life: Life, wire: Wire): Transport;
  /** Puts a replica behind the Service (`namespace/name`) of a webhook's clientConfig; answers what takes it away. */
  serve(service: string, endpoint: Endpoint): () => void;
  /** Forgets the history of writes: a watch from before is answered 410. */
  compact(): void;
  /** While set, every call over a wire is answered so (an API server that is down or overloaded). */
  outage: { readonly status: number; readonly retryAfterSeconds?: number } | undefined;
  /** Kinds that are not installed, as `virtualservices.networking.istio.io`: calls about them are answered 404. */
  readonly missing: Set<string>;
  /** Whether a user may do that, where an admission policy or a review asks; nobody may anything until it is set. */
  permits: (asked: Permission) => boolean;
  /** Webhooks of others; may be changed at any time. */
  readonly mutators: Mutator[];
  /** Asked before a pod is evicted; what it answers stands in place of the deletion (a budget that is used up). */
  eviction: ((pod: KubeObject) => Answer | undefined) | undefined;
}
