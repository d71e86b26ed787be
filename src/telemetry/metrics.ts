import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Outcome, Phase, Verdict } from '../rollout/types.ts';
import { evidenceIn, type EvidenceShown } from './evidence.ts';
import { type MessageCount, messagesIn } from './messages.ts';
import { named } from './named.ts';

type ReviewOutcome = 'held' | 'passed' | 'refused' | 'aborted' | 'superseded' | 'failed';

/** Counts events of a few kinds. Each kind is published from the start, at 0, so that its first event is an increase. */
interface Count<Kind extends string> {
  inc(kind: Kind): void;
}

const outcomes = ['refused', 'warned', 'bypassed'] as const;

/** Counts what became of broken rules. */
interface RuleCount {
  /** Says which rules there are, so that each is published at 0 before it is broken for the first time. */
  expect(rules: readonly string[]): void;
  inc(rule: string, outcome: (typeof outcomes)[number]): void;
}

/** What a reflector counts by itself. */
interface Followed {
  readonly relists: number;
  readonly restarts: number;
}

/** Every number that Serin publishes. */
export interface Metrics {
  readonly registry: Registry;
  /** `failed`: answered with an error of our own. */
  readonly reviews: Count<ReviewOutcome>;
  readonly reviewSeconds: Pick<Histogram, 'observe'>;
  readonly certificateExpiry: Pick<Gauge, 'set'>;
  /** Broken rules of enforced namespaces. */
  readonly enforced: RuleCount;
  readonly rollouts: Count<Outcome>;
  readonly ticks: Count<Verdict>;
  readonly metricsSourceErrors: Pick<Counter, 'inc'>;
  /** News for hooks: `failed`: not heard however often it was said; `dropped`: too much waited to be told. */
  readonly hooks: Count<'told' | 'failed' | 'dropped'>;
  /** Messages, by type of receiver and what became of them, as with hooks. */
  readonly messages: MessageCount;
  readonly reconciles: Count<'ok' | 'failed'>;
  readonly reconcileSeconds: Pick<Histogram, 'observe'>;
  readonly queueWaitSeconds: Pick<Histogram, 'observe'>;
  /** 1 while this process leads. */
  readonly leader: Pick<Gauge, 'set'>;
  /** Publishes where the rollout of a Deployment stands, in place of what was published of it before. */
  showRollout(namespace: string, deployment: string, phase: Phase, weight: number): void;
  /** Publishes what the comparison of that rollout has shown, too. */
  readonly showEvidence: EvidenceShown['show'];
  /** Takes back what was published of a Deployment's rollout, which ended or whose Deployment is gone. */
  forgetRollout(namespace: string, deployment: string): void;
  /** Publishes how many keys wait, as it is whenever somebody asks. */
  followQueue(depth: () => number): void;
  /** Publishes what the reflector of `resource` counts, as it is whenever somebody asks. */
  followReflector(resource: string, counts: () => Followed): void;
}

/** The metrics of one process, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  return {
    registry,
    ...admissionMetrics(registry),
    ...rolloutMetrics(registry),
    ...workMetrics(registry),
    messages: messagesIn(registry),
    followReflector: reflectorMetrics(registry),
  };
}

function admissionMetrics(
  registry: Registry,
): Pick<Metrics, 'reviews' | 'reviewSeconds' | 'certificateExpiry' | 'enforced'> {
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
    reviews: countOf(
      registry,
      'admission_reviews_total',
      'Admission reviews, by what was decided.',
      'outcome',
      ['held', 'passed', 'refused', 'aborted', 'superseded', 'failed'],
    ),
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

function rolloutMetrics(
  registry: Registry,
): Pick<
  Metrics,
  'rollouts' | 'ticks' | 'metricsSourceErrors' | 'hooks' | 'showRollout' | 'showEvidence' | 'forgetRollout'
> {
  return {
    ...shownIn(registry),
    rollouts: countOf(registry, 'rollouts_total', 'Rollouts that ended, by how.', 'outcome', [
      'Succeeded',
      'Failed',
      'Aborted',
    ]),
    ticks: countOf(registry, 'ticks_total', 'Analysis intervals, by verdict.', 'verdict', [
      'pass',
      'fail',
      'inconclusive',
      'error',
    ]),
    hooks: countOf(
      registry,
      'hooks_total',
      'News that hooks were to be told, by what became of it.',
      'outcome',
      ['told', 'failed', 'dropped'],
    ),
    metricsSourceErrors: new Counter({
      ...named(registry, 'metrics_source_errors_total', 'Questions that the metric source failed to answer.'),
    }),
  };
}

/** What is published of each rollout under way. */
function shownIn(registry: Registry): Pick<Metrics, 'showRollout' | 'showEvidence' | 'forgetRollout'> {
  const phases = new Gauge({
    ...named(registry, 'rollout_phase', 'The phase that a rollout is in: 1 for that one.'),
    labelNames: ['namespace', 'deployment', 'phase'],
  });
  const weights = new Gauge({
    ...named(registry, 'rollout_weight', 'Percent of the routed traffic that an arm of a rollout is to get.'),
    labelNames: ['namespace', 'deployment', 'arm'],
  });
  const evidence = evidenceIn(registry);
  const shown = new Map<string, Phase>();
  const forgetPhase = (namespace: string, deployment: string): void => {
    const key = `${namespace}/${deployment}`;
    const phase = shown.get(key);
    if (phase !== undefined) phases.remove({ namespace, deployment, phase });
    for (const arm of ['stable', 'canary']) weights.remove({ namespace, deployment, arm });
    shown.delete(key);
  };
  return {
    showRollout(namespace, deployment, phase, weight) {
      forgetPhase(namespace, deployment);
      phases.set({ namespace, deployment, phase }, 1);
      weights.set({ namespace, deployment, arm: 'stable' }, 100 - weight);
      weights.set({ namespace, deployment, arm: 'canary' }, weight);
      shown.set(`${namespace}/${deployment}`, phase);
    },
    showEvidence: evidence.show,
    forgetRollout(namespace, deployment) {
      forgetPhase(namespace, deployment);
      evidence.show(namespace, deployment, undefined);
    },
  };
}

function workMetrics(
  registry: Registry,
): Pick<Metrics, 'reconciles' | 'reconcileSeconds' | 'queueWaitSeconds' | 'leader' | 'followQueue'> {
  const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
  let depthOf = (): number => 0;
  const queueDepth: Gauge = new Gauge({
    ...named(registry, 'queue_depth', 'Deployments that wait to be looked at.'),
    collect: () => {
      queueDepth.set(depthOf());
    },
  });
  return {
    reconciles: countOf(registry, 'reconciles_total', 'Looks at a Deployment, by how they ended.', 'result', [
      'ok',
      'failed',
    ]),
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

function reflectorMetrics(registry: Registry): Metrics['followReflector'] {
  const followed = new Map<string, () => Followed>();
  const publish = (name: string, help: string, count: (counts: Followed) => number): void => {
    const counter: Counter<'resource'> = new Counter({
      ...named(registry, name, help),
      labelNames: ['resource'],
      collect: () => {
        // The reflector counts; here it is only told.
        counter.reset();
        for (const [resource, counts] of followed) counter.inc({ resource }, count(counts()));
      },
    });
  };
  publish('reflector_relists_total', 'Full lists after the first.', ({ relists }) => relists);
  publish('reflector_restarts_total', 'Failures to follow the API server.', ({ restarts }) => restarts);
  return (resource, counts) => followed.set(resource, counts);
}

function countOf<Kind extends string>(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  kinds: readonly Kind[],
): Count<Kind> {
  const counter = new Counter({ ...named(registry, name, help), labelNames: [label] });
  for (const kind of kinds) counter.inc({ [label]: kind }, 0);
  return { inc: (kind) => counter.inc({ [label]: kind }) };
}
