// The shop that a mesh is observed on: two Deployments, their Services, and a route that divides between them.
import { objectAt } from '../../../src/routing/json.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { MeshCluster } from '../cluster.ts';
import { shop } from '../shop.ts';

/** What each observation is asked by. */
export const hostOf = ({ namespace }: MeshCluster): string => `${namespace}.example.com`;

const gateways = {
  group: 'networking.istio.io',
  version: 'v1',
  plural: 'gateways',
  kind: 'Gateway',
  namespaced: true,
} as const;

/** `web` and `web-canary`, each a Deployment behind a Service of its name, and a route at the gateway. */
export async function shopWith(cluster: MeshCluster, ...http: readonly JsonObject[]): Promise<void> {
  const { create } = cluster;
  for (const name of ['web', 'web-canary']) {
    await create(kinds.deployments, shop({ name, spec: { replicas: 1 } }));
    await create(kinds.services, service(name));
  }
  await create(gateways, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'shop' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ hosts: [hostOf(cluster)], port: { number: 80, name: 'http', protocol: 'HTTP' } }],
    },
  });
  await create(kinds.virtualServices, virtualService(cluster, http));
  await cluster.until('both to be ready', async () => {
    const ready = await cluster.list(kinds.deployments);
    return ready.every(({ status }) => objectAt({ status: status ?? {} }, 'status')['readyReplicas'] === 1);
  });
  await cluster.pass(1000);
}

function service(name: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
}

function virtualService(cluster: MeshCluster, http: readonly JsonObject[]): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'shop' },
    spec: { hosts: [hostOf(cluster)], gateways: ['shop'], http },
  };
}

export const to = (host: string, more: JsonObject = {}): JsonObject => ({ destination: { host }, ...more });
export const onlyTo = (destination: JsonObject): JsonObject => ({ route: [{ destination }] });

/** Routes so, and asks for a while: which answers come at all. */
export async function answersOf(
  cluster: MeshCluster,
  ...http: readonly JsonObject[]
): Promise<readonly string[]> {
  await shopWith(cluster, ...http);
  return Object.keys(await cluster.send(hostOf(cluster), 50, 1)).sort();
}

export const total = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((sum, value) => sum + value, 0);

/** The same shop with other routes: which answers come. */
export async function rerouted(
  cluster: MeshCluster,
  ...http: readonly JsonObject[]
): Promise<readonly string[]> {
  await cluster.ask({
    verb: 'patch',
    patchType: 'merge',
    resource: kinds.virtualServices,
    name: 'shop',
    body: { spec: { http } },
  });
  await cluster.pass(1000);
  return Object.keys(await cluster.send(hostOf(cluster), 50, 1)).sort();
}

export const scaling = (replicas: number) =>
  ({
    verb: 'patch',
    patchType: 'merge',
    resource: kinds.deployments,
    name: 'web',
    body: { spec: { replicas } },
  }) as const;

/** Scales `web`, and waits until its pods are so many and everybody knows. */
export async function scale(cluster: MeshCluster, replicas: number): Promise<void> {
  await cluster.ask(scaling(replicas));
  await cluster.until(
    'the pods',
    async () => (await cluster.list(kinds.pods, 'app=web')).length === replicas,
  );
  await cluster.pass(1000);
}
