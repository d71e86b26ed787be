// Prometheus as whoever asks may reach it: through the API server's proxy, or at an address of theirs.
import type { Clock } from '../clock.ts';
import { prometheusPath } from '../prometheus/proxy-path.ts';
import { messageOf } from '../errors.ts';
import type { KubeObject } from '../kube/objects.ts';
import { readAnswer, readRange } from '../prometheus/answers.ts';
import { type Ask as Asking, createAsk } from '../prometheus/client.ts';
import { createHttpsFetch } from '../prometheus/https-fetch.ts';
import { incoming } from '../prometheus/incoming.ts';
import type { Arms } from '../prometheus/queries.ts';
import type { Traffic } from '../rollout/foresight.ts';
import type { Ask } from './call.ts';

/** A way to ask; or why there is none. */
export type Found = { readonly asking: Asking; readonly where: string } | { readonly why: string };

/** `serin` is Serin's own Deployment, which says where its Prometheus is; `url` outranks it. */
export function findPrometheus(
  { ask, clock }: { readonly ask: Ask; readonly clock: Clock },
  serin: KubeObject | undefined,
  url: string | undefined,
): Found {
  if (url !== undefined) {
    try {
      return { asking: createAsk({ url, clock, fetch: createHttpsFetch() }), where: '--prometheus-url' };
    } catch (error) {
      return { why: messageOf(error) };
    }
  }
  if (serin === undefined)
    return { why: "Serin's Deployment, which says where Prometheus is, cannot be read" };
  // The dashboard asks for lines; what is wanted here is of one moment.
  const path = prometheusPath(serin)?.replace(/_range$/, '');
  if (path === undefined) return { why: 'the Prometheus of Serin is no Service of this cluster' };
  return { asking: throughProxy(ask, path), where: 'Prometheus' };
}

function throughProxy(ask: Ask, path: string): Asking {
  const asked = async <T>(query: string, read: (status: number, body: string) => T): Promise<T | Failed> => {
    const answer = await ask({
      method: 'GET',
      path: `${path}?${new URLSearchParams({ query, timeout: '5s' }).toString()}`,
    });
    if ('unanswered' in answer) return { kind: 'error', why: answer.unanswered };
    if (answer.status === 403) return { kind: 'error', why: 'you may not get services/proxy there' };
    return read(answer.status, answer.text);
  };
  return { now: (query) => asked(query, readAnswer), samples: (query) => asked(query, readRange) };
}

interface Failed {
  readonly kind: 'error';
  readonly why: string;
}

/** Requests of late, as the foresight of a rollout takes them; or why they are not known. */
export async function trafficOf(found: Found, arms: Arms): Promise<Traffic | { readonly why: string }> {
  if ('why' in found) return found;
  const probe = await found.asking.now('vector(1)');
  if (probe.kind === 'error') return { why: probe.why };
  const came = await incoming(found.asking, arms);
  if (came === undefined || came.requests === 0)
    return { why: `no request to ${arms.stable} is known of late` };
  const { requests, of, overMs } = came;
  return { perSecond: (1000 * requests) / overMs, errorRate: (of.errors + 0.5) / (of.requests + 1) };
}
