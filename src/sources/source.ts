import type { Clock } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import { createExchange, type Fetch } from '../prometheus/exchange.ts';
import { type Arm, type Arms, filled } from '../prometheus/queries.ts';
import type { MetricSource } from '../prometheus/source.ts';
import type { Measured, Measurement, MetricSpec } from '../rollout/types.ts';
import { askSource, readSource } from './ask.ts';
import { resolve } from './template.ts';

export interface SourcesOptions {
  readonly kube: Pick<Kube, 'get'>;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly timeoutMs?: number;
}

/** Flagger's: enough for sources that know of a request only minutes later. */
const lookBackIntervals = 10;

/** Measures what a plan asks of sources of its own there, and everything else by `own`. */
export function withSources(own: MetricSource, { kube, clock, ...options }: SourcesOptions): MetricSource {
  const exchange = createExchange({ clock, ...options, onlyOutside: true });

  const measureOne = async (metric: MetricSpec, arms: Arms): Promise<Measurement> => {
    const same = (both: Measured): Measurement => ({ metric, canary: both, stable: both });
    const resolved = await resolve(kube, metric, arms.namespace);
    if (resolved.kind === 'error') return same(resolved);
    if (resolved.provider === undefined) {
      const [measurement] = await own.measure([resolved.metric], arms);
      return measurement === undefined
        ? same({ kind: 'error', why: 'not measured' })
        : { ...measurement, metric };
    }
    const whose = { namespace: resolved.namespace, plan: arms.namespace };
    const source = await readSource(kube, resolved.provider, whose);
    if (source.kind === 'error') return same(source);
    const windowMs = Math.min(metric.intervalMs, arms.windowMs);
    const lookBackMs = Math.min(lookBackIntervals * metric.intervalMs, arms.windowMs);
    const asked = (arm: Arm): Promise<Measured> => {
      const query = filled(resolved.metric, { ...arms, windowMs }, arm);
      if (!query.ok) return Promise.resolve({ kind: 'error', why: `the query ${query.mistakes.join(', ')}` });
      return askSource(exchange, source, { query: query.query, now: clock.now(), windowMs, lookBackMs });
    };
    const [canary, stable] = await Promise.all([asked('canary'), asked('stable')]);
    return { metric, canary, stable };
  };
  return {
    ...own,
    measure: (metrics, arms) => Promise.all(metrics.map((metric) => measureOne(metric, arms))),
  };
}
