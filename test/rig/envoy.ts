import { join } from 'node:path';
import { type Running, start, until } from './processes.ts';

const adminUrl = 'http://127.0.0.1:15000';

export interface Gateway {
  /** Where it listens for the port 80 of every Istio Gateway (from the first one on). */
  readonly url: string;
  readonly running: Running;
}

/** Starts the ingress gateway: an Envoy that istiod programs; ready when it runs on what istiod told it. */
export async function startGateway(options: {
  readonly stateDir: string;
  readonly program: string;
}): Promise<Gateway> {
  const running = start({
    name: 'envoy',
    file: options.program,
    args: [
      ...['-c', join(import.meta.dirname, 'mesh-config/gateway.yaml')],
      ...['--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'],
    ],
    logFile: join(options.stateDir, 'logs/envoy.log'),
  });
  await until('the gateway', async () => (await fetch(`${adminUrl}/ready`)).ok, { needs: [running] });
  return { url: 'http://127.0.0.1', running };
}

/** What Envoy says of its routes, as far as it is read here. */
interface RouteDump {
  readonly configs: readonly {
    readonly route_config: { readonly virtual_hosts?: readonly VirtualHost[] };
  }[];
}
interface VirtualHost {
  readonly domains: readonly string[];
  readonly routes: readonly {
    readonly route?: {
      readonly weighted_clusters?: { readonly clusters: readonly { readonly weight: number }[] };
    };
  }[];
}

/** The weights of every weighted route that the gateway has for a host by now. */
export async function weightsAt(host: string): Promise<readonly (readonly number[])[]> {
  const answer = await fetch(`${adminUrl}/config_dump?resource=dynamic_route_configs`);
  const { configs } = (await answer.json()) as RouteDump;
  return configs
    .flatMap(({ route_config: { virtual_hosts: hosts = [] } }) => hosts)
    .filter(({ domains }) => domains.includes(host))
    .flatMap(({ routes }) => routes)
    .map(({ route }) => (route?.weighted_clusters?.clusters ?? []).map(({ weight }) => weight));
}

interface ClusterDump {
  readonly configs?: readonly {
    readonly cluster: {
      readonly name: string;
      readonly circuit_breakers?: { readonly thresholds: readonly { readonly max_connections?: number }[] };
      readonly outlier_detection?: { readonly consecutive_5xx?: number };
    };
  }[];
}

/** How the gateway calls a cluster: its pool, and when it takes an endpoint out; undefined where it does not know it. */
export async function clusterAt(
  name: string,
): Promise<{ readonly maxConnections?: number; readonly consecutive5xx?: number } | undefined> {
  const answer = await fetch(`${adminUrl}/config_dump?resource=dynamic_active_clusters`);
  const { configs = [] } = (await answer.json()) as ClusterDump;
  const found = configs.find(({ cluster }) => cluster.name === name)?.cluster;
  if (found === undefined) return undefined;
  const maxConnections = found.circuit_breakers?.thresholds[0]?.max_connections;
  const consecutive5xx = found.outlier_detection?.consecutive_5xx;
  return {
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(consecutive5xx === undefined ? {} : { consecutive5xx }),
  };
}
