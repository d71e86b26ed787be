import type { Measured, Measurement, MetricSpec } from '../rollout/types.ts';
import type { Counting } from '../analysis/comparison.ts';
import type { Series } from '../analysis/samples.ts';
import type { RangeAnswer } from './answers.ts';
import { type Ask, createAsk, type PrometheusOptions } from './client.ts';
import { type Incoming, incoming } from './incoming.ts';
import { type Arm, type Arms, filled, latencyQuery, requestsQuery, samplesQueries } from './queries.ts';
import { type Asked, countedSince, ticksOf } from './ticks.ts';
import { countsOf, onlyValue, p99, successRate } from './readings.ts';

/** What one arm did in the window, for people. */
export interface ArmFigures {
  readonly requests: number;
  readonly errors: number;
  /** P99 in ms. */
  readonly p99: Measured;
}

export type Figures =
  | { readonly kind: 'figures'; readonly stable: ArmFigures; readonly canary: ArmFigures }
  | { readonly kind: 'error'; readonly why: string };

/** Where measurements come from. Nothing here throws or rejects: what goes wrong is told in the measurement. */
export interface MetricSource {
  /**
   * Each metric of both arms, in the order asked for, over its own interval but no further back than `arms.windowMs`:
   * give the time since the canary got the traffic it has, or an earlier canary of that name is measured with it.
   */
  measure(metrics: readonly MetricSpec[], arms: Arms): Promise<readonly Measurement[]>;
  /** What both arms did since they were counted last, scrape by scrape, in whole requests: for the comparison. */
  count(arms: Arms, asked: Asked): Promise<Counting>;
  /** Requests, errors and latency of both arms over `arms.windowMs`. */
  figures(arms: Arms): Promise<Figures>;
  /** What came in to stable of late; undefined where that is not known. */
  incoming(arms: Arms): Promise<Incoming | undefined>;
}

/** Measures by Istio's metrics in the Prometheus at `url`; throws CONFIG_INVALID where that is no URL of http or https. */
export function createPrometheus(options: PrometheusOptions): MetricSource {
  const ask = createAsk(options);
  return {
    measure: (metrics, arms) => Promise.all(metrics.map((metric) => measureOne(ask, metric, arms))),
    count: (arms, asked) => countOf(ask, arms, asked, options.clock.now()),
    figures: (arms) => figuresOf(ask, arms),
    incoming: (arms) => incoming(ask, arms),
  };
}

async function measureOne(ask: Ask, metric: MetricSpec, { windowMs, ...whose }: Arms): Promise<Measurement> {
  const arms = { ...whose, windowMs: Math.min(metric.intervalMs, windowMs) };
  if (metric.query !== undefined) {
    const [canary, stable] = await Promise.all([
      custom(ask, metric, arms, 'canary'),
      custom(ask, metric, arms, 'stable'),
    ]);
    return { metric, canary, stable };
  }
  switch (metric.name) {
    case 'request-success-rate': {
      const answer = await ask.now(requestsQuery(arms));
      return {
        metric,
        canary: successRate(answer, arms, 'canary'),
        stable: successRate(answer, arms, 'stable'),
      };
    }
    case 'request-duration': {
      const answer = await ask.now(latencyQuery(arms));
      return { metric, canary: p99(answer, arms, 'canary'), stable: p99(answer, arms, 'stable') };
    }
    default: {
      const why = `metric ${metric.name} is not built in and brings no query`;
      return { metric, canary: { kind: 'error', why }, stable: { kind: 'error', why } };
    }
  }
}

async function custom(ask: Ask, metric: MetricSpec, arms: Arms, arm: Arm): Promise<Measured> {
  const query = filled(metric, arms, arm);
  if (!query.ok) return { kind: 'error', why: `the query ${query.mistakes.join(', ')}` };
  return onlyValue(await ask.now(query.query));
}

/** Before the span, samples are asked for by which a counter that is new can be told from one that was not scraped. */
const lookBackMs = 120_000;

async function countOf(ask: Ask, arms: Arms, asked: Asked, now: number): Promise<Counting> {
  const time = await ask.now('time()');
  if (time.kind === 'error') return time;
  const theirs = onlyValue(time);
  const aheadMs = theirs.kind === 'value' ? theirs.value * 1000 - now : 0;
  // No more than is counted: a weight may hold for hours, and an answer has its limit.
  const rangeMs = Math.max(0, now + aheadMs - countedSince(asked, aheadMs)) + lookBackMs;
  const queries = samplesQueries(arms, rangeMs);
  const [requests, durations] = await Promise.all([
    ask.samples(queries.requests),
    ask.samples(queries.durations),
  ]);
  for (const answer of [requests, durations]) if (answer.kind === 'error') return answer;
  return ticksOf({ requests: seriesIn(requests), durations: seriesIn(durations) }, arms, asked, aheadMs);
}

function seriesIn(answer: RangeAnswer): readonly Series[] {
  return answer.kind === 'series' ? answer.series : [];
}

async function figuresOf(ask: Ask, arms: Arms): Promise<Figures> {
  const [requests, latency] = await Promise.all([ask.now(requestsQuery(arms)), ask.now(latencyQuery(arms))]);
  if (requests.kind === 'error') return requests;
  const figures = (arm: Arm): ArmFigures => {
    const counts = countsOf(requests.samples, arms, arm) ?? { requests: 0, errors: 0 };
    return {
      requests: Math.round(counts.requests), // Prometheus extrapolates: its increase is no whole number
      errors: Math.round(counts.errors),
      p99: p99(latency, arms, arm),
    };
  };
  return { kind: 'figures', stable: figures('stable'), canary: figures('canary') };
}
