import { progressing } from './analyse.ts';
import { unbraked } from './brake.ts';
import { enter, type Moment, wait } from './moves.ts';
import { rollingInPlace } from './in-place.ts';
import { obey } from './obey.ts';
import { finalise, giveBack, roll, shift } from './promote.ts';
import { failedCondition, rollingBack, withdraw } from './rollback.ts';
import { pending, starting } from './start.ts';
import type { Decision } from './decision.ts';
import type { In, Observation, Plan, State } from './types.ts';

/**
 * The rollout machine: what to do about a rollout in `state`, given what is seen at `now` (Unix ms). Pure and total;
 * asked again with the same answer it asks for the same, so a crash between any two actions costs nothing.
 */
export function step(plan: Plan, state: State, seen: Observation, now: number): Decision {
  const moment = { plan, seen, now };
  if ((isHeldPhase(state) || state.phase === 'Rolling') && plan.withdrawn !== undefined)
    return withdraw({ ...moment, state }, plan.withdrawn);
  if (seen.command !== undefined) {
    const obeyed = obey({ ...moment, state }, seen.command);
    return isHeldPhase(state) && !seen.main.paused ? heldToo(obeyed) : obeyed;
  }
  if (isHeldPhase(state) && !seen.main.paused) return held(state, now);
  // The webhook, which writes nothing but the hold and annotations, ended a roll in place.
  if (state.brake !== undefined && state.phase !== 'Rolling') return enter(unbraked(state), now);
  switch (state.phase) {
    case 'Pending':
      return pending({ ...moment, state });
    case 'Starting':
      return starting({ ...moment, state });
    case 'Progressing':
    case 'Waiting':
      return progressing({ ...moment, state });
    case 'Rolling':
      return rollingInPlace({ ...moment, state });
    case 'Promoting.Shift':
      return shift({ ...moment, state });
    case 'Promoting.Roll':
      return roll({ ...moment, state });
    case 'Promoting.Return':
      return giveBack({ ...moment, state });
    case 'Finalising':
      return finalise({ ...moment, state });
    case 'RollingBack':
      return rollingBack({ ...moment, state });
    case 'Failed':
      return failed({ ...moment, state });
    case 'Succeeded':
    case 'Aborted':
      return wait(state);
    default:
      return unreachable(state);
  }
}

/** The phases in which the Deployment must be paused, or the candidate rolls past us. */
function isHeldPhase({ phase }: State): boolean {
  return ['Pending', 'Starting', 'Progressing', 'Waiting', 'Promoting.Shift'].includes(phase);
}

function held(state: State, now: number): Decision {
  const message = 'the hold had been taken off by somebody else and is back on';
  return {
    state,
    actions: [{ do: 'hold' }, { do: 'event', type: 'Warning', reason: 'CanaryHeld', message }],
    wakeAt: now,
  };
}

/** Somebody took the hold off while a command came: the write that takes the command off puts it back on. */
function heldToo(decision: Decision): Decision {
  const actions = decision.actions.map((action) =>
    action.do === 'record' ? ({ do: 'hold' } as const) : action,
  );
  return { ...decision, actions };
}

/** A failure stays visible: whoever rewrote the condition, it says so again. Where nobody is to see to it, stable is put back. */
function failed({ plan, state, seen }: Moment<In<'Failed'>>): Decision {
  if (plan.withdrawn !== undefined && seen.main.restorable) return { state, actions: [{ do: 'restore' }] };
  // After a restore nothing is held any more: a pause is its owner's, and there is nothing to say of what runs.
  if (!seen.main.paused || !seen.main.restorable) return wait(state);
  const condition = failedCondition(state.message);
  const { progressing: now } = seen.main;
  const shown =
    condition.do === 'condition' && now.reason === condition.reason && now.message === condition.message;
  return { state, actions: shown ? [] : [condition] };
}

function unreachable(state: never): never {
  throw new Error(`no such phase: ${JSON.stringify(state)}`);
}
