// The proxies of a scripted shop's pods, as their own pages and as the API tells of their pods.
import type { Clock } from '../../src/clock.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import type { Arm, ScrapedShop } from '../prometheus/scraped-shop.ts';

const workloads = { stable: 'web', canary: 'web-canary' } as const;
const arms = ['stable', 'canary'] as const;

/** Pods by their numbers: those of `ready` that there are. */
export function proxiesOf(shop: ScrapedShop, clock: Clock, ready: () => Record<Arm, number>) {
  const started = new Map<string, string>();
  const addresses = new Map<string, string>();
  /** Pages that were asked for, by their addresses. */
  const asked: string[] = [];

  const podOf = (arm: Arm, number: number): KubeObject => {
    const name = `${workloads[arm]}-${number}`;
    const ip = `10.0.${arms.indexOf(arm)}.${number}`;
    addresses.set(ip, name);
    if (!started.has(name)) started.set(name, new Date(clock.now()).toISOString());
    return pod({ name, ip, startTime: started.get(name) ?? '' });
  };
  const kube: Pick<Kube, 'get' | 'list'> = {
    get: async (_resource, namespace, name) => ({
      metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid: name, resourceVersion: '1' },
      spec: { selector: { matchLabels: { app: name } } },
    }),
    list: async (_resource, { labelSelector }) => {
      const arm = arms.find((each) => labelSelector === `app=${workloads[each]}`);
      const count = arm === undefined ? 0 : ready()[arm];
      const items = Array.from({ length: count }, (_, at) => podOf(arm ?? 'stable', at + 1));
      return { items, resourceVersion: '1' };
    },
  };
  const fetch: Fetch = async (url) => {
    const name = addresses.get(url.hostname) ?? '';
    asked.push(`${url.origin}${url.pathname}`);
    if (shop.unscraped.has(name)) throw new Error(`connect ECONNREFUSED ${url.host}`);
    return new Response(shop.page(name));
  };
  return { kube, fetch, asked };
}

interface Pod {
  readonly name: string;
  readonly ip: string;
  readonly startTime: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly containers?: readonly string[];
}

/** A pod as the API tells of it; with a proxy of Istio's, running and ready unless said otherwise. */
export function pod({ name, ip, startTime, ...how }: Pod): KubeObject {
  const { ready = true, phase = 'Running', containers = ['web', 'istio-proxy'] } = how;
  return {
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' },
    spec: { containers: containers.map((each) => ({ name: each })) },
    status: {
      ...{ phase, startTime, podIP: ip },
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}
