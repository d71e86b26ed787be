// What stands in the cluster before anything happens: the manifests of Serin as they are shipped, and a shop as its owner
// keeps it in git.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import type { PlanText, Shop } from './history.ts';

/** Of these kinds the simulated API server makes something. */
const installed = [
  'Namespace',
  'Service',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
];

let base: readonly JsonObject[] | undefined;
let policies: readonly JsonObject[] | undefined;

/** The objects of Serin's installation that the simulation knows; read once in the life of this process. */
export function serinManifests(withPolicies: boolean): readonly JsonObject[] {
  base ??= readAll('base');
  policies ??= readAll('policies');
  return withPolicies ? [...base, ...policies] : base;
}

const manifests = join(import.meta.dirname, '../../manifests');

function readAll(folder: string): readonly JsonObject[] {
  const files = readdirSync(join(manifests, folder)).sort();
  return files.filter((file) => file !== 'kustomization.yaml').flatMap((file) => read(join(folder, file)));
}

function read(path: string): readonly JsonObject[] {
  const text = readFileSync(join(manifests, path), 'utf8');
  const documents = parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
  return documents.filter(({ kind }) => typeof kind === 'string' && installed.includes(kind));
}

export const namespace = 'shop';
/** A namespace that Serin has nothing to do with. */
export const nextDoor = 'plain';
export const deploymentName = 'web';
/** The ConfigMap and the Secret that pods read, where they do. */
export const configName = 'web-config';
/** The VirtualService that a part of the routes is delegated to. */
const delegateName = 'web-routes';
/** The host that the shop's Service has in the mesh. */
export const host = 'web.shop.svc.cluster.local';
export const firstImage = 'shop:good-1';

/** A Deployment of the same name next door, with no plan. */
export function nextDoorManifest(shop: Shop): JsonObject {
  const manifest = deploymentManifest({ ...shop, replicas: 1 }, firstImage, undefined);
  return { ...manifest, metadata: { name: deploymentName, namespace: nextDoor } };
}

/** A namespace with or without canaries. */
export function namespaceManifest(name: string, isCanary: boolean): JsonObject {
  const labels = { 'kubernetes.io/metadata.name': name, ...(isCanary ? { 'serin.dev/mode': 'canary' } : {}) };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** The Deployment as git has it. */
export function deploymentManifest(
  shop: Shop,
  image: string,
  plan: PlanText | 'disabled' | undefined,
): JsonObject {
  const annotations = plan === undefined ? {} : { 'serin.dev/canary': planText(plan) };
  const labels = { app: 'web' };
  const own = shop.group === undefined ? annotations : { ...annotations, 'serin.dev/group': 'shop' };
  const reads = shop.config === true;
  const container = {
    name: 'web',
    image,
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 2 },
    ...(reads ? { envFrom: [{ configMapRef: { name: configName } }] } : {}),
  };
  const volumes = [{ name: 'keys', secret: { secretName: configName } }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: deploymentName, namespace, labels, annotations: own },
    spec: {
      replicas: shop.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [container], ...(reads ? { volumes } : {}) },
      },
    },
  };
}

export function serviceManifest(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
}

const webDestination = { host: 'web', port: { number: 80 } };
const toWeb = { destination: webDestination };
const nextDoorDestination = { host: `web.${nextDoor}.svc.cluster.local`, port: { number: 80 } };
const toNextDoor = { destination: nextDoorDestination, weight: 80 };
const toNextDoorToo = {
  destination: nextDoorDestination,
  weight: 20,
  headers: { request: { set: { 'x-new': 'yes' } } },
};
const retries = { attempts: 2, perTryTimeout: '3s', retryOn: 'connect-failure,refused-stream' };

const routesOf: Readonly<Record<Shop['routes'], readonly Json[] | undefined>> = {
  none: undefined,
  'http-route': undefined,
  'grpc-route': undefined,
  layers: [{ route: [toWeb] }],
  delegate: [
    { name: 'api', match: [{ uri: { prefix: '/api' } }], route: [toWeb] },
    { name: 'shop', match: [{ uri: { prefix: '/' } }], delegate: { name: delegateName, namespace } },
  ],
  subsets: [
    {
      name: 'team',
      match: [{ headers: { 'x-team': { exact: 'shop' } } }, { uri: { prefix: '/team' } }],
      route: [{ destination: { ...webDestination, subset: 'all' }, weight: 100 }],
    },
    { route: [{ destination: { ...webDestination, subset: 'all' } }], timeout: '9s' },
  ],
  one: [{ route: [toWeb] }],
  two: [
    { name: 'api', match: [{ uri: { prefix: '/api' } }], route: [toWeb], timeout: '5s' },
    { name: 'primary', route: [toWeb], retries },
  ],
  rich: [
    {
      name: 'internal',
      match: [{ headers: { 'x-team': { exact: 'shop' } } }],
      route: [{ ...toWeb, headers: { response: { set: { 'x-served-by': 'shop' } } } }],
      corsPolicy: { allowOrigins: [{ exact: 'https://shop.example.com' }] },
    },
    { name: 'old', match: [{ uri: { prefix: '/old' } }], redirect: { uri: '/' } },
    // The Service of that name next door is nobody's of this shop.
    { name: 'plain', match: [{ uri: { prefix: '/plain' } }], route: [toNextDoor, toNextDoorToo] },
    { name: 'primary', route: [{ ...toWeb, weight: 100 }], retries, timeout: '10s' },
  ],
};

/** The VirtualService as git has it; undefined where the shop has none. */
export function virtualServiceManifest({ routes }: Shop): JsonObject | undefined {
  const http = routesOf[routes];
  if (http === undefined) return undefined;
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace, ...(routes === 'rich' ? { labels: { team: 'shop' } } : {}) },
    spec: { hosts: ['web'], http, ...(routes === 'layers' ? below : {}) },
  };
}

const below = {
  tls: [{ match: [{ port: 443, sniHosts: ['web.example.com'] }], route: [{ ...toWeb, weight: 100 }] }],
  tcp: [{ match: [{ port: 9_000 }], route: [toWeb] }],
};

/** What a part of the routes is delegated to; undefined where it is not. */
export function delegateManifest({ routes }: Shop): JsonObject | undefined {
  if (routes !== 'delegate') return undefined;
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: delegateName, namespace },
    spec: {
      http: [
        { name: 'cart', match: [{ uri: { prefix: '/cart' } }], route: [toWeb], timeout: '5s' },
        { name: 'rest', route: [toWeb], retries },
      ],
    },
  };
}

/** The HTTPRoute or GRPCRoute as git has it, for the Service itself (GAMMA); undefined where the shop has none. */
export function gatewayRouteManifest({ routes }: Shop): JsonObject | undefined {
  if (routes !== 'http-route' && routes !== 'grpc-route') return undefined;
  const backend = { group: '', kind: 'Service', name: 'web', port: 80 };
  const route = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: routes === 'http-route' ? 'HTTPRoute' : 'GRPCRoute',
    metadata: { name: 'web', namespace },
  };
  const parentRefs = [backend];
  if (routes === 'grpc-route') {
    const cart = {
      matches: [{ method: { service: 'shop.Cart' } }],
      backendRefs: [{ ...backend, weight: 7 }],
    };
    return { ...route, spec: { parentRefs, rules: [cart, { backendRefs: [backend] }] } };
  }
  return {
    ...route,
    spec: {
      parentRefs,
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
          backendRefs: [{ ...backend, weight: 3 }],
          timeouts: { request: '5s' },
        },
        { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ ...backend, weight: 1 }] },
      ],
    },
  };
}

/** A namespace's defaults. */
export function configMapManifest(plan: PlanText): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'serin', namespace },
    data: { 'canary.yaml': planText(plan) },
  };
}

export function planText(plan: PlanText | 'disabled'): string {
  return plan === 'disabled' ? plan : JSON.stringify(plan);
}
