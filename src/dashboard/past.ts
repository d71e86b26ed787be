// What Prometheus knows of a rollout, asked through the API server with the user's own rights.
import type { Clock } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import { textOf, within } from '../kube/stream.ts';
import type { Transport } from '../kube/transport.ts';
import { resources } from '../kube/objects.ts';
import { type RangeAnswer, readRange } from '../prometheus/answers.ts';
import { type Arms, latencyQuery, requestsQuery } from '../prometheus/queries.ts';
import { onlyLine, trafficLines } from './past-lines.ts';
import { prometheusPath } from '../prometheus/proxy-path.ts';
import type { Series } from './wire.ts';

/** The Deployments of a rollout and what time of it is of interest (Unix ms). */
export interface Span {
  readonly namespace: string;
  readonly stable: string;
  readonly canary: string;
  readonly from: number;
  readonly to: number;
}

type Lines = Omit<Series, 'source'> | undefined;

export interface Past {
  /** Lines over the span; undefined where Prometheus cannot be asked that way, or has nothing. Never rejects. */
  lines(span: Span): Promise<Lines>;
}

/** Points of a line; more than there are pixels say nothing. */
const mostPoints = 300;
const leastStepMs = 5_000;
/** Of a rate: above the usual four scrapes of fifteen seconds. */
const windowMs = 60_000;
/** The page waits for it, and shows what it has without. */
const limitMs = 3_000;
/** Who may not ask, or whose Prometheus does not answer, is not asked again at once. */
const pauseMs = 60_000;
/** Several pages, or one that asks often, have one answer; scrapes are no closer together. */
const freshMs = 10_000;

/** How the API server is asked. */
export interface Asking {
  readonly kube: Pick<Kube, 'get'>;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** Asks the Prometheus that Serin's own Deployment in `home` names. */
export function createPast({ kube, transport, clock }: Asking, home: string): Past {
  const kept = new Map<string, { readonly at: number; readonly lines: Promise<Lines> }>();
  let path: string | undefined;
  let notBefore = 0;
  const find = async (): Promise<string | undefined> => {
    path ??= prometheusPath(await kube.get(resources.deployments, home, 'serin'));
    return path;
  };
  const ask = async (span: Span): Promise<Lines> => {
    const found = await find().catch(() => undefined);
    // What goes wrong is not told: the page says where its lines are from, and they begin when it was opened.
    const lines =
      found === undefined
        ? undefined
        : await asked(reader(transport, clock), found, span).catch(() => undefined);
    if (lines === undefined) notBefore = clock.now() + pauseMs;
    return lines;
  };
  return {
    lines(span) {
      const key = `${span.namespace}/${span.stable}`;
      const now = clock.now();
      for (const [each, { at }] of kept) if (now - at >= freshMs) kept.delete(each);
      const known = kept.get(key);
      if (known !== undefined) return known.lines;
      if (now < notBefore) return Promise.resolve(undefined);
      const lines = ask(span);
      kept.set(key, { at: now, lines });
      return lines;
    },
  };
}

type Range = (query: string) => Promise<RangeAnswer>;

/** A GET, as Prometheus has it: who may only read may ask. */
type Read = (path: string) => Promise<{ readonly status: number; readonly text: string }>;

function reader(transport: Transport, clock: Clock): Read {
  return async (path) => {
    const stop = new AbortController();
    const headers = { accept: 'application/json' };
    const exchange = async () => {
      const { status, body } = await transport.send({ method: 'GET', path, headers, signal: stop.signal });
      return { status, text: await textOf(body) };
    };
    return within(clock, limitMs, exchange()).finally(() => stop.abort());
  };
}

async function asked(read: Read, path: string, span: Span): Promise<Lines> {
  const { namespace, stable, canary, from, to } = span;
  const step = Math.max(leastStepMs, Math.ceil((to - from) / mostPoints / 1000) * 1000) / 1000;
  const range: Range = async (query) => {
    const search = new URLSearchParams({
      ...{ query, step: String(step) },
      ...{ start: String(from / 1000), end: String(to / 1000), timeout: '5s' },
    });
    const { status, text } = await read(`${path}?${search.toString()}`);
    return readRange(status, text);
  };
  const arms: Arms = { namespace, stable, canary, windowMs: Math.max(windowMs, step * 1000) };
  const whose = `namespace=${JSON.stringify(namespace)},deployment=${JSON.stringify(stable)}`;
  const [requests, latency, weight, evidence] = await Promise.all([
    range(requestsQuery(arms)),
    // No requests, no quantile: what is not a number is not comparable either.
    range(`${latencyQuery(arms)} >= 0`),
    range(`max(serin_rollout_weight{${whose},arm="canary"})`),
    range(`max(serin_rollout_evidence{${whose}})`),
  ]);
  if (requests.kind === 'error') return undefined;
  return { ...trafficLines(requests, latency, arms), weight: onlyLine(weight), evidence: onlyLine(evidence) };
}
