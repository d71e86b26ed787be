import { Histogram, type Registry } from 'prom-client';
import { outcomes, underway } from '../config/phases.ts';
import type { Outcome, Phase } from '../rollout/types.ts';
import { named } from './named.ts';

/** What tells how long the parts of a rollout take; times in Unix ms. */
export interface Entered {
  /** Of the candidate: another one is another trial. */
  readonly revision: string;
  readonly phase: Phase;
  /** When the phase, and while Progressing the weight, was entered; absent where nobody wrote it down. */
  readonly since?: number;
  readonly seenAt: number;
  /** Percent that the routes give the twin. */
  readonly weight: number;
  /** True where all routes give what was decided. */
  readonly isApplied: boolean;
}

/** How a rollout ended; times in Unix ms. */
export interface Ended {
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly endedAt: number;
}

interface Durations {
  /** Answers when the phase was entered, as far as this process has seen it. */
  seen(key: string, now: Entered): number;
  ended(key: string, how: Ended): void;
  /** All, where no key is given. */
  forget(key?: string): void;
}

interface Known {
  readonly revision: string;
  readonly phase: Phase;
  readonly enteredAt: number;
  /** When the trial was seen first. */
  readonly begunAt: number;
  /** Since when that is asked for which the routes were last seen to give. */
  readonly appliedSince?: number;
}

const minute = 60;
const hour = 3600;
const ofPhases = [1, 2, 5, 10, 30, minute, 2 * minute, 5 * minute, 15 * minute, hour, 4 * hour, 24 * hour];
const ofRollouts = ofPhases.slice(3);

/** Publishes how long rollouts, their phases and their changes of weight take. */
export function durationsIn(registry: Registry): Durations {
  const { rollouts, phases, twins, weights } = histogramsIn(registry);
  const known = new Map<string, Known>();
  const leave = (key: string, at: number): void => {
    const was = known.get(key);
    if (was !== undefined) phases.observe({ phase: was.phase }, seconds(was.enteredAt, at));
  };
  return {
    seen: (key, now) => {
      const was = known.get(key);
      const isSameTrial = was?.revision === now.revision;
      const isSame = isSameTrial && was.phase === now.phase;
      if (!isSame) leave(key, now.seenAt);
      const applied = appliedIn(was, now);
      if (applied !== undefined && applied !== was?.appliedSince)
        weights.observe(seconds(applied, now.seenAt));
      // Who takes a rollout over knows no earlier time.
      const takenOver = was === undefined ? now.since : undefined;
      const enteredAt = isSame ? was.enteredAt : (takenOver ?? now.seenAt);
      const begunAt = isSameTrial ? was.begunAt : enteredAt;
      if (isSameTrial && was.phase === 'Starting' && isUp(now.phase))
        twins.observe(seconds(begunAt, now.seenAt));
      known.set(key, {
        ...{ revision: now.revision, phase: now.phase, enteredAt, begunAt },
        ...(applied === undefined ? {} : { appliedSince: applied }),
      });
      return enteredAt;
    },
    ended: (key, { outcome, startedAt, endedAt }) => {
      leave(key, endedAt);
      rollouts.observe({ outcome }, seconds(startedAt, endedAt));
      known.delete(key);
    },
    forget: (key) => (key === undefined ? known.clear() : void known.delete(key)),
  };
}

/** True where the twin of a trial is ready. */
function isUp(phase: Phase): boolean {
  return phase === 'Progressing' || phase === 'Waiting' || phase.startsWith('Promoting.');
}

/** Since when that was asked for which the routes give. While Progressing alone is that a weight: else it is a phase. */
function appliedIn(was: Known | undefined, now: Entered): number | undefined {
  return now.phase === 'Progressing' && now.isApplied ? now.since : was?.appliedSince;
}

/** Each kind is published from the start, at 0, so that its first event is an increase. */
function histogramsIn(registry: Registry) {
  const histograms = {
    rollouts: new Histogram({
      ...named(registry, 'rollout_duration_seconds', 'Time from the beginning of a rollout to its end.'),
      labelNames: ['outcome'],
      buckets: ofRollouts,
    }),
    phases: new Histogram({
      ...named(registry, 'rollout_phase_duration_seconds', 'Time that rollouts spent in a phase.'),
      labelNames: ['phase'],
      buckets: ofPhases,
    }),
    twins: new Histogram({
      ...named(
        registry,
        'rollout_twin_ready_seconds',
        'Time from when a change that is held was seen until its twin was ready.',
      ),
      buckets: ofPhases,
    }),
    weights: new Histogram({
      ...named(
        registry,
        'rollout_weight_delay_seconds',
        'Time from the decision on a weight until the routes were seen to give it.',
      ),
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, minute, 5 * minute],
    }),
  };
  for (const outcome of outcomes) histograms.rollouts.zero({ outcome });
  for (const phase of underway) histograms.phases.zero({ phase });
  return histograms;
}

/** Clocks of two machines may disagree: nothing takes less than no time. */
function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}
