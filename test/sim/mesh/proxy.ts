// One proxy: what it knows, where it sends by that, and what it counted.
import type { Cluster, Clusters } from './clusters.ts';
import { Counter } from './counters.ts';
import { calledBy, hostEntry } from './hosts.ts';
import { requestOf } from './requests.ts';
import type { News } from './link.ts';
import type { MeshPod } from './pods.ts';
import { type Route, type Routes, type Target, usualRetries } from './routes.ts';

/** Where a share of the requests for a host goes. */
export interface Way {
  /** Of 1. */
  readonly share: number;
  /** The cluster's Service by its full name; undefined where the proxy answers itself. */
  readonly service: string | undefined;
  readonly pods: readonly MeshPod[];
  readonly retries: number;
  /** What it comes to without a pod. */
  readonly without: { readonly status: number; readonly flags: string };
}

interface Ways {
  readonly ways: readonly Way[];
  readonly copies: readonly Way[];
}

const noRoute = { status: 404, flags: 'NR' };
const noCluster = { status: 503, flags: 'NC' };
const noEndpoint = { status: 503, flags: 'UH' };

export class Proxy {
  readonly name: string;
  readonly counters = new Map<string, Counter>();
  #clusters: Clusters;
  #routes: Routes;
  /** Ways by host, until it learns something new. */
  readonly #ways = new Map<string, Ways>();

  constructor(name: string, clusters: Clusters, routes: Routes) {
    this.name = name;
    this.#clusters = clusters;
    this.#routes = routes;
  }

  learn(news: News): void {
    this.#clusters = news.clusters ?? this.#clusters;
    this.#routes = news.routes ?? this.#routes;
    this.#ways.clear();
  }

  /** Where requests of a load (`host`, `host/path`, `host#header=value`) go as far as it knows. The shares make 1. */
  waysOf(asked: string): readonly Way[] {
    return this.#all(asked).ways;
  }

  /** Where copies of them go; each share is of all of them. */
  copiesOf(asked: string): readonly Way[] {
    return this.#all(asked).copies;
  }

  #all(asked: string): Ways {
    let ways = this.#ways.get(asked);
    if (ways === undefined) {
      ways = this.#find(asked);
      this.#ways.set(asked, ways);
    }
    return ways;
  }

  /** The counter of requests to a workload (`unknown` where none was reached). */
  counter(
    to: {
      readonly workload: string;
      readonly namespace: string;
      readonly service: string | undefined;
      readonly reporter?: 'source' | 'destination';
    },
    status: number,
    flags = '-',
  ): Counter {
    const { reporter = 'source' } = to;
    const key = `${reporter} ${to.namespace}/${to.workload} ${to.service} ${status} ${flags}`;
    let counter = this.counters.get(key);
    if (counter === undefined) {
      counter = new Counter({
        reporter,
        source_workload: 'istio-ingressgateway',
        source_workload_namespace: 'istio-system',
        request_protocol: 'http',
        response_code: String(status),
        response_flags: flags,
        destination_workload: to.workload,
        destination_workload_namespace: to.namespace,
        ...serviceLabels(to.service),
        instance: this.name,
        job: 'envoy-stats',
      });
      this.counters.set(key, counter);
    }
    return counter;
  }

  #find(asked: string): Ways {
    const request = requestOf(asked);
    const { host } = request;
    const routes = this.#routesFor(host);
    if (routes !== undefined) {
      const route = routes.find(({ matches }) => matches(request));
      if (route === undefined) return { ways: [itself(noRoute)], copies: [] };
      const copies = route.copies.map((copy) => this.#way(copy, 0));
      return { ways: this.#waysOf(route), copies };
    }
    const service = calledBy(host).find((name) => this.#clusters.has(name));
    if (service === undefined) return { ways: [itself(noRoute)], copies: [] };
    const way = this.#way({ host: service, port: undefined, subset: undefined, share: 1 }, usualRetries);
    return { ways: [way], copies: [] };
  }

  /** A host of a gateway is asked there; every other as in the mesh. */
  #routesFor(host: string): readonly Route[] | undefined {
    const atGateway = hostEntry(this.#routes.gateway, host);
    if (atGateway !== undefined) return atGateway;
    for (const name of calledBy(host)) {
      const inMesh = hostEntry(this.#routes.mesh, name);
      if (inMesh !== undefined) return inMesh;
    }
    return undefined;
  }

  #waysOf({ status, targets, retries }: Route): readonly Way[] {
    if (status !== undefined) return [itself({ status, flags: '-' })];
    if (targets.length === 0) return [itself(noRoute)];
    return targets.map((target) => this.#way(target, retries));
  }

  #way({ host, port, subset, share }: Target, retries: number): Way {
    const cluster = this.#clusters.get(host);
    const pods = cluster === undefined ? undefined : endpointsAt(cluster, port, subset);
    if (pods === undefined) return { ...itself(noCluster), share };
    return { share, service: host, pods, retries, without: noEndpoint };
  }
}

function itself(without: Way['without']): Way {
  return { share: 1, service: undefined, pods: [], retries: 0, without };
}

/** undefined where there is no such cluster. A route without a port takes the only one, or the listener's own. */
function endpointsAt(
  { ports, endpoints, subsets }: Cluster,
  port: number | undefined,
  subset: string | undefined,
): readonly MeshPod[] | undefined {
  const [first] = ports;
  if (!ports.includes(port ?? (ports.length === 1 && first !== undefined ? first : 80))) return undefined;
  return subset === undefined ? endpoints : subsets.get(subset);
}

function serviceLabels(service: string | undefined): Readonly<Record<string, string>> {
  if (service === undefined) return {};
  const [name = '', namespace = ''] = service.split('.');
  return {
    destination_service: service,
    destination_service_name: name,
    destination_service_namespace: namespace,
  };
}
