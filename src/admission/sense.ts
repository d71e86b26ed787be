// Which command makes sense when, and what to do in place of one that does not.
import type { Verb } from '../rollout/command.ts';
import type { State } from '../rollout/types.ts';

/** What a person sees of a rollout. */
export type Stage =
  | 'on trial'
  | 'passed'
  | 'rolling'
  | 'returning'
  | 'failed'
  | 'restored'
  | 'succeeded'
  | 'aborted';

/** The stage of a rollout; `isHeld`: the candidate stands in the template. */
export function stageOf(state: State, isHeld: boolean): Stage {
  switch (state.phase) {
    case 'Pending':
    case 'Starting':
    case 'Rolling':
    case 'Progressing':
    case 'Waiting':
      return 'on trial';
    case 'Promoting.Shift':
      return 'passed';
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return state.ending === 'Aborted' ? 'returning' : 'rolling';
    case 'RollingBack':
      return 'returning';
    case 'Failed':
      return isHeld ? 'failed' : 'restored';
    case 'Succeeded':
      return 'succeeded';
    case 'Aborted':
      return 'aborted';
  }
}

/** Where a rollout stands, as half a sentence. */
export function stands({ revision }: State, stage: Stage): string {
  const half: { readonly [stage in Stage]: string } = {
    'on trial': `revision ${revision} is on trial`,
    passed: `revision ${revision} has passed and is promoted`,
    rolling: `revision ${revision} has passed and is promoted`,
    returning: `revision ${revision} is being taken back`,
    failed: `revision ${revision} has failed`,
    restored: `revision ${revision} has failed and was taken out`,
    succeeded: `revision ${revision} runs, and nothing is on trial`,
    aborted: `revision ${revision} was given up, and nothing is on trial`,
  };
  return half[stage];
}

const again = 'apply it again to try it again';
const later = 'wait until the stable version has all the traffic';
const pauseLater = 'pause while a revision is on trial';
const notPaused = 'nobody has paused it';
const isEnded = 'there is nothing to end';

/** What to do in place of a command; undefined where it makes sense. `BACK` is for what leads back to stable. */
const instead: { readonly [verb in Verb]: { readonly [stage in Stage]: string | undefined } } = {
  promote: {
    'on trial': undefined,
    passed: 'nothing has to be done',
    rolling: 'nothing has to be done',
    returning: later,
    failed: 'retry tries it again',
    restored: again,
    succeeded: 'nothing has to be done',
    aborted: again,
  },
  abort: {
    'on trial': undefined,
    passed: undefined,
    rolling: 'BACK',
    returning: isEnded,
    failed: 'BACK',
    restored: isEnded,
    succeeded: 'rollback leads to the version before',
    aborted: isEnded,
  },
  pause: {
    'on trial': undefined,
    passed: 'abort ends it',
    rolling: 'BACK',
    returning: pauseLater,
    failed: pauseLater,
    restored: pauseLater,
    succeeded: pauseLater,
    aborted: pauseLater,
  },
  resume: {
    'on trial': notPaused,
    passed: notPaused,
    rolling: notPaused,
    returning: notPaused,
    failed: notPaused,
    restored: notPaused,
    succeeded: notPaused,
    aborted: notPaused,
  },
  retry: {
    'on trial': 'retry once it has failed',
    passed: 'nothing has to be done',
    rolling: 'nothing has to be done',
    returning: later,
    failed: undefined,
    restored: again,
    succeeded: 'rollback leads to the version before',
    aborted: again,
  },
  rollback: {
    'on trial': 'abort leads back to the version that runs',
    passed: 'abort leads back to the version that runs',
    rolling: 'BACK',
    returning: later,
    failed: undefined,
    restored: undefined,
    succeeded: undefined,
    aborted: undefined,
  },
};

/** What to do in place of a command; undefined where it makes sense at that stage. */
export function insteadOf(verb: Verb, stage: Stage): string | undefined {
  return instead[verb][stage];
}
