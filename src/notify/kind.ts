// Which message an Event is. The sentences are the rollout's own, and stand in its state, which alone is left after a
// restart; test/notify/kind.test.ts takes them from the machine.
import type { Telling } from '../kube/event.ts';
import type { Severity } from '../rollout/alert.ts';
import type { State } from '../rollout/types.ts';
import type { Kind } from './message.ts';

export interface Said {
  readonly kind: Kind;
  readonly severity: Severity;
  readonly title: string;
}

/** What became of the analysis of a candidate that is promoted; `unknown` after a restart. */
export type Analysis = 'passed' | 'skipped' | 'unknown';

/** What is said of an Event that was written with `state`; undefined where it is nobody's news. */
export function saidOf(
  { type, reason, message }: Telling,
  state: State,
  analysis: Analysis,
): Said | undefined {
  switch (reason) {
    case 'CanaryStarted':
      return state.phase === 'Pending' ? notice(message) : started;
    case 'CanaryAdvanced':
    case 'CanaryPromoting':
      return progress('info', message);
    case 'CanaryHeld':
      return held(type, message);
    case 'CanaryPaused':
      return { kind: 'paused', severity: 'warn', title: `Paused${byWhom(message)}` };
    case 'CanaryResumed':
      return { kind: 'resumed', severity: 'info', title: `Resumed${byWhom(message)}` };
    case 'CanarySucceeded':
      return promoted(analysis);
    case 'CanaryFailed':
      return failed(message);
    case 'CanaryAborted':
      return { kind: 'aborted', severity: 'warn', title: 'Aborted, stable goes on' };
    default:
      return undefined;
  }
}

/** How a rollout ended, as far as its state tells; undefined where it has not. */
export function endingOf(state: State): Said | undefined {
  switch (state.phase) {
    case 'Succeeded':
      return promoted('unknown');
    case 'Failed':
      return failed(state.message);
    case 'Aborted':
      return { kind: 'aborted', severity: 'warn', title: 'Aborted, stable goes on' };
    case 'RollingBack':
      return state.ending === 'Failed' ? failed(state.message) : undefined;
    default:
      return undefined;
  }
}

export const superseded: Said = {
  ...{ kind: 'superseded', severity: 'info', title: 'Superseded by a newer revision' },
};

const started: Said = {
  ...{ kind: 'started', severity: 'info', title: 'New revision detected, analysis starting' },
};

const promotions: Readonly<Record<Analysis, string>> = {
  passed: 'Analysis completed, promotion finished',
  skipped: 'Promotion finished, analysis skipped',
  unknown: 'Promotion finished',
};

function promoted(analysis: Analysis): Said {
  return { kind: 'promoted', severity: 'info', title: promotions[analysis] };
}

function notice(message: string): Said {
  return { kind: 'notice', severity: 'info', title: message };
}

function progress(severity: Severity, message: string): Said {
  return { kind: 'progress', severity, title: message };
}

function held(type: Telling['type'], message: string): Said {
  if (type === 'Normal') return { kind: 'waiting', severity: 'warn', title: 'Waiting' };
  if (/failed check \d+ of \d+/.test(message)) return progress('warn', message);
  return { kind: 'held', severity: 'warn', title: 'Held' };
}

function failed(message: string): Said {
  const [threshold] = /(?<=^failed checks threshold reached) \(\d+\)/.exec(message) ?? [];
  if (threshold !== undefined)
    return { kind: 'threshold', severity: 'error', title: `Failed checks threshold reached${threshold}` };
  if (/\(progressDeadlineSeconds\)|^the canary could not grow to /.test(message))
    return { kind: 'deadline', severity: 'error', title: 'Progress deadline exceeded' };
  if (message.startsWith('aborted by '))
    return { kind: 'rolled-back', severity: 'warn', title: `Rolled back${byWhom(message)}` };
  return { kind: 'failed', severity: 'error', title: 'Canary failed, traffic is back on stable' };
}

/** A reason stands behind a colon; names of ServiceAccounts have colons, but no space after them. */
function byWhom(message: string): string {
  const [, who = ''] = /^\w+ by (.+?)(?:: |$)/.exec(message) ?? [];
  return who === '' ? '' : ` by ${who}`;
}
