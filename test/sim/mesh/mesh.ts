// A mesh and its Prometheus in one thread of virtual time: istiod that follows the API server, two proxies that learn of it
// each in their own time, the requests of people, and what is counted of them.
import { names, resources } from '../../../src/kube/objects.ts';
import type { SimApi } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import type { Clusters } from './clusters.ts';
import type { Counter } from './counters.ts';
import { Memory } from './memory.ts';
import { prometheusFetch } from './prometheus.ts';
import { Proxy } from './proxy.ts';
import { Push } from './push.ts';
import { Rates } from './rates.ts';
import { Registry } from './registry.ts';
import type { Routes } from './routes.ts';
import { Streams } from './streams.ts';
import { Tally } from './tally.ts';
import { Traffic } from './traffic.ts';
import type { Behaviour, SimMesh } from './types.ts';

/** What a mesh sees of the API server. */
type Api = Pick<SimApi, 'get' | 'list' | 'onWrite'>;

export interface MeshParts {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly api: Api;
  readonly behaviourOf: (image: string) => Behaviour;
  readonly scrapeMs?: number;
}

const proxyNames = ['gateway-0', 'gateway-1'] as const;

/** A mesh that knows what the API server holds now, and from now on what is written. */
export function startMesh({ time, dice, api, behaviourOf, scrapeMs = 5000 }: MeshParts): SimMesh {
  let ailment: SimMesh['ailment'] = 'none';
  const registry = new Registry(api, {
    clusters: (clusters) => links.forEach((each) => each.send({ clusters })),
    routes: (routes) => links.forEach((each) => each.send({ routes })),
    podLost: (pod) => {
      traffic.lose(pod);
      streams.lose(pod);
    },
    podGone: (pod) => traffic.forget(pod),
    before: () => traffic.step(),
  });
  const proxies = proxyNames.map((name) => new Proxy(name, registry.clusters, registry.routes));
  const memory = new Memory({
    dice: dice.fork('prometheus'),
    proxies,
    now: time.now,
    intervalMs: scrapeMs,
    isScraped: (counter) => isScraped(api, ailment, counter),
  });
  const beforeCounting = (): void => memory.catchUp(time.now);
  const parts = { time, proxies, tally: new Tally(), rates: new Rates(), behaviourOf, beforeCounting };
  const traffic = new Traffic({ ...parts, dice: dice.fork('traffic') });
  const streams = new Streams({ ...parts, dice: dice.fork('streams') });
  const mesh: SimMesh = {
    load: (host, perSecond) => traffic.load(host, perSecond),
    streams: (host, count, seconds) => streams.keep(host, count, seconds),
    onOutcome: (listener) => parts.tally.onOutcome(listener),
    rateOf: (workload) => parts.rates.of(workload, time.now),
    propagation: { leastMs: 100, mostMs: 800 },
    prometheus: (life) =>
      prometheusFetch(
        { time, dice: dice.fork(`prometheus for ${life.name}`), memory, ailment: () => ailment },
        life,
      ),
    get ailment() {
      return ailment;
    },
    set ailment(next) {
      beforeCounting(); // what was scraped until now was scraped under the old one
      ailment = next;
    },
    restartPrometheus: () => {
      beforeCounting();
      memory.clear();
    },
  };
  const links = proxies.map((proxy) => link(proxy, { time, dice: dice.fork(proxy.name), mesh, traffic }));
  return mesh;
}

/** The way of news to one proxy. istiod sends clusters and their endpoints before the routes to them. */
function link(
  proxy: Proxy,
  { time, dice, mesh, traffic }: { time: SimTime; dice: Dice; mesh: SimMesh; traffic: Traffic },
): { send(news: { readonly clusters?: Clusters; readonly routes?: Routes }): void } {
  const learn: Proxy['learn'] = (news) => {
    traffic.step();
    proxy.learn(news);
  };
  const bounds = (): SimMesh['propagation'] => mesh.propagation;
  const clusterPush = new Push<Clusters>(time, dice, bounds, (clusters) => learn({ clusters }));
  const routePush = new Push<Routes>(time, dice, bounds, (routes) => learn({ routes }));
  return {
    send: ({ clusters, routes }) => {
      if (clusters !== undefined) clusterPush.send(clusters);
      if (routes !== undefined) routePush.send(routes, clusterPush.lastAt);
    },
  };
}

/** Prometheus scrapes nothing while it is down; and where the twin's pods are not scraped, nothing is known of its requests. */
function isScraped(api: Api, ailment: SimMesh['ailment'], { labels }: Counter): boolean {
  if (ailment === 'down') return false;
  if (ailment !== 'unscraped') return true;
  const { destination_workload: name = '', destination_workload_namespace: namespace } = labels;
  const deployment = api.get(resources.deployments, namespace, name);
  return deployment === undefined || !(names.twinOf in (deployment.metadata.annotations ?? {}));
}
