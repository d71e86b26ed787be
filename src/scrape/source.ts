import { isIPv6 } from 'node:net';
import type { Counting } from '../analysis/comparison.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { noCredentials } from '../prometheus/credentials.ts';
import { createExchange, type Exchange, type Fetch, reasonOf } from '../prometheus/exchange.ts';
import type { Arms } from '../prometheus/queries.ts';
import type { MetricSource } from '../prometheus/source.ts';
import type { Asked } from '../prometheus/ticks.ts';
import { isCounted, type PodSeen } from './counted-pod.ts';
import { type Page, readPage } from './exposition.ts';
import { Trial } from './trial.ts';

export interface ScrapeOptions {
  readonly kube: Pick<Kube, 'get' | 'list'>;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** How often the proxies are asked. */
  readonly everyMs: number;
  /** Where each proxy serves `/stats/prometheus`. */
  readonly port: number;
}

const timeoutMs = 1000;
/** The pages of ten replicas with thirty series each are 400 kB; what is more than this is a mistake, not worth the memory. */
const mostBytes = 4 * 1024 * 1024;
/** A trial that nobody has asked about for so long is over. */
const forgottenMs = 900_000;

/**
 * Counts both arms by what the proxies of their pods say themselves, asked at each look, and everything else by `own`: that
 * is also asked to count where pods have no proxy. A request that reached no pod is known to `own` alone.
 */
export function withScrapes(own: MetricSource, options: ScrapeOptions): MetricSource {
  const trials = new Map<string, { readonly trial: Trial; askedAt: number }>();
  const { clock, everyMs } = options;
  const ask = asker(options);

  const count = async (arms: Arms, asked: Asked): Promise<Counting> => {
    const now = clock.now();
    for (const [key, { askedAt }] of trials) if (now - askedAt > forgottenMs) trials.delete(key);
    const key = JSON.stringify([arms.namespace, arms.stable, arms.canary, arms.services]);
    const known = trials.get(key) ?? { trial: new Trial(options.kube, arms, { everyMs, ask }), askedAt: now };
    trials.set(key, { ...known, askedAt: now });
    try {
      const counting = await known.trial.count(asked, now);
      return counting.kind === 'elsewhere' ? await own.count(arms, asked) : counting;
    } catch (error: unknown) {
      return { kind: 'error', why: `the pods are not known: ${messageOf(error)}` };
    }
  };
  return { ...own, count };
}

/** Asks a pod's proxy for its page: an address that the API gave, this port and this path, and nothing else. */
function asker({ clock, fetch, port }: ScrapeOptions): (pod: PodSeen) => Promise<Page> {
  const exchange: Exchange = createExchange({ clock, fetch, timeoutMs, mostBytes, onlyOutside: true });
  return async ({ ip }) => {
    const url = new URL(`http://${isIPv6(ip) ? `[${ip}]` : ip}:${port}/stats/prometheus`);
    // Envoy looks for it anywhere in its own names of the metrics, which have more to them.
    url.searchParams.set('filter', 'istio_request(s_total|_duration)');
    try {
      const request = { url, method: 'GET', headers: { accept: 'text/plain' } } as const;
      const { status, body } = await exchange(request, noCredentials);
      return status === 200 ? readPage(body, isCounted) : { kind: 'error', why: `answered ${status}` };
    } catch (error: unknown) {
      return { kind: 'error', why: reasonOf(error) };
    }
  };
}
