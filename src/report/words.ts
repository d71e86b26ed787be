// How a rollout's phase is called where people read it.
import type { Report } from './report.ts';

/** The phase in words. */
export function phraseOf(phase: Report['phase']): string {
  return phrases[phase].whole;
}

/** The same in at most two words, for lists. */
export function shortPhraseOf(phase: Report['phase']): string {
  return phrases[phase].short;
}

interface Words {
  readonly short: string;
  readonly whole: string;
}

const promoting = (what: string): Words => ({ short: 'promoting', whole: `promoting: ${what}` });

const phrases: Readonly<Record<Report['phase'], Words>> = {
  Idle: { short: 'idle', whole: 'nothing on trial' },
  Unheld: { short: 'not held', whole: 'not released by Serin' },
  Pending: { short: 'held', whole: 'held, not on trial yet' },
  Starting: { short: 'starting', whole: 'the canary starts' },
  Progressing: { short: 'on trial', whole: 'on trial' },
  Waiting: { short: 'waiting', whole: 'on trial, waiting' },
  'Promoting.Shift': promoting('traffic moves to the canary'),
  'Promoting.Roll': promoting("the Deployment's own pods roll"),
  'Promoting.Return': promoting('traffic returns to the Deployment'),
  Finalising: promoting('the canary goes'),
  Rolling: { short: 'in place', whole: 'rolls in place' },
  RollingBack: { short: 'rolling back', whole: 'rolling back' },
  Succeeded: { short: 'promoted', whole: 'promoted' },
  Failed: { short: 'failed', whole: 'failed' },
  Aborted: { short: 'taken back', whole: 'taken back' },
};
