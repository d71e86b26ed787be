import type { Brake, Checks, Identity, In, Outcome, Pause, Phase, State } from '../rollout/types.ts';
import type { Field } from './field.ts';
import { choice, count, endOf, format, message, needed, text, weight } from './stored.ts';

/** The phases of a rollout that has not ended, in the order of the diagram in src/rollout/state.ts. */
export const underway = [
  'Pending',
  'Starting',
  'Rolling',
  'Progressing',
  'Waiting',
  'Promoting.Shift',
  'Promoting.Roll',
  'Promoting.Return',
  'Finalising',
  'RollingBack',
] as const satisfies readonly Phase[];
/** How it may have ended. */
export const outcomes = ['Succeeded', 'Failed', 'Aborted'] as const satisfies readonly Outcome[];
const phases = [...underway, ...outcomes] as const;

/** A state of any phase, as this version or an older one wrote it. */
export function stateOf(root: Field): State {
  if (!root.isMap) root.expected('a map');
  const phase = root.at('phase').choice(phases) ?? needed(root.at('phase'), 'Pending');
  const identity = identityOf(root);
  switch (phase) {
    case 'Pending':
      return { ...identity, phase, ...waitingOf(root) };
    case 'Starting':
    case 'Progressing':
    case 'Waiting':
    case 'Promoting.Shift':
      return { ...identity, phase, ...runningOf(root) };
    case 'Rolling':
      return {
        ...identity,
        phase,
        ...runningOf(root),
        checks: checksOf(root.at('checks')),
        reached: root.at('reached').flag() ?? needed(root.at('reached'), false),
      };
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return {
        ...identity,
        phase,
        ...runningOf(root),
        ending: choice(root.at('ending'), ['Succeeded', 'Aborted']),
      };
    case 'RollingBack':
      return { ...identity, phase, ...rollingBackOf(root) };
    case 'Succeeded':
    case 'Failed':
    case 'Aborted':
      return { ...identity, phase, ...endOf(root) };
  }
}

function identityOf(root: Field): Identity {
  return {
    v: format(root),
    revision: text(root.at('revision')),
    stableRevision: text(root.at('stableRevision')),
    actor: text(root.at('actor')),
    ownPause: root.at('ownPause').flag() ?? needed(root.at('ownPause'), false),
    ...(root.at('known').flag() === true ? { known: true } : {}),
    ...(root.at('mixed').flag() === true ? { mixed: true } : {}),
    ...brakeOf(root.at('brake')),
  };
}

function brakeOf(field: Field): { readonly brake?: Brake } {
  if (!field.isGiven) return {};
  return { brake: { own: count(field.at('own')), seconds: count(field.at('seconds')) } };
}

type Waiting = Omit<In<'Pending'>, keyof Identity | 'phase'>;

/** What keeps a trial from beginning; older versions wrote nothing of it. */
function waitingOf(root: Field): Waiting {
  const [since, why, before] = [root.at('since'), root.at('message'), root.at('neededBefore')];
  return {
    ...(before.isGiven ? { neededBefore: count(before) } : {}),
    ...(since.isGiven ? { since: count(since) } : {}),
    ...(why.isGiven ? { message: message(why) } : {}),
    ...pauseOf(root.at('pause')),
  };
}

function pauseOf(field: Field): { readonly pause?: Pause } {
  if (!field.isGiven) return {};
  const reason = field.at('reason');
  return {
    pause: {
      actor: text(field.at('actor')),
      at: count(field.at('at')),
      ...(reason.isGiven ? { reason: message(reason) } : {}),
    },
  };
}

type Running = Omit<In<'Starting'>, keyof Identity | 'phase'>;

function runningOf(root: Field): Running {
  return {
    startedAt: count(root.at('startedAt')),
    since: count(root.at('since')),
    needed: count(root.at('needed')),
    weight: weight(root.at('weight')),
    message: message(root.at('message')),
    ...pauseOf(root.at('pause')),
    ...(root.at('passed').flag() === true ? { passed: true } : {}),
    ...(root.at('shifted').flag() === true ? { shifted: true } : {}),
  };
}

function checksOf(field: Field): Checks {
  return { at: count(field.at('at')), failed: count(field.at('failed')), silent: count(field.at('silent')) };
}

type RollingBack = Omit<In<'RollingBack'>, keyof Identity | 'phase'>;

function rollingBackOf(root: Field): RollingBack {
  const [startedAt, since] = [root.at('startedAt'), root.at('since')];
  return {
    ending: choice(root.at('ending'), ['Failed', 'Aborted']),
    message: message(root.at('message')),
    ...(startedAt.isGiven ? { startedAt: count(startedAt) } : {}),
    ...(since.isGiven ? { since: count(since) } : {}),
  };
}
