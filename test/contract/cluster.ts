// The one small interface that every observation is made through: the simulator stands behind it, or a real cluster.
import type { KubeObject, Resource } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import type { Admission, Answer, Call, PatchType } from '../sim/api/types.ts';

/** A request; as the administrator where `as` names nobody, and in the observation's namespace where the kind has any. */
export type Ask = Pick<Call, 'verb' | 'resource'> &
  Partial<Pick<Call, 'name' | 'namespace' | 'subresource' | 'patchType' | 'body' | 'query'>> & {
    readonly as?: string;
  };

export type Said = Pick<Answer, 'status' | 'body' | 'warnings'>;

/** A line of a watch: its type, and the object (of an ERROR the Status, of a BOOKMARK little more than the version). */
export interface Line {
  readonly type: string;
  readonly object: JsonObject;
}

/** What kubectl printed, and how it ended. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cluster {
  /** The observation's own, empty at the beginning. */
  readonly namespace: string;
  /** One request; answered whatever the server says. */
  readonly ask: (ask: Ask) => Promise<Said>;
  /** Creates an object of the namespace as the administrator; throws where that is refused. */
  readonly create: (resource: Resource, object: JsonObject) => Promise<KubeObject>;
  /** The object; throws where there is none. */
  readonly get: (resource: Resource, name: string) => Promise<KubeObject>;
  /** The object after a patch as the administrator; throws where that is refused. */
  readonly patch: (
    resource: Resource,
    name: string,
    patchType: PatchType,
    body: Json,
    subresource?: 'status' | 'scale',
  ) => Promise<KubeObject>;
  /** Every object of the kind in the namespace. */
  readonly list: (resource: Resource, labelSelector?: string) => Promise<readonly KubeObject[]>;
  /**
   * The lines of a watch of the kind in the namespace, begun with this query, until `isEnough` or the server ends it;
   * answers one ERROR line where the watch is refused outright.
   */
  readonly watch: (
    resource: Resource,
    query: Readonly<Record<string, string>>,
    isEnough: (lines: readonly Line[]) => boolean,
  ) => Promise<readonly Line[]>;
  /** Every version of a kind of the namespace from now on, oldest first; call what it answers for those so far. */
  readonly follow: (resource: Resource) => Promise<() => readonly KubeObject[]>;
  /** Waits until `probe` answers something other than undefined or false. */
  readonly until: <T>(what: string, probe: () => Promise<T>) => Promise<Exclude<T, undefined | false>>;
  /** Waits until nothing has been written in the namespace for a good moment: every controller has done its part. */
  readonly quiet: () => Promise<void>;
  /** Lets so much time pass. */
  readonly pass: (ms: number) => Promise<void>;
  /** `rollout status deployment/NAME --watch=false`. */
  readonly rolloutStatus: (deployment: string) => Promise<Printed>;
  /** `rollout undo deployment/NAME`. */
  readonly rolloutUndo: (deployment: string) => Promise<Printed>;
  /** Sends the admission reviews of a URL path to `answer`; the answer is what a clientConfig says to be asked there. */
  readonly serveWebhook: (answer: Admission) => Promise<JsonObject>;
}

/** A cluster with a mesh: clients send through a proxy, and Prometheus scrapes it. */
export interface MeshCluster extends Cluster {
  /** Sends requests to a host for a while; counts the answers by status and answering Deployment: `200 web`, `503 -`. */
  readonly send: (
    host: string,
    perSecond: number,
    seconds: number,
  ) => Promise<Readonly<Record<string, number>>>;
  /** The data of an instant query of Prometheus, as its API answers it; `agoMs` back in time. */
  readonly query: (promql: string, agoMs?: number) => Promise<JsonObject>;
  /** Takes Prometheus down with all it knows, and starts it empty. */
  readonly restartPrometheus: () => Promise<void>;
}

/** One thing that is so in Kubernetes and in the simulator: what it is, how it is seen, and what is seen. */
export interface Observation<C extends Cluster = Cluster> {
  readonly says: string;
  readonly scenario: (cluster: C) => Promise<unknown>;
  /** Literal: what the real one answers. */
  readonly expected: unknown;
  /** It breaks what others stand on: on a real cluster it is made after all others. */
  readonly isLast?: true;
}
