import { givingUp, holding, inherited, takenOver } from '../config/hold.ts';
import { readState, writeState } from '../config/state.ts';
import { names } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import type { Json, State } from '../rollout/types.ts';
import type { Change } from './change.ts';
import { annotationsOf, isPaused, isRestart, nameOf, nothingToProtect, templateOf } from './deployment.ts';
import * as sentences from './sentences.ts';
import type { Standing } from './standing.ts';
import { type Asked, deny, type Denied, type Effect } from './verdict.ts';

export type Update = Extract<Asked, { operation: 'UPDATE' }>;

/** What becomes of an update: annotations left out of `change` stay as they were stored. */
export interface Answer {
  readonly kind: 'answer';
  readonly outcome: Effect;
  readonly change: Change;
  readonly warnings: readonly string[];
}

/** Decides on an update whose pod template is another than the stored one. */
export function onTemplateChange(update: Update, standing: Standing, isDisabled: boolean): Answer | Denied {
  switch (standing.is) {
    case 'free':
      return direct(update, isDisabled) ?? hold(update, templateOf(update.oldObject));
    case 'held':
      return isSame(templateOf(update.object), standing.stable)
        ? abort(update, standing.state)
        : supersede(update, standing);
    case 'promoting':
      return turnBack(update, standing);
    case 'unclear':
      return deny(409, sentences.unclear(nameOf(update.object), standing.why));
  }
}

/** The change goes out at once, as without us; undefined where it has to be held. */
function direct(update: Update, isDisabled: boolean): Answer | undefined {
  const { object, oldObject } = update;
  const isWanted = isDisabled || isRestart(templateOf(oldObject), templateOf(object));
  const why = isWanted ? undefined : nothingToProtect(oldObject, object);
  if (!isWanted && why === undefined) return undefined;
  return {
    kind: 'answer',
    outcome: 'passed',
    change: { annotations: {}, paused: pauseAsAsked(update) },
    warnings: why === undefined ? [] : [sentences.direct(nameOf(object), why)],
  };
}

/** A policy cannot tell a change that goes out from one that is held: what it paused before we were asked is as it was. */
export function pauseAsAsked({ object, oldObject }: Update): boolean | undefined {
  const [mark, before] = [annotationsOf(object)[names.heldBy], annotationsOf(oldObject)[names.heldBy]];
  return mark === 'policy' && before !== mark ? isPaused(oldObject) : undefined;
}

function hold(update: Update, stable: Json): Answer {
  const { object, oldObject, username } = update;
  const state = readState(annotationsOf(oldObject));
  const before = state === undefined || 'corrupt' in state ? undefined : state;
  const kept = takenOver(before, isPaused(oldObject));
  const change = holding(templateOf(object), stable, { ...kept, actor: username });
  return { kind: 'answer', outcome: 'held', change, warnings: [sentences.held(nameOf(object))] };
}

function supersede(
  { object, username }: Update,
  { state, stable }: Extract<Standing, { is: 'held' }>,
): Answer {
  return {
    kind: 'answer',
    outcome: 'superseded',
    change: holding(templateOf(object), stable, { ...inherited(state), actor: username }),
    warnings: [sentences.superseded(nameOf(object), state.revision)],
  };
}

/** The stable template is back: the hold goes with it. */
function abort({ object, username }: Update, state: Extract<Standing, { is: 'held' }>['state']): Answer {
  return {
    kind: 'answer',
    outcome: 'aborted',
    change: givingUp(state, username),
    warnings: [sentences.aborted(nameOf(object), state.revision)],
  };
}

/** While main rolls, the one template that is taken is the stable one: main rolls back to it, the twin has the traffic. */
function turnBack(
  update: Update,
  { state, stable }: Extract<Standing, { is: 'promoting' }>,
): Answer | Denied {
  if (state.ending === 'Aborted') return deny(409, sentences.turningBack(state.revision));
  if (stable === undefined || !isSame(templateOf(update.object), stable)) {
    return deny(409, sentences.promoting(state.revision));
  }
  const turned: State = { ...state, phase: 'Promoting.Roll', ending: 'Aborted' };
  return {
    kind: 'answer',
    outcome: 'aborted',
    change: { annotations: { [names.state]: writeState(turned) }, paused: pauseAsAsked(update) },
    warnings: [sentences.turnedBack(nameOf(update.object), state.revision)],
  };
}
