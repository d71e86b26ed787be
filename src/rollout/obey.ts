import type { Command } from './command.ts';
import { enter, type Moment, stay } from './moves.ts';
import { fail, withdraw } from './rollback.ts';
import { skip } from './start.ts';
import type { Action, Decision } from './decision.ts';
import type { Identity, In, Pause, State } from './types.ts';

type OnTrial = In<'Starting' | 'Progressing' | 'Waiting'>;

/**
 * What a person's command makes of a rollout. Every answer writes the state or takes the command off, so that it is obeyed
 * once; what it cannot do is ignored with a sentence.
 */
export function obey(moment: Moment, command: Command): Decision {
  switch (command.do) {
    case 'promote':
      return promote(moment, command);
    case 'abort':
      return abort(moment, command);
    case 'pause':
    case 'resume':
      return pause(moment, command);
    case 'retry':
      return retry(moment, command);
    case 'rollback':
      return rollback(moment, command);
  }
}

function promote(moment: Moment, command: Command): Decision {
  const { plan, state, now } = moment;
  const by = `promoted by ${who(command)}`;
  if (plan.spec.suspended)
    return ignored(moment, 'the plan is suspended, and nothing is promoted: take `suspend: true` out first');
  switch (state.phase) {
    case 'Pending': {
      const { pause: _, message: __, since: ___, ...rest } = state;
      const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryPromoting', message: by };
      return enter({ ...rest, known: true }, now, event);
    }
    case 'Starting':
    case 'Progressing':
    case 'Waiting':
      return skip({ ...moment, state }, by);
    case 'Rolling':
      return enter({ ...state, weight: 100, reached: false, since: now, known: true, passed: true }, now, {
        ...{ do: 'event', type: 'Normal', reason: 'CanaryPromoting', message: by },
      });
    default:
      return ignored(moment, `nothing to promote: the rollout is ${state.phase}`);
  }
}

function abort(moment: Moment, command: Command): Decision {
  const { state } = moment;
  const why = `aborted by ${who(command)}`;
  switch (state.phase) {
    case 'Pending':
      return withdraw(moment, why, 'Failed');
    case 'Starting':
    case 'Rolling':
    case 'Progressing':
    case 'Waiting':
    case 'Promoting.Shift':
      return fail({ ...moment, state }, why);
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return ignored(moment, 'the promotion is under way: apply the earlier template to go back');
    default:
      return ignored(moment, `nothing is on trial: the rollout is ${state.phase}`);
  }
}

function pause(moment: Moment, command: Command): Decision {
  const { state, now } = moment;
  if (!isOnTrial(state) && state.phase !== 'Pending' && state.phase !== 'Rolling')
    return ignored(moment, `nothing to ${command.do}: the rollout is ${state.phase}`);
  if (command.do === 'resume') {
    if (state.pause === undefined) return ignored(moment, 'nobody has paused this rollout');
    const { pause: _, ...rest } = state;
    const message = `resumed by ${who(command)}`;
    // What was held has all its time again.
    const next = rest.phase === 'Starting' ? { ...rest, since: now } : rest;
    return enter(next, now, { do: 'event', type: 'Normal', reason: 'CanaryResumed', message });
  }
  const { actor, reason } = command;
  const held: Pause = { actor, at: now, ...(reason === undefined ? {} : { reason }) };
  const message = `paused by ${who(command)}: no more weight until resume, checks go on`;
  return enter({ ...state, pause: held }, now, {
    ...{ do: 'event', type: 'Normal', reason: 'CanaryPaused', message },
  });
}

/** As if the candidate had just been asked for. */
function retry(moment: Moment, command: Command): Decision {
  const { state, seen, now } = moment;
  if (state.phase !== 'Failed') return ignored(moment, `nothing to retry: the rollout is ${state.phase}`);
  if (!seen.main.paused || !seen.main.restorable)
    return ignored(moment, 'the candidate is not held any more: apply it again');
  const next: In<'Pending'> = { ...identityOf(state), actor: command.actor, phase: 'Pending' };
  const message = `revision ${state.revision} is tried again by ${who(command)}`;
  return {
    state: next,
    actions: [{ do: 'hold' }, { do: 'event', type: 'Normal', reason: 'CanaryStarted', message }],
    wakeAt: now,
  };
}

/** While a candidate is on trial, what ran before runs still. */
function rollback(moment: Moment, command: Command): Decision {
  const { state } = moment;
  const { to } = command;
  const isOver = state.phase === 'Succeeded' || state.phase === 'Failed' || state.phase === 'Aborted';
  if (isOver) return stay(moment, { do: 'go-back', ...(to === undefined ? {} : { to }) });
  if (to === undefined || to === state.stableRevision) return abort(moment, command);
  return ignored(
    moment,
    `revision ${state.revision} is on trial: abort it first, or apply the earlier template`,
  );
}

function ignored(moment: Moment, why: string): Decision {
  return stay(moment, { do: 'ignore-command', why });
}

function isOnTrial(state: State): state is OnTrial {
  return ['Starting', 'Progressing', 'Waiting'].includes(state.phase);
}

function identityOf({ v, revision, stableRevision, actor, ownPause }: Identity): Identity {
  return { v, revision, stableRevision, actor, ownPause };
}

function who({ actor, reason }: Command): string {
  return reason === undefined ? actor : `${actor}: ${reason}`;
}
