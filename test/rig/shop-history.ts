// Everything that became of the shop's objects, as anybody who may watch them sees it.
import type { KubeObject } from '../../src/kube/objects.ts';
import { listAt, numberAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { Api, ApiObject } from './api.ts';

/** One version of one object. */
export interface Sight {
  /** etcd counts all writes with one number: versions of different kinds are in the order of the writes. */
  readonly version: number;
  readonly kind: 'Deployment' | 'VirtualService' | 'Pod';
  readonly name: string;
  readonly isGone: boolean;
  readonly object: KubeObject;
}

const collections = {
  Deployment: '/apis/apps/v1/namespaces/shop/deployments',
  VirtualService: '/apis/networking.istio.io/v1/namespaces/shop/virtualservices',
  Pod: '/api/v1/namespaces/shop/pods',
} as const;

/** Follows the Deployments, VirtualServices and Pods of the shop; answers all that was seen after a version, in order. */
export function followShop(api: Api, signal: AbortSignal): (after: number) => readonly Sight[] {
  const seen = new Map<string, Sight>();
  for (const kind of ['Deployment', 'VirtualService', 'Pod'] as const) {
    const add = (object: KubeObject, isGone: boolean): void => {
      const { name, resourceVersion } = object.metadata;
      const version = Number(resourceVersion);
      seen.set(`${kind} ${name} ${version}`, { version, kind, name, isGone, object });
    };
    api.follow<KubeObject & ApiObject>(
      collections[kind],
      {
        list: (items) => items.forEach((item) => add(item, false)),
        change: (type, object) => add(object, type === 'DELETED'),
      },
      signal,
    );
  }
  return (after) =>
    [...seen.values()].filter(({ version }) => version > after).sort((a, b) => a.version - b.version);
}

/** The last sight of a Deployment before `version`. */
export function deploymentBefore(sights: readonly Sight[], version: number, name: string): KubeObject {
  const found = sights.findLast(
    (sight) => sight.kind === 'Deployment' && sight.name === name && sight.version < version,
  );
  if (found === undefined) throw new Error(`no Deployment ${name} was seen before version ${version}`);
  return found.object;
}

/** The percent of the traffic that each version of VirtualService shop gave the twin. */
export function weightsIn(sights: readonly Sight[]): readonly { version: number; weight: number }[] {
  return sights
    .filter(({ kind, name }) => kind === 'VirtualService' && name === 'shop')
    .map(({ version, object }) => ({ version, weight: weightOf(object) }));
}

function weightOf(virtualService: KubeObject): number {
  const primary = listAt(virtualService['spec'], 'http').find((each) => textAt(each, 'name') === 'primary');
  const destinations = listAt(primary, 'route');
  const twin = destinations.find((each) =>
    textAt(objectAt(each, 'destination'), 'host')?.includes('-canary'),
  );
  return twin === undefined ? 0 : (numberAt(twin, 'weight') ?? 100);
}

/** What a Deployment says of its pods. */
export function podsOf(deployment: KubeObject) {
  const status = deployment['status'];
  const count = (field: string): number => numberAt(status, field) ?? 0;
  return {
    wanted: numberAt(deployment['spec'], 'replicas') ?? 1,
    isCurrent: count('observedGeneration') === deployment.metadata.generation,
    total: count('replicas'),
    updated: count('updatedReplicas'),
    ready: count('readyReplicas'),
    available: count('availableReplicas'),
  };
}

export function isHeld(deployment: KubeObject): boolean {
  return objectAt(deployment, 'spec')['paused'] === true;
}

/** The version of the first sight that is so; throws where there is none. */
export function first(sights: readonly Sight[], what: string, holds: (sight: Sight) => boolean): number {
  const found = sights.find(holds);
  if (found === undefined) throw new Error(`never seen: ${what}`);
  return found.version;
}

/** The first version of the VirtualService whose weight is so; throws where there is none. */
export function firstWeight(
  sights: readonly Sight[],
  what: string,
  holds: (weight: number) => boolean,
): number {
  const found = weightsIn(sights).find(({ weight }) => holds(weight));
  if (found === undefined) throw new Error(`never seen: ${what}`);
  return found.version;
}

/** When the twin first lost anything: pods it should have, a pod it had, or itself. */
export function firstLoss(sights: readonly Sight[]): number {
  let wanted = 0;
  return first(sights, 'the end of the twin', ({ kind, name, isGone, object }) => {
    if (!name.startsWith('web-canary')) return false;
    if (isGone || object.metadata['deletionTimestamp'] !== undefined) return true;
    if (kind !== 'Deployment') return false;
    const before = wanted;
    wanted = podsOf(object).wanted;
    return wanted < before;
  });
}
