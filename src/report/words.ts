// How a rollout's phase is called where people read it.
import type { Report } from './report.ts';

/** The phase in words. */
export function phraseOf(phase: Report['phase']): string {
  return phrases[phase];
}

const phrases: Readonly<Record<Report['phase'], string>> = {
  Idle: 'nothing on trial',
  Unheld: 'not released by Serin',
  Pending: 'held, not on trial yet',
  Starting: 'the canary starts',
  Progressing: 'on trial',
  Waiting: 'on trial, waiting',
  'Promoting.Shift': 'promoting: traffic moves to the canary',
  'Promoting.Roll': "promoting: the Deployment's own pods roll",
  'Promoting.Return': 'promoting: traffic returns to the Deployment',
  Finalising: 'promoting: the canary goes',
  Rolling: 'rolls in place',
  RollingBack: 'rolling back',
  Succeeded: 'promoted',
  Failed: 'failed',
  Aborted: 'taken back',
};
