import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Count, countOf } from './count.ts';
import { named } from './named.ts';

type ReviewOutcome = 'held' | 'passed' | 'refused' | 'aborted' | 'superseded' | 'failed';

const outcomes = ['refused', 'warned', 'bypassed'] as const;

/** Counts what became of broken rules. */
interface RuleCount {
  /** Says which rules there are, so that each is published at 0 before it is broken for the first time. */
  expect(rules: readonly string[]): void;
  inc(rule: string, outcome: (typeof outcomes)[number]): void;
}

/** What the webhook publishes. */
export interface AdmissionMetrics {
  /** `failed`: answered with an error of our own. */
  readonly reviews: Count<ReviewOutcome>;
  readonly reviewSeconds: Pick<Histogram, 'observe'>;
  readonly certificateExpiry: Pick<Gauge, 'set'>;
  /** Broken rules of enforced namespaces. */
  readonly enforced: RuleCount;
}

export function admissionIn(registry: Registry): AdmissionMetrics {
  const certificateExpiry = new Gauge({
    ...named(
      registry,
      'certificate_expiry_timestamp_seconds',
      'When the serving certificate ends (Unix time).',
    ),
  });
  // Not 0 until it is set: that would be a certificate that ended in 1970, and an alert.
  certificateExpiry.remove();
  return {
    reviews: countOf(registry, {
      name: 'admission_reviews_total',
      help: 'Admission reviews, by what was decided.',
      label: 'outcome',
      kinds: ['held', 'passed', 'refused', 'aborted', 'superseded', 'failed'],
    }),
    reviewSeconds: new Histogram({
      ...named(registry, 'admission_duration_seconds', 'Time from an admission review to its answer.'),
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    }),
    certificateExpiry,
    enforced: enforcedIn(registry),
  };
}

function enforcedIn(registry: Registry): RuleCount {
  const counter = new Counter({
    ...named(registry, 'enforce_total', 'Broken rules of enforced namespaces, by what became of it.'),
    labelNames: ['rule', 'outcome'],
  });
  return {
    expect: (rules) => {
      for (const rule of rules) for (const outcome of outcomes) counter.inc({ rule, outcome }, 0);
    },
    inc: (rule, outcome) => counter.inc({ rule, outcome }),
  };
}
