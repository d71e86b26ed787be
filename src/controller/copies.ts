import type { Clock, Random } from '../clock.ts';
import { Copy } from '../kube/copy.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../kube/objects.ts';
import { routers, type Routed } from '../kube/routers.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import type { StoreView } from '../kube/store.ts';
import { listAt, textAt } from '../routing/json.ts';
import { kept } from './kept.ts';

/** What watches keep of the cluster, with our own writes in it: a look reads nothing else of these kinds. */
export interface Copies {
  readonly deployments: StoreView;
  readonly services: StoreView;
  readonly scalers: StoreView;
  readonly namespaces: StoreView;
  /** The ConfigMaps called `serin`. */
  readonly settings: StoreView;
  /** Since when (Unix ms) a Service is known as it is. */
  readonly knownSince?: (service: KubeObject) => number | undefined;
  /** The kinds of objects that route, those that are made where none is there first. */
  readonly routeKinds: readonly RouteKind[];
}

/** A kind of objects that route. */
export interface RouteKind extends Routed {
  /** Undefined where the kind is not installed. */
  readonly objects: () => readonly KubeObject[] | undefined;
  /** Since when (Unix ms) one is known as it is. */
  readonly knownSince?: (object: KubeObject) => number | undefined;
}

/** The kinds that guard pods by their labels, or say how they are called: the twin gets shadows of them. */
export const guards: readonly Resource[] = [
  resources.networkPolicies,
  resources.podDisruptionBudgets,
  resources.authorizationPolicies,
  resources.peerAuthentications,
  resources.requestAuthentications,
  resources.podMonitors,
  resources.destinationRules,
];

/** A kind that is followed. */
export interface Followed {
  readonly resource: Resource;
  readonly reflector: Reflector;
  readonly copy: Copy;
}

type Options = Pick<ReflectorOptions, 'onChange' | 'absentAgainMs'> & {
  readonly fieldSelector?: string;
  /** True where it matters since when each version is known. */
  readonly isTimed?: true;
};

/** Follows kinds in all namespaces, each from the moment it is named; `run` begins. */
export class Following {
  readonly #around: {
    readonly kube: Kube;
    readonly clock: Clock;
    readonly random: Random;
    readonly onFailure: (error: unknown) => void;
  };
  readonly all: Followed[] = [];

  constructor(
    around: Pick<ReflectorOptions, 'kube' | 'clock' | 'random'> &
      Required<Pick<ReflectorOptions, 'onFailure'>>,
  ) {
    this.#around = around;
  }

  follow(resource: Resource, { onChange, absentAgainMs, fieldSelector, isTimed }: Options): Followed {
    const project = kept[resource.plural];
    const parts: { copy?: Copy } = {};
    const reflector = createReflector({
      ...{ ...this.#around, resource },
      scope: fieldSelector === undefined ? {} : { fieldSelector },
      ...(absentAgainMs === undefined ? {} : { absentAgainMs }),
      project: (object) => {
        parts.copy?.toldUntil(writtenAt(object));
        return project?.(object) ?? object;
      },
      onList: (begunAt) => parts.copy?.listed(begunAt),
      onChange: (key, object, previous) => {
        parts.copy?.heard(key, object, previous);
        onChange(key, object, previous);
      },
    });
    const { clock } = this.#around;
    const copy = new Copy(reflector.store, project, isTimed === true ? () => clock.now() : undefined);
    parts.copy = copy;
    const followed = { resource, reflector, copy };
    this.all.push(followed);
    return followed;
  }

  find({ group, plural }: Resource): Followed | undefined {
    return this.all.find(({ resource }) => resource.plural === plural && resource.group === group);
  }
}

/** When the object was last written, as the API server notes it (in whole seconds). */
function writtenAt({ metadata }: KubeObject): number {
  const times = listAt(metadata, 'managedFields').map((entry) => Date.parse(textAt(entry, 'time') ?? ''));
  return Math.max(...times.filter((time) => !Number.isNaN(time)));
}

/** Where a kind that is not installed is asked for again: rarely, since an idle controller makes no calls. */
export const absentAgainMs = 600_000;

/** The copies of what is followed. */
export function copiesOf(following: Following): Copies {
  const followed = (resource: Resource): Followed => {
    const found = following.find(resource);
    if (found === undefined) throw new Error(`${resource.plural} are not followed`);
    return found;
  };
  const copyOf = (resource: Resource): Copy => followed(resource).copy;
  return {
    deployments: copyOf(resources.deployments),
    services: copyOf(resources.services),
    scalers: copyOf(resources.horizontalPodAutoscalers),
    namespaces: copyOf(resources.namespaces),
    settings: copyOf(resources.configMaps),
    knownSince: (service) => copyOf(resources.services).knownSince(service),
    routeKinds: routers.map((kind) => {
      const { reflector, copy } = followed(kind.resource);
      return {
        ...kind,
        objects: () => (reflector.isInstalled ? copy.list() : undefined),
        knownSince: (object) => copy.knownSince(object),
      };
    }),
  };
}
