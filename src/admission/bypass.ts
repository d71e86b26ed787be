import { writeState } from '../config/state.ts';
import { names } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import type { JsonObject, State } from '../rollout/types.ts';
import { annotationsOf, isPaused, nameOf, templateOf } from './deployment.ts';
import * as sentences from './sentences.ts';
import type { Standing } from './standing.ts';
import { type Answer, pauseAsAsked, type Update } from './template-change.ts';

/** The annotation that breaks the glass; its value is the reason, written anew for each request. */
export const bypass = 'serin.dev/bypass';

/** The reason that a request gives for going around the rules: one that stood there before was for another request. */
export function reasonIn(object: JsonObject, oldObject: JsonObject): string | undefined {
  const [reason, before] = [annotationsOf(object)[bypass], annotationsOf(oldObject)[bypass]];
  return reason === before ? undefined : reasonOf(object);
}

/** The reason that stands on an object: for requests that cannot write one, such as a DELETE. */
export function reasonOf(object: JsonObject): string | undefined {
  const reason = annotationsOf(object)[bypass];
  return typeof reason === 'string' && reason.trim() !== '' ? reason.trim() : undefined;
}

/**
 * What becomes of an update that gives a reason: its template, or one that was held and is to be held no more, goes out
 * as without us, and a rollout ends. Whether its author may do that is for /validate to say, which sees the result; where
 * nothing would be held, or pods are rolling already, there is nothing to let by and it answers undefined.
 */
export function letBy(update: Update, standing: Standing): Answer | undefined {
  const { object, oldObject } = update;
  if (reasonIn(object, oldObject) === undefined || standing.is === 'promoting') return undefined;
  const isChanged = !isSame(templateOf(object), templateOf(oldObject));
  const isReleased = isPaused(oldObject) && !isPaused(object);
  if (!isChanged && !(isReleased && standing.is !== 'free')) return undefined;
  if (standing.is === 'held' && isSame(templateOf(object), standing.stable)) return undefined;
  const warnings = [sentences.letBy(nameOf(object))];
  return { kind: 'answer', outcome: 'passed', change: changeFor(update, standing), warnings };
}

const unmarked = { [names.heldBy]: undefined, [names.asked]: undefined };

function changeFor(update: Update, standing: Standing): Answer['change'] {
  const { object, username } = update;
  switch (standing.is) {
    case 'free':
    case 'promoting':
      return { annotations: {}, paused: pauseAsAsked(update) };
    case 'unclear':
      // What was written cannot be followed: only without it can anything go on.
      return {
        annotations: { ...unmarked, [names.state]: undefined, [names.stable]: undefined },
        paused: false,
      };
    case 'held': {
      const { revision, stableRevision, ownPause, brake } = standing.state;
      const ended: State = {
        ...{
          v: 1,
          phase: 'RollingBack',
          ending: 'Aborted',
          revision,
          stableRevision,
          actor: username,
          ownPause,
        },
        ...(brake === undefined ? {} : { brake }),
        message: `${username} went around the canary: ${reasonOf(object) ?? ''}`,
        ...('startedAt' in standing.state ? { startedAt: standing.state.startedAt } : {}),
      };
      return {
        annotations: { ...unmarked, [names.state]: writeState(ended), [names.stable]: undefined },
        paused: false,
      };
    }
  }
}
