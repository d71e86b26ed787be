// What Envoy calls clusters: a Service and its endpoints, and their subsets.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { labelsIn, selectorMatches } from '../../../src/routing/selectors.ts';
import { servicePorts } from '../../../src/routing/service.ts';
import { fullHost } from './hosts.ts';
import type { MeshPod } from './pods.ts';

export interface Cluster {
  readonly host: string;
  readonly ports: readonly number[];
  readonly endpoints: readonly MeshPod[];
  readonly subsets: ReadonlyMap<string, readonly MeshPod[]>;
}

/** By the full name of the Service. */
export type Clusters = ReadonlyMap<string, Cluster>;

/** What istiod makes clusters of. */
export interface Sources {
  readonly services: readonly KubeObject[];
  readonly slices: readonly KubeObject[];
  readonly destinationRules: readonly KubeObject[];
  readonly podOf: (uid: string) => MeshPod | undefined;
}

/** Every Service with its endpoints as they are now. */
export function clustersOf({ services, slices, destinationRules, podOf }: Sources): Clusters {
  return new Map(
    services.map((service) => {
      const { name, namespace = '' } = service.metadata;
      const host = fullHost(name, namespace);
      const own = slices.filter(({ metadata }) => isOf(metadata, name, namespace));
      const endpoints = own.flatMap((slice) =>
        listAt(slice, 'endpoints').flatMap((each) => podAt(each, podOf)),
      );
      const ports = servicePorts(service).map(({ port }) => port);
      return [host, { host, ports, endpoints, subsets: subsetsOf(host, destinationRules, endpoints) }];
    }),
  );
}

function isOf({ labels, namespace }: KubeObject['metadata'], service: string, home: string): boolean {
  return namespace === home && labels?.['kubernetes.io/service-name'] === service;
}

/** The pod of an endpoint that is to be sent to. */
function podAt(endpoint: Json, podOf: Sources['podOf']): readonly MeshPod[] {
  if (objectAt(endpoint, 'conditions')['ready'] === false) return [];
  const pod = podOf(textAt(objectAt(endpoint, 'targetRef'), 'uid') ?? '');
  return pod === undefined ? [] : [pod];
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
