// A source that counts by proxies, with an API server and pods that are scripted.
import type { Counting } from '../../src/analysis/comparison.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import type { Arms } from '../../src/prometheus/queries.ts';
import type { Asked } from '../../src/prometheus/ticks.ts';
import { withScrapes } from '../../src/scrape/source.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { pod } from './proxies.ts';

const arms: Arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 };
const byPrometheus: Counting = { kind: 'absent', why: 'counted by Prometheus' };
export const long = '2026-11-01T00:00:00Z';

/** A shop of two pods of stable and one of the canary, each of which serves ten requests a second. */
export function rig(
  script: { readonly respond?: (host: string) => Response | Promise<never> | 'silence' | undefined } = {},
) {
  const clock = virtualClock();
  const began = clock.now();
  const pods = new Map<string, readonly KubeObject[]>([
    ['web', ['10.0.0.1', '10.0.0.2'].map((ip, at) => pod({ name: `web-${at}`, ip, startTime: long }))],
    ['web-canary', [pod({ name: 'web-canary-0', ip: '10.0.1.1', startTime: long })]],
  ]);
  const lists: string[] = [];
  const asked: { url: string; init: Parameters<Fetch>[1] }[] = [];
  const broken = { api: false };
  const kube = {
    get: async (_: unknown, namespace: string | undefined, name: string): Promise<KubeObject> => ({
      metadata: { name, namespace: namespace ?? '', uid: name, resourceVersion: '1' },
      spec: { selector: { matchLabels: { app: name } } },
    }),
    list: async (_: unknown, { labelSelector = '' }: { readonly labelSelector?: string }) => {
      if (broken.api) throw new Error('no API server');
      lists.push(labelSelector);
      return { items: pods.get(labelSelector.replace('app=', '')) ?? [], resourceVersion: '1' };
    },
  };
  const fetch: Fetch = async (url, init) => {
    asked.push({ url: url.href, init });
    const special = await script.respond?.(url.hostname);
    if (special === 'silence') await clock.sleep(60_000, init.signal);
    init.signal.throwIfAborted();
    if (special === 'silence') throw new Error('hung up');
    if (special !== undefined) return special;
    const served = Math.round((clock.now() - began) / 100);
    return new Response(`istio_requests_total{reporter="destination",response_code="200"} ${served}\n`);
  };
  let counted = 0;
  const unused = () => Promise.reject(new Error('not asked for'));
  const own = {
    ...{ measure: unused, figures: unused, incoming: unused },
    count: async () => {
      counted += 1;
      return byPrometheus;
    },
  };
  const source = withScrapes(own, { kube, clock, fetch, everyMs: 2000, port: 15_090 });
  const look = async (change: Partial<Asked> = {}): Promise<string> => {
    const ready = { stable: pods.get('web')?.length ?? 0, canary: pods.get('web-canary')?.length ?? 0 };
    const looking = source.count(arms, { routedSince: began, timedFrom: began, ready, ...change });
    // What never answers is given up.
    const answer = { isOver: false };
    void looking.finally(() => {
      answer.isOver = true;
    });
    await clock.advance(0);
    for (let seconds = 0; !answer.isOver && seconds < 3; seconds += 1) await clock.advance(1000);
    const counting = await looking;
    if (counting.kind !== 'ticks') return `${counting.kind}: ${counting.why}`;
    return counting.ticks
      .map(({ canary, stable }) => `${canary.requests} beside ${stable.requests}`)
      .join(', ');
  };
  return { clock, pods, lists, asked, broken, look, counted: () => counted };
}
