// A mesh and its Prometheus in one thread of virtual time: istiod that follows the API server, two proxies that learn of it
// each in their own time, the requests of people, and what is counted of them.
import type { SimApi } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { Link, type News } from './link.ts';
import { Observatory } from './observatory.ts';
import { Proxy } from './proxy.ts';
import { Rates } from './rates.ts';
import { Registry } from './registry.ts';
import { Streams } from './streams.ts';
import { Tally } from './tally.ts';
import { Traffic } from './traffic.ts';
import type { Behaviour, SimMesh } from './types.ts';

export interface MeshParts {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly api: Pick<SimApi, 'get' | 'list' | 'onWrite'>;
  readonly behaviourOf: (image: string) => Behaviour;
  readonly scrapeMs?: number;
}

const proxyNames = ['gateway-0', 'gateway-1'] as const;

/** A mesh that knows what the API server holds now, and from now on what is written. */
export function startMesh({ time, dice, api, behaviourOf, scrapeMs = 5000 }: MeshParts): SimMesh {
  const registry = new Registry(api, {
    clusters: (clusters) => links.forEach((link) => link.send({ clusters })),
    routes: (routes, clusters) => links.forEach((link) => link.send({ routes, clusters })),
    podLost: (pod) => {
      traffic.lose(pod);
      streams.lose(pod);
    },
    podGone: (pod) => traffic.forget(pod),
    before: () => traffic.step(),
  });
  const proxies = proxyNames.map((name) => new Proxy(name, registry.clusters, registry.routes));
  const observatory = new Observatory({ time, dice: dice.fork('prometheus'), api, proxies, scrapeMs });
  const beforeCounting = (): void => observatory.catchUp();
  const parts = { time, proxies, tally: new Tally(), rates: new Rates(), behaviourOf, beforeCounting };
  const traffic = new Traffic({ ...parts, dice: dice.fork('traffic') });
  const streams = new Streams({ ...parts, dice: dice.fork('streams') });
  const mesh: SimMesh = {
    load: (host, perSecond) => traffic.load(host, perSecond),
    streams: (host, count, seconds) => streams.keep(host, count, seconds),
    onOutcome: (listener) => parts.tally.onOutcome(listener),
    rateOf: (workload) => parts.rates.of(workload, time.now),
    propagation: { leastMs: 100, mostMs: 800 },
    prometheus: (life) => observatory.fetchOf(life),
    get ailment() {
      return observatory.ailment;
    },
    set ailment(ailment) {
      observatory.ailment = ailment;
    },
    restartPrometheus: () => observatory.restart(),
  };
  const links = proxies.map((proxy) => {
    const learn = (news: News): void => {
      traffic.step();
      proxy.learn(news);
    };
    return new Link({ time, dice: dice.fork(proxy.name), bounds: () => mesh.propagation, learn });
  });
  return mesh;
}
