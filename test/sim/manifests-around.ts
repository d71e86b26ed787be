// What stands beside the Deployment, and what stands beside the shop's first Deployment in its group.
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { isList, isObject } from '../../src/routing/json.ts';
import type { PlanText, Shop } from './history.ts';
import {
  deploymentManifest,
  httpRouteManifest,
  namespace,
  serviceManifest,
  virtualServiceManifest,
} from './manifests.ts';

/** The host of the second Service, where there is one. */
export const secondHost = 'shop-front.shop.svc.cluster.local';

/** The others of the shop's group. */
export function peersOf({ group }: Shop): readonly string[] {
  return group === undefined ? [] : ['web-b', 'web-c'].slice(0, group - 1);
}

export function hostOf(name: string): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

/** Another Deployment of the group as git has it, with its Service and a VirtualService of its own. */
export function peerManifests(
  shop: Shop,
  name: string,
  image: string,
  plan: PlanText | 'disabled' | undefined,
): readonly JsonObject[] {
  const own = [
    serviceManifest(),
    virtualServiceManifest({ ...shop, routes: 'one' }),
    deploymentManifest({ ...shop, replicas: 2 }, image, plan),
  ];
  return own.flatMap((manifest) => (manifest === undefined ? [] : [named(manifest, name)]));
}

/** The same under another name: of itself, of its pods, and of whom it routes to. */
function named(manifest: JsonObject, name: string): JsonObject {
  const renamed = (json: Json, key = ''): Json => {
    if (json === 'web' && ['name', 'app', 'host', ''].includes(key)) return name;
    if (isList(json)) return json.map((each) => renamed(each));
    if (!isObject(json)) return json;
    // The container keeps its name.
    return Object.fromEntries(
      Object.entries(json).map(([inner, value]) => [
        inner,
        inner === 'containers' ? value : renamed(value, inner),
      ]),
    );
  };
  const made = renamed(manifest);
  return isObject(made) ? made : manifest;
}

/** What stands beside the Deployment: of each kind what this shop has of it, in the order in which it is applied. */
export function surroundings(shop: Shop): readonly JsonObject[] {
  const route = virtualServiceManifest(shop) ?? httpRouteManifest(shop);
  return [
    serviceManifest(),
    ...(shop.routes === 'subsets' ? [subsetManifest()] : []),
    ...(route === undefined ? [] : [route]),
    ...(shop.secondService === true ? secondService() : []),
    ...(shop.guarded === true ? guards() : []),
  ];
}

function subsetManifest(): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace },
    spec: { host: 'web', subsets: [{ name: 'all', labels: { app: 'web' } }] },
  };
}

/** Others reach the same pods by another name. */
function secondService(): readonly JsonObject[] {
  const service = serviceManifest();
  return [
    { ...service, metadata: { name: 'shop-front', namespace } },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'shop-front', namespace },
      spec: {
        hosts: ['shop-front'],
        http: [{ route: [{ destination: { host: 'shop-front', port: { number: 80 } } }] }],
      },
    },
  ];
}

function guards(): readonly JsonObject[] {
  const podSelector = { matchLabels: { app: 'web' } };
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'web', namespace },
      spec: { podSelector, policyTypes: ['Egress'], egress: [{}] },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace },
      spec: { maxUnavailable: 1, selector: podSelector },
    },
  ];
}
