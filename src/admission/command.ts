import { parseCommand, readCommand, type Said, writeCommand } from '../config/asked-command.ts';
import { earlierOf, runningOf } from '../config/earlier.ts';
import { readHistory, readState } from '../config/state.ts';
import { names } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject, State } from '../rollout/types.ts';
import { annotationsOf, nameOf, templateOf } from './deployment.ts';
import { insteadOf, stageOf, stands } from './sense.ts';
import * as sentences from './sentences.ts';
import type { Standing } from './standing.ts';
import type { Answer, Update } from './template-change.ts';
import { deny, type Denied } from './verdict.ts';
import { applyStable, wayBack } from './way-back.ts';

/** How the annotation `serin.dev/command` is to be: undefined, gone. */
export interface Told {
  readonly command: Json | undefined;
  readonly warnings: readonly string[];
}

/**
 * What becomes of the command in an update whose answer is otherwise `answer`: one that is said is stamped with who says
 * it and of which revision, whatever was written; one that makes no sense is refused. Whether its author may say it,
 * guard-command.yaml knows, which sees the result.
 */
export function onCommand(update: Update, standing: Standing, answer: Answer): Told | Denied {
  const { object, oldObject, username } = update;
  const [text, stored] = [object, oldObject].map((each) => annotationsOf(each)[names.command]);
  const isOther = names.state in answer.change.annotations;
  if (text === stored || text === undefined) {
    // What was said was said of the rollout before.
    if (isOther) return { command: undefined, warnings: [] };
    return { command: stored, warnings: text === stored ? [] : [sentences.staysSaid(nameOf(object))] };
  }
  if (isOther || !isSame(templateOf(object), templateOf(oldObject))) {
    return isOld(update) ? { command: isOther ? undefined : stored, warnings: [] } : twoAtATime(update);
  }
  const parsed = parseCommand(typeof text === 'string' ? text : '');
  if ('problem' in parsed) return deny(422, parsed.problem);
  const state = stateIn(update, standing);
  if ('kind' in state) return state;
  const why = objection(parsed.said, update, standing, state);
  if (why !== undefined) return deny(422, `cannot ${parsed.said.do} ${nameOf(object)}: ${why}`);
  const stamp = { v: 1, actor: username, revision: state.revision } as const;
  return { command: writeCommand({ ...stamp, ...parsed.said }), warnings: [] };
}

function twoAtATime({ object }: Update): Denied {
  return deny(422, sentences.oneAtATime(nameOf(object)));
}

/** True for the stamp of another rollout: a ReplicaSet keeps what was said, and an undo, or a saved copy, brings it back. */
function isOld({ object, oldObject }: Update): boolean {
  const command = readCommand(annotationsOf(object));
  const state = readState(annotationsOf(oldObject));
  if (command === undefined || 'corrupt' in command) return false;
  return state === undefined || 'corrupt' in state || command.revision !== state.revision;
}

/** The state that a command is said of. */
function stateIn({ oldObject }: Update, standing: Standing): State | Denied {
  const name = nameOf(oldObject);
  if (standing.is === 'unclear') return deny(409, sentences.deaf(name, standing.why));
  const state = readState(annotationsOf(oldObject));
  if (state === undefined) return deny(422, sentences.noRollout(name));
  return 'corrupt' in state ? deny(409, sentences.deaf(name, state.corrupt)) : state;
}

/** Why a command makes no sense as things stand, with what would; undefined where it does. */
function objection(said: Said, { oldObject }: Update, standing: Standing, state: State): string | undefined {
  if (said.do === 'resume' && 'pause' in state) return undefined;
  if (said.do === 'pause' && 'pause' in state && state.pause !== undefined) {
    return `${state.pause.actor} has paused it already; resume takes that off`;
  }
  const stage = stageOf(state, standing.is === 'held');
  const stable = 'stable' in standing ? standing.stable : undefined;
  const back = `to go back, ${stable === undefined ? applyStable : wayBack(oldObject, stable)}`;
  const instead = insteadOf(said.do, stage);
  if (instead !== undefined) return `${stands(state, stage)}; ${instead.replace('BACK', back)}`;
  if (said.do !== 'rollback') return undefined;
  if (said.to === undefined && stage === 'failed')
    return `its pods run revision ${runningOf(state)} still; ${back}`;
  return noWay(said, annotationsOf(oldObject), state);
}

/** Why there is no earlier revision to go back to. */
function noWay({ to }: Said, annotations: JsonObject, state: State): string | undefined {
  const earlier = earlierOf(annotations, state);
  if (to === undefined) {
    return earlier.length > 0 ? undefined : 'no revision is known that ran before; apply its template';
  }
  if (earlier.includes(to)) return undefined;
  if (to === runningOf(state)) return `revision ${to} is what its pods run`;
  const read = readHistory(annotations);
  const history = read === undefined || 'corrupt' in read ? [] : read;
  const isThere = history.some(({ revision }) => revision === to);
  const known = earlier.length === 0 ? 'none' : earlier.join(', ');
  return `revision ${to} ${isThere ? 'was never promoted' : 'is not in its history'}; those that ran before: ${known}`;
}
