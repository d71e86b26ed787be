// What stands beside the Deployment, and what stands beside the shop's first Deployment in its group.
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { isList, isObject } from '../../src/routing/json.ts';
import type { PlanText, PolicyKind, Shop } from './history.ts';
import {
  configName,
  delegateManifest,
  deploymentManifest,
  deploymentName,
  gatewayRouteManifest,
  namespace,
  nextDoor,
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

/** What scales main by its traffic. */
export function scalerManifest({ replicas, load }: Shop): JsonObject {
  // As much as each pod has to do when the shop opens.
  const target = { type: 'AverageValue', averageValue: String(load / replicas) };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deploymentName },
      minReplicas: 2,
      maxReplicas: replicas + 2,
      metrics: [{ type: 'Pods', pods: { metric: { name: 'requests_per_second' }, target } }],
    },
  };
}

/** What stands beside the Deployment: of each kind what this shop has of it, in the order in which it is applied. */
export function surroundings(shop: Shop): readonly JsonObject[] {
  const routes = [delegateManifest(shop), virtualServiceManifest(shop) ?? gatewayRouteManifest(shop)];
  return [
    serviceManifest(),
    ...(shop.borrowed === true ? [borrower()] : []),
    ...(shop.config === true ? [configManifest('ConfigMap', 1), configManifest('Secret', 1)] : []),
    ...(shop.routes === 'subsets' ? [subsetManifest()] : []),
    ...routes.flatMap((route) => (route === undefined ? [] : [route])),
    ...(shop.secondService === true ? secondService() : []),
    ...(shop.guarded === true ? policies(['NetworkPolicy', 'PodDisruptionBudget']) : []),
    ...(shop.authorized === true
      ? policies(['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'])
      : []),
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

/** Somebody next door sends to the shop: a route that is not the shop's. */
function borrower(): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'borrower', namespace: nextDoor },
    spec: {
      hosts: ['borrower'],
      http: [
        { route: [{ destination: { host: `web.${namespace}.svc.cluster.local`, port: { number: 80 } } }] },
      ],
    },
  };
}

/** What pods read, with that content. */
export function configManifest(kind: 'ConfigMap' | 'Secret', content: number): JsonObject {
  const text = `flavour ${content}`;
  const value = kind === 'Secret' ? Buffer.from(text).toString('base64') : text;
  return { apiVersion: 'v1', kind, metadata: { name: configName, namespace }, data: { FLAVOUR: value } };
}

function policies(which: readonly PolicyKind[]): readonly JsonObject[] {
  return which.map((kind) => policyManifest(kind, 'web', 0));
}

/** A policy for main's pods; each of its editions says something else. */
export function policyManifest(kind: PolicyKind, name: string, edition: number): JsonObject {
  const { apiVersion, spec } = policySpecs[kind](edition);
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

const matchLabels = { app: 'web' };
const ofMesh = { selector: { matchLabels } };

const policySpecs: Readonly<
  Record<PolicyKind, (edition: number) => { readonly apiVersion: string; readonly spec: JsonObject }>
> = {
  NetworkPolicy: (edition) => ({
    apiVersion: 'networking.k8s.io/v1',
    spec: {
      podSelector: { matchLabels },
      policyTypes: ['Egress'],
      egress: edition === 0 ? [{}] : [{ ports: [{ protocol: 'TCP', port: 8_000 + edition }] }],
    },
  }),
  PodDisruptionBudget: (edition) => ({
    apiVersion: 'policy/v1',
    spec: { maxUnavailable: 1 + edition, selector: { matchLabels } },
  }),
  AuthorizationPolicy: (edition) => ({
    apiVersion: 'security.istio.io/v1',
    spec: {
      ...ofMesh,
      action: 'ALLOW',
      rules: [{ to: [{ operation: { ports: [String(8_080 + edition)] } }] }],
    },
  }),
  PeerAuthentication: (edition) => ({
    apiVersion: 'security.istio.io/v1',
    spec: { ...ofMesh, mtls: { mode: edition === 0 ? 'PERMISSIVE' : 'STRICT' } },
  }),
  RequestAuthentication: (edition) => ({
    apiVersion: 'security.istio.io/v1',
    spec: { ...ofMesh, jwtRules: [{ issuer: `https://issuer-${edition}.example.com` }] },
  }),
};
