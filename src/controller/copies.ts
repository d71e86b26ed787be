import type { Clock, Random } from '../clock.ts';
import { Copy } from '../kube/copy.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../kube/objects.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import type { StoreView } from '../kube/store.ts';
import { kept } from './kept.ts';

/** What watches keep of the cluster, with our own writes in it: a look reads nothing else of these kinds. */
export interface Copies {
  readonly deployments: StoreView;
  readonly services: StoreView;
  readonly scalers: StoreView;
  readonly namespaces: StoreView;
  /** The ConfigMaps called `serin`. */
  readonly settings: StoreView;
  /** Undefined where Istio is not installed. */
  readonly virtualServices: () => readonly KubeObject[] | undefined;
}

/** A kind that is followed. */
export interface Followed {
  readonly resource: Resource;
  readonly reflector: Reflector;
  readonly copy: Copy;
}

type Options = Pick<ReflectorOptions, 'onChange' | 'absentAgainMs'> & { readonly fieldSelector?: string };

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

  follow(resource: Resource, { onChange, absentAgainMs, fieldSelector }: Options): Followed {
    const project = kept[resource.plural];
    const parts: { copy?: Copy } = {};
    const reflector = createReflector({
      ...{ ...this.#around, resource },
      scope: fieldSelector === undefined ? {} : { fieldSelector },
      ...(absentAgainMs === undefined ? {} : { absentAgainMs }),
      ...(project === undefined ? {} : { project }),
      onList: (begunAt) => parts.copy?.listed(begunAt),
      onChange: (key, object, previous) => {
        parts.copy?.heard(key, object, previous);
        onChange(key, object, previous);
      },
    });
    const copy = new Copy(reflector.store, project);
    parts.copy = copy;
    const followed = { resource, reflector, copy };
    this.all.push(followed);
    return followed;
  }

  copyOf(resource: Resource): Copy | undefined {
    return this.all.find(
      ({ resource: { group, plural } }) => plural === resource.plural && group === resource.group,
    )?.copy;
  }
}

/** Where a kind that is not installed is asked for again: rarely, since an idle controller makes no calls. */
export const absentAgainMs = 300_000;

/** The copies of what is followed. */
export function copiesOf(following: Following, virtualServices: Followed): Copies {
  const copyOf = (resource: Resource): Copy => {
    const copy = following.copyOf(resource);
    if (copy === undefined) throw new Error(`${resource.plural} are not followed`);
    return copy;
  };
  return {
    deployments: copyOf(resources.deployments),
    services: copyOf(resources.services),
    scalers: copyOf(resources.horizontalPodAutoscalers),
    namespaces: copyOf(resources.namespaces),
    settings: copyOf(resources.configMaps),
    virtualServices: () => (virtualServices.reflector.isInstalled ? virtualServices.copy.list() : undefined),
  };
}
