import type { JsonObject, RolloutSpec } from '../rollout/types.ts';
import { objectAt, textAt } from './json.ts';
import type { ServicePort, Split } from './types.ts';

/** The object whose deletion takes a generated one with it. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

const managedBy = 'app.kubernetes.io/managed-by';
const mesh = 'mesh';

/** What every object made by Serin for `owner` has in its metadata. */
export function ownedMetadata(name: string, namespace: string, owner: Owner, labels: JsonObject): JsonObject {
  return {
    name,
    namespace,
    labels: { ...labels, [managedBy]: 'serin' },
    ownerReferences: [{ ...owner, controller: true }],
  };
}

/**
 * A VirtualService for a Service that none routes to, with all traffic on stable: then it is split as any other. Where
 * it takes the place of Kubernetes' own routing (the mesh gateway) every port keeps its own route, since Istio answers
 * 404 on a port that a VirtualService of the host leaves out.
 */
export function generated(target: Split, owner: Owner, wanted: RolloutSpec['service']): JsonObject {
  const { name, namespace } = target.service;
  const host = `${name}.${namespace}.svc.cluster.local`;
  const gateways = wanted.gateways ?? [mesh];
  const hosts = wanted.hosts ?? [];
  const ownHost = gateways.includes(mesh) || hosts.length === 0 ? [host] : [];
  const routes = [...edgeRoutes(target, gateways, wanted.port, host), ...meshRoutes(target, gateways, host)];
  const http = routes.filter(({ isTcp }) => !isTcp).map(({ route }) => route);
  const tcp = routes.filter(({ isTcp }) => isTcp).map(({ route }) => route);
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: ownedMetadata(generatedName(target), namespace, owner, {}),
    spec: {
      hosts: [...new Set([...hosts, ...ownHost])],
      gateways,
      ...(http.length === 0 ? {} : { http }),
      ...(tcp.length === 0 ? {} : { tcp }),
    },
  };
}

/** True for the VirtualService that `generated` made for this split. */
export function isGenerated(virtualService: JsonObject, target: Split): boolean {
  const metadata = objectAt(virtualService, 'metadata');
  return (
    textAt(metadata, 'name') === generatedName(target) &&
    textAt(metadata, 'namespace') === target.service.namespace &&
    textAt(objectAt(metadata, 'labels'), managedBy) === 'serin'
  );
}

interface PortRoute {
  readonly isTcp: boolean;
  readonly route: JsonObject;
}

function meshRoutes({ service }: Split, gateways: readonly string[], host: string): readonly PortRoute[] {
  if (!gateways.includes(mesh)) return [];
  const elsewhere = gateways.length > 1 ? { gateways: [mesh] } : {};
  const ports = service.ports.filter(({ protocol }) => protocol === undefined || protocol === 'TCP');
  return ports.map((port) => portRoute(port, host, { match: [{ port: port.port, ...elsewhere }] }));
}

/** At a gateway the request's port is the gateway's own, so nothing but the host tells where it is meant to go. */
function edgeRoutes(
  { service }: Split,
  gateways: readonly string[],
  wantedPort: number | undefined,
  host: string,
): readonly PortRoute[] {
  const edge = gateways.filter((gateway) => gateway !== mesh);
  const port = service.ports.find((one) => one.port === wantedPort) ?? service.ports[0];
  if (edge.length === 0 || port === undefined) return [];
  return [portRoute(port, host, edge.length < gateways.length ? { match: [{ gateways: edge }] } : {})];
}

function portRoute(port: ServicePort, host: string, match: JsonObject): PortRoute {
  const route = [{ destination: { host, port: { number: port.port } } }];
  return { isTcp: isOpaque(port), route: { ...match, route } };
}

/**
 * True where Istio's protocol selection leaves the port a stream: by appProtocol, else by the name's first word. What
 * says nothing is taken for HTTP. TLS that the client begins is a stream too: the proxy cannot read the requests.
 */
function isOpaque({ name, appProtocol }: ServicePort): boolean {
  const said = appProtocol ?? name?.split('-')[0] ?? '';
  return ['tcp', 'tls', 'https', 'mongo', 'mysql', 'redis'].includes(said.toLowerCase());
}

function generatedName({ service }: Split): string {
  return `${service.name}-serin`;
}
