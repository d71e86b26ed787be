import type { Registry } from 'prom-client';
import type { Phase, Verdict } from '../rollout/types.ts';
import { evidenceIn, type EvidenceSeen } from './evidence.ts';
import { type Gauges, gaugesIn } from './gauges.ts';

/** What is published of a rollout under way. */
export interface RolloutShown {
  readonly phase: Phase;
  /** When the phase, and while Progressing the weight, was entered (Unix ms). */
  readonly since: number;
  /** Percent that the routes give the twin. */
  readonly weight: number;
  /** The name of the twin's Deployment. */
  readonly twin: string;
  readonly isPaused: boolean;
  /** What was checked; absent until something was. */
  readonly checks?: Readonly<Partial<Record<Result, number>>>;
  /** Of the last check. */
  readonly verdict?: Verdict;
  readonly evidence?: EvidenceSeen;
}

interface Shown {
  /** In place of what was published of that Deployment before. */
  show(key: string, seen: RolloutShown): void;
  failed(key: string, failedAt: number): void;
  /** All, where no key is given. */
  forget(key?: string): void;
}

const results = ['passed', 'failed', 'silent'] as const;
type Result = (typeof results)[number];
type Arm = 'stable' | 'canary';

/** Publishes where each rollout stands. */
export function shownIn(registry: Registry): Shown {
  const gauges = gaugesOf(gaugesIn(registry));
  const forget = (key?: string): void => {
    for (const each of Object.values(gauges)) each.forget(key);
  };
  return {
    forget,
    failed: (key, at) => {
      forget(key);
      gauges.failedAt.set(key, at / 1000);
    },
    show: (key, seen) => {
      forget(key);
      gauges.phase.set(key, 1, seen.phase);
      gauges.since.set(key, seen.since / 1000);
      gauges.twin.set(key, 1, seen.twin);
      gauges.paused.set(key, seen.isPaused ? 1 : 0);
      gauges.weight.set(key, 100 - seen.weight, 'stable');
      gauges.weight.set(key, seen.weight, 'canary');
      for (const result of results) {
        const count = seen.checks?.[result];
        if (count !== undefined) gauges.checks.set(key, count, result);
      }
      if (seen.verdict !== undefined) gauges.verdict.set(key, 1, seen.verdict);
      if (seen.evidence !== undefined) gauges.evidence.show(key, seen.evidence);
    },
  };
}

function gaugesOf(gauges: Gauges) {
  return {
    phase: gauges<Phase>('rollout_phase', 'The phase that a rollout is in: 1 for that one.', 'phase'),
    since: gauges(
      'rollout_since_timestamp_seconds',
      'When the phase, and while Progressing the weight, was entered (Unix time).',
    ),
    twin: gauges('rollout_twin_info', 'The Deployment that runs the candidate: always 1.', 'twin'),
    paused: gauges('rollout_paused', '1 while a person has paused the trial.'),
    weight: gauges<Arm>(
      'rollout_weight',
      'Percent of the routed traffic that the routes give an arm.',
      'arm',
    ),
    checks: gauges<Result>(
      'rollout_checks',
      'Checks of the trial, by result; `silent`: those in a row that said nothing.',
      'result',
    ),
    verdict: gauges<Verdict>('rollout_verdict', 'The verdict of the last check: 1 for that one.', 'verdict'),
    failedAt: gauges(
      'rollout_failed_timestamp_seconds',
      'When the last rollout failed, until another begins (Unix time).',
    ),
    evidence: evidenceIn(gauges),
  };
}
