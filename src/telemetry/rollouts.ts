import { Counter, type Registry } from 'prom-client';
import { outcomes } from '../config/phases.ts';
import type { Verdict } from '../rollout/types.ts';
import { type Count, countOf } from './count.ts';
import { durationsIn, type Ended, type Entered } from './durations.ts';
import { named } from './named.ts';
import { type RolloutShown, shownIn } from './shown.ts';

/** Where a rollout under way stands. */
export type RolloutSeen = Entered & Omit<RolloutShown, 'since'>;

/** What is published of rollouts: each of one Deployment (`namespace/name`). */
export interface RolloutMetrics {
  readonly ticks: Count<Verdict>;
  readonly metricsSourceErrors: Pick<Counter, 'inc'>;
  /** News for hooks: `failed`: not heard however often it was said; `dropped`: too much waited to be told. */
  readonly hooks: Count<'told' | 'failed' | 'dropped'>;
  /** In place of what was published of that Deployment before. */
  showRollout(key: string, seen: RolloutSeen): void;
  /** It has just ended: counted, and no longer shown. */
  endRollout(key: string, ended: Ended): void;
  /** The last rollout of that Deployment has failed (Unix ms), and nothing has followed it. */
  showFailed(key: string, failedAt: number): void;
  /** Takes back what was published of a Deployment, which has no rollout or is gone. */
  forgetRollout(key: string): void;
  /** Takes back what was published of all: another process leads. */
  forgetRollouts(): void;
}

const verdicts = ['pass', 'fail', 'inconclusive', 'error'] as const satisfies readonly Verdict[];

export function rolloutsIn(registry: Registry): RolloutMetrics {
  const shown = shownIn(registry);
  const durations = durationsIn(registry);
  const ended = countOf(registry, {
    name: 'rollouts_total',
    help: 'Rollouts that ended, by how.',
    label: 'outcome',
    kinds: outcomes,
  });
  return {
    ...countersIn(registry),
    showRollout: (key, seen) => {
      const enteredAt = durations.seen(key, seen);
      shown.show(key, { since: enteredAt, ...seen });
    },
    endRollout: (key, how) => {
      ended.inc(how.outcome);
      durations.ended(key, how);
      shown.forget(key);
    },
    showFailed: (key, failedAt) => shown.failed(key, failedAt),
    forgetRollout: (key) => {
      durations.forget(key);
      shown.forget(key);
    },
    forgetRollouts: () => {
      durations.forget();
      shown.forget();
    },
  };
}

function countersIn(registry: Registry): Pick<RolloutMetrics, 'ticks' | 'metricsSourceErrors' | 'hooks'> {
  return {
    ticks: countOf(registry, {
      name: 'ticks_total',
      help: 'Analysis intervals, by verdict.',
      label: 'verdict',
      kinds: verdicts,
    }),
    hooks: countOf(registry, {
      name: 'hooks_total',
      help: 'News that hooks were to be told, by what became of it.',
      label: 'outcome',
      kinds: ['told', 'failed', 'dropped'],
    }),
    metricsSourceErrors: new Counter({
      ...named(registry, 'metrics_source_errors_total', 'Questions that the metric source failed to answer.'),
    }),
  };
}
