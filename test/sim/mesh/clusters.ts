// What Envoy calls clusters: a Service and its endpoints, and their subsets.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import { labelsIn, selectorMatches, serviceSelector } from '../../../src/routing/selectors.ts';
import { servicePorts } from '../../../src/routing/service.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { fullHost } from './hosts.ts';
import type { MeshPod } from './pods.ts';

export const destinationRules: Resource = {
  group: 'networking.istio.io',
  version: 'v1',
  plural: 'destinationrules',
  kind: 'DestinationRule',
  namespaced: true,
};

export interface Cluster {
  readonly host: string;
  readonly ports: readonly number[];
  readonly endpoints: readonly MeshPod[];
  readonly subsets: ReadonlyMap<string, readonly MeshPod[]>;
}

/** By the full name of the Service. */
export type Clusters = ReadonlyMap<string, Cluster>;

/** Every Service with its endpoints as they are now. */
export function clustersOf(
  services: readonly KubeObject[],
  rules: readonly KubeObject[],
  pods: Iterable<MeshPod>,
): Clusters {
  const all = [...pods];
  return new Map(
    services.map((service) => {
      const { name, namespace = '' } = service.metadata;
      const host = fullHost(name, namespace);
      const endpoints = endpointsOf(service, all);
      const ports = servicePorts(service).map(({ port }) => port);
      return [host, { host, ports, endpoints, subsets: subsetsOf(host, rules, endpoints) }];
    }),
  );
}

/** True where a proxy would see no difference. */
export function isSameClusters(one: Clusters, other: Clusters): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([host, cluster]) => {
    const found = other.get(host);
    return (
      found !== undefined &&
      isSameList(cluster.ports, found.ports) &&
      isSameList(cluster.endpoints, found.endpoints) &&
      isSameList([...cluster.subsets.keys()], [...found.subsets.keys()]) &&
      [...cluster.subsets].every(([name, pods]) => isSameList(pods, found.subsets.get(name) ?? []))
    );
  });
}

function endpointsOf(service: KubeObject, pods: readonly MeshPod[]): readonly MeshPod[] {
  const selector = serviceSelector(service);
  if (selector === undefined) return [];
  const isUnready = objectAt(service, 'spec')['publishNotReadyAddresses'] === true;
  return pods.filter(
    ({ namespace, labels, isReady }) =>
      (isReady || isUnready) && namespace === service.metadata.namespace && selectorMatches(selector, labels),
  );
}

function subsetsOf(
  host: string,
  rules: readonly KubeObject[],
  endpoints: readonly MeshPod[],
): Cluster['subsets'] {
  const own = rules.filter(
    (rule) => fullHost(textAt(rule['spec'], 'host') ?? '', rule.metadata.namespace ?? '') === host,
  );
  const subsets = own.flatMap((rule) => listAt(rule['spec'], 'subsets'));
  return new Map(
    subsets.map((subset) => {
      const selector = { matchLabels: labelsIn(objectAt(subset, 'labels')), matchExpressions: [] };
      return [
        textAt(subset, 'name') ?? '',
        endpoints.filter(({ labels }) => selectorMatches(selector, labels)),
      ];
    }),
  );
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}
