import { Gauge, Histogram, type Registry } from 'prom-client';
import { type Count, countOf } from './count.ts';
import { named } from './named.ts';

/** What is published of the controller's work. */
export interface WorkMetrics {
  readonly reconciles: Count<'ok' | 'failed'>;
  readonly reconcileSeconds: Pick<Histogram, 'observe'>;
  readonly queueWaitSeconds: Pick<Histogram, 'observe'>;
  /** 1 while this process leads. */
  readonly leader: Pick<Gauge, 'set'>;
  /** Publishes how many keys wait, as it is whenever somebody asks. */
  followQueue(depth: () => number): void;
}

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function workIn(registry: Registry): WorkMetrics {
  let depthOf = (): number => 0;
  const queueDepth: Gauge = new Gauge({
    ...named(registry, 'queue_depth', 'Deployments that wait to be looked at.'),
    collect: () => {
      queueDepth.set(depthOf());
    },
  });
  return {
    reconciles: countOf(registry, {
      name: 'reconciles_total',
      help: 'Looks at a Deployment, by how they ended.',
      label: 'result',
      kinds: ['ok', 'failed'],
    }),
    reconcileSeconds: new Histogram({
      ...named(registry, 'reconcile_duration_seconds', 'Time that a look at a Deployment took.'),
      buckets,
    }),
    queueWaitSeconds: new Histogram({
      ...named(registry, 'queue_wait_seconds', 'Time from when a look at a Deployment was due to its start.'),
      buckets,
    }),
    leader: new Gauge({ ...named(registry, 'leader', '1 while this process leads.') }),
    followQueue(depth) {
      depthOf = depth;
    },
  };
}
