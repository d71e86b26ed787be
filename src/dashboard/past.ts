// What Prometheus knows of a rollout, asked through the API server with the user's own rights.
import type { Series as Samples } from '../analysis/samples.ts';
import type { Clock } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import { type RangeAnswer, type Sample, readRange } from '../prometheus/answers.ts';
import { type Arm, type Arms, latencyQuery, requestsQuery } from '../prometheus/queries.ts';
import { countsOf, p99 } from '../prometheus/readings.ts';
import { prometheusPath } from './prometheus-at.ts';
import { lineOf } from './series.ts';
import type { Line, Series } from './wire.ts';

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
/** Who may not ask, or whose Prometheus does not answer, is not asked again at once. */
const pauseMs = 60_000;
/** Several pages, or one that asks often, have one answer; scrapes are no closer together. */
const freshMs = 10_000;

/** Asks the Prometheus that Serin's own Deployment in `home` names. */
export function createPast(kube: Pick<Kube, 'get' | 'ask'>, clock: Clock, home: string): Past {
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
    const lines = found === undefined ? undefined : await asked(kube, found, span).catch(() => undefined);
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

async function asked(kube: Pick<Kube, 'ask'>, path: string, span: Span): Promise<Lines> {
  const { namespace, stable, canary, from, to } = span;
  const step = Math.max(leastStepMs, Math.ceil((to - from) / mostPoints / 1000) * 1000) / 1000;
  const range: Range = async (query) => {
    const search = new URLSearchParams({
      ...{ query, step: String(step) },
      ...{ start: String(from / 1000), end: String(to / 1000), timeout: '5s' },
    });
    return readRange(200, JSON.stringify(await kube.ask(`${path}?${search.toString()}`, {})));
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

function trafficLines(
  requests: RangeAnswer,
  latency: RangeAnswer,
  arms: Arms,
): Pick<Series, 'rate' | 'errors' | 'latency'> {
  const seconds = arms.windowMs / 1000;
  const counted = (samples: readonly Sample[], arm: Arm) => countsOf(samples, arms, arm);
  return {
    rate: linesOf(requests, (samples, arm) => {
      const counts = counted(samples, arm);
      return counts === undefined ? null : counts.requests / seconds;
    }),
    errors: linesOf(requests, (samples, arm) => {
      const counts = counted(samples, arm);
      return counts === undefined ? null : (100 * counts.errors) / counts.requests;
    }),
    latency: linesOf(latency, (samples, arm) => {
      const measured = p99({ kind: 'samples', samples, warnings: [] }, arms, arm);
      return measured.kind === 'value' ? measured.value : null;
    }),
  };
}

/** Both arms' values at each time of the answer. */
function linesOf(answer: RangeAnswer, value: (samples: readonly Sample[], arm: Arm) => number | null): Line {
  return lineOf(
    momentsOf(answer).map(([at, samples]) => [at, [value(samples, 'stable'), value(samples, 'canary')]]),
  );
}

function onlyLine(answer: RangeAnswer): Line {
  return lineOf(momentsOf(answer).map(([at, [sample]]) => [at, [sample?.value ?? null, null]]));
}

/** The samples of all series by time (Unix seconds), oldest first. */
function momentsOf(answer: RangeAnswer): readonly (readonly [at: number, samples: readonly Sample[]])[] {
  const moments = new Map<number, Sample[]>();
  const series: readonly Samples[] = answer.kind === 'series' ? answer.series : [];
  for (const { labels, points } of series)
    for (const [ms, value] of points) {
      const at = Math.round(ms / 1000);
      const samples = moments.get(at) ?? [];
      samples.push({ labels, value });
      moments.set(at, samples);
    }
  return [...moments].sort(([a], [b]) => a - b);
}
