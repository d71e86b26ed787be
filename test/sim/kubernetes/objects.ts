// The kinds that the models act on, with the fields they act on. Everything else of an object passes through unread.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { kinds } from '../api/kinds.ts';
import type { SimApi } from '../api/types.ts';

export type Labels = Readonly<Record<string, string>>;
type IntOrPercent = number | string;

export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
};

export type Template = { readonly metadata?: { readonly labels?: Labels }; readonly spec: PodSpec };

type PodSpec = {
  readonly nodeName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
};

export type Deployment = KubeObject & {
  readonly spec: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly selector: JsonObject;
    readonly template: Template;
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly progressDeadlineSeconds?: number;
    readonly strategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxSurge?: IntOrPercent; readonly maxUnavailable?: IntOrPercent };
    };
  };
  readonly status?: DeploymentStatus;
};

export type Counts = {
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly terminatingReplicas?: number;
};

export type DeploymentStatus = Counts & {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly collisionCount?: number;
};

export type ReplicaSet = KubeObject & {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly selector: JsonObject;
    readonly template: Template;
  };
  readonly status?: {
    readonly replicas: number;
    readonly fullyLabeledReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly terminatingReplicas?: number;
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
};

export type Pod = KubeObject & { readonly spec: PodSpec; readonly status?: PodStatus };

export type PodStatus = {
  readonly phase?: string;
  readonly podIP?: string;
  readonly conditions?: readonly PodCondition[];
  readonly containerStatuses?: readonly ContainerStatus[];
};

type PodCondition = {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
};

type ContainerStatus = {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly state: JsonObject;
  readonly lastState?: JsonObject;
};

type Owner = { readonly kind: string; readonly name: string; readonly uid: string };

/** The owner that controls an object. */
export function controllerOf({ metadata }: KubeObject): Owner | undefined {
  const owners = (metadata['ownerReferences'] ?? []) as readonly (Owner & {
    readonly controller?: boolean;
  })[];
  return owners.find(({ controller }) => controller === true);
}

/** The reference by which an object is controlled. */
export function controlledBy({ kind, apiVersion, metadata }: JsonObject & KubeObject): JsonObject {
  const { name, uid } = metadata;
  const [said, version] = [kind ?? '', apiVersion ?? ''];
  return { apiVersion: version, kind: said, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Whether its deletion has begun. */
export function isLeaving({ metadata }: KubeObject): boolean {
  return metadata['deletionTimestamp'] !== undefined;
}

/** `namespace/name`. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

interface Shapes {
  readonly deployments: Deployment;
  readonly replicaSets: ReplicaSet;
  readonly pods: Pod;
}

type Kind = keyof typeof kinds;
type Shape<K extends Kind> = K extends keyof Shapes ? Shapes[K] : KubeObject;

/** The newest version of what a key names. */
export function objectOf<K extends Kind>(api: SimApi, kind: K, key: string): Shape<K> | undefined {
  const slash = key.indexOf('/');
  return api.get(kinds[kind], key.slice(0, slash), key.slice(slash + 1)) as Shape<K> | undefined;
}

/** All objects of a kind in the namespace of a key. */
export function neighbours<K extends Kind>(api: SimApi, kind: K, key: string): readonly Shape<K>[] {
  return api.list(kinds[kind], key.slice(0, key.indexOf('/'))) as readonly Shape<K>[];
}

/** A time as objects carry it: whole seconds. */
export function stamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== stamped.second) stamped = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return stamped.text;
}

/** Many are of the same second. */
let stamped = { second: Number.NaN, text: '' };

/** The time of such a stamp, 0 where there is none. */
export function timeOf(json: Json | undefined): number {
  return typeof json === 'string' ? Date.parse(json) : 0;
}
