import { type ParsedCanary, parseCanary } from '../config/canary.ts';
import { writeState } from '../config/state.ts';
import { names } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { letBy } from './bypass.ts';
import { type Change, patchFor } from './change.ts';
import { onCommand } from './command.ts';
import { keepingConfig } from './config-mark.ts';
import { annotationsOf, isPaused, nameOf, podLabels, templateOf } from './deployment.ts';
import * as sentences from './sentences.ts';
import { type Standing, standingOf } from './standing.ts';
import { type Answer, onTemplateChange, type Update } from './template-change.ts';
import { type Asked, deny, untouched, type Verdict } from './verdict.ts';
import { applyStable, wayBack } from './way-back.ts';

/** What is known of the cluster. It words warnings and never decides: the same request always has the same outcome. */
export interface Surroundings {
  /** Names of the Services that select pods with these labels; undefined where that is not known. */
  servicesFor(namespace: string, labels: JsonObject): readonly string[] | undefined;
  /** Whether Istio is installed; undefined where that is not known. */
  istio(): boolean | undefined;
}

export interface MutateConfig {
  /** The exact username of Serin's controller. */
  readonly controller: string;
  readonly surroundings?: Surroundings;
}

/** Annotations that Serin alone writes on a Deployment or a twin; guard-annotations.yaml has the same. */
const protectedNames = [
  names.state,
  names.stable,
  names.history,
  names.twinOf,
  names.revision,
  names.analysis,
  names.shadows,
  names.configSeen,
] as const;
/** Those of a policy's hold. They come in the same request, so nobody is told that they go. */
const marks = [names.heldBy, names.asked] as const;

/**
 * Decides on the CREATE or UPDATE of a Deployment from the request alone. Applied to an object that has the patch of
 * an earlier answer, it answers with an empty one.
 */
export function decide(asked: Asked, config: MutateConfig): Verdict {
  if (asked.username === config.controller) return untouched;
  if (asked.operation === 'UPDATE' && names.twinOf in annotationsOf(asked.oldObject)) return untouched;
  const plan = planOf(asked.object);
  const before = asked.operation === 'CREATE' ? {} : annotationsOf(asked.oldObject);
  const isNewPlan = annotationsOf(asked.object)[names.canary] !== before[names.canary];
  if (isNewPlan && plan.ok === false) return deny(422, sentences.unfollowable(plan.mistakes));
  const notes = isNewPlan && plan.ok === true ? plan.notes.map((note) => `${names.canary}: ${note}`) : [];
  if (asked.operation === 'CREATE') return withWarnings(onCreate(asked.object), notes);
  return withWarnings(onUpdate(asked, plan, config.surroundings), notes);
}

/** Of a Deployment without a plan of its own, as most are. */
const usualPlan = parseCanary(undefined);

function planOf(object: JsonObject): ParsedCanary {
  const text = annotationsOf(object)[names.canary];
  return typeof text === 'string' ? parseCanary(text) : usualPlan;
}

function withWarnings(verdict: Verdict, warnings: readonly string[]): Verdict {
  return verdict.kind === 'deny' ? verdict : { ...verdict, warnings: [...verdict.warnings, ...warnings] };
}

/**
 * A copy of a Deployment must not carry the rollout of the one it was copied from, nor its hold: nobody would ever take
 * that off, and a new Deployment that is paused has no pods at all.
 */
function onCreate(object: JsonObject): Verdict {
  // A copy of a twin is no twin: one by whose annotation it passed as such would never be held again.
  const written = [...protectedNames, names.command];
  const copied = written.filter((name) => name in annotationsOf(object));
  const gone = [...written, ...marks].map((name) => [name, undefined] as const);
  const standing = standingOf(object);
  const paused = standing.is === 'held' && !standing.state.ownPause ? false : undefined;
  return {
    kind: 'allow',
    patch: patchFor(object, { annotations: Object.fromEntries(gone), paused }),
    warnings: copied.length === 0 ? [] : [sentences.leftOut(copied)],
    outcome: 'passed',
  };
}

function onUpdate(asked: Update, plan: ParsedCanary, surroundings: Surroundings | undefined): Verdict {
  const { update, ops, isAlone } = keepingConfig(asked);
  const standing = standingOf(update.oldObject);
  const isChanged = !isSame(templateOf(update.object), templateOf(update.oldObject));
  const answer =
    letBy(update, standing) ??
    (isChanged
      ? onTemplateChange(update, standing, plan.ok === 'disabled')
      : onOtherChange(update, standing));
  if (answer.kind === 'deny') return answer;
  const told = onCommand(update, standing, answer);
  if ('kind' in told) return told;
  const annotations = {
    ...ours(update.oldObject),
    ...answer.change.annotations,
    [names.command]: told.command,
  };
  const size = bytesOf({ ...annotationsOf(update.object), ...annotations });
  if (isHold(answer) && size > mostBytes) {
    return deny(422, sentences.tooLarge(nameOf(update.object), size, mostBytes));
  }
  return {
    kind: 'allow',
    patch: [...ops, ...patchFor(update.object, { ...answer.change, annotations })],
    warnings: [
      ...answer.warnings,
      ...(isAlone ? [sentences.configStays(nameOf(update.object))] : []),
      ...missing(update, answer, surroundings),
      ...undone(update, answer),
      ...told.warnings,
    ],
    outcome: answer.outcome,
  };
}

function isHold({ outcome }: Answer): boolean {
  return outcome === 'held' || outcome === 'superseded';
}

/** The template is the stored one: all passes, except that a hold is not taken off by hand. */
function onOtherChange({ object, oldObject }: Update, standing: Standing): Answer {
  const isHeld = standing.is === 'held' || standing.is === 'unclear';
  const later = pausedLater(object, oldObject, standing);
  if (later !== undefined) return later;
  // In place, Serin itself lets main roll in turns: as it is stored is as it is meant to be.
  const isRolling = standing.is === 'held' && standing.state.phase === 'Rolling';
  const paused = isRolling ? isPaused(oldObject) : isHeld ? true : undefined;
  const change = { annotations: {}, paused };
  return { kind: 'answer', outcome: 'passed', change, warnings: stays(object, standing) };
}

/** A pause that its owner puts on while main rolls would stop it half way: it is noted, and comes at the end. */
function pausedLater(object: JsonObject, oldObject: JsonObject, standing: Standing): Answer | undefined {
  const isUnderWay = standing.is === 'promoting' || standing.is === 'held';
  if (!isUnderWay || !isPaused(object) || isPaused(oldObject)) return undefined;
  const annotations = { [names.state]: writeState({ ...standing.state, ownPause: true }) };
  const warnings = [sentences.pausedLater(nameOf(object), standing.state.revision)];
  return { kind: 'answer', outcome: 'passed', change: { annotations, paused: undefined }, warnings };
}

/** Says that a hold stays, or that nothing will come of it, and what leads back. */
function stays(object: JsonObject, standing: Standing): readonly string[] {
  if (standing.is === 'unclear')
    return isPaused(object) ? [] : [sentences.staysPaused(nameOf(object), applyStable)];
  if (standing.is !== 'held') return [];
  const { state, stable } = standing;
  const back = wayBack(object, stable);
  if (state.phase === 'Failed') return [sentences.failedBefore(state.revision, state.message, back)];
  if (state.phase === 'Rolling') return [];
  return isPaused(object) ? [] : [sentences.staysPaused(nameOf(object), back)];
}

/** What nobody but Serin changes, as it is stored: an undo, a replace or a hand puts in other values or none. */
function ours(oldObject: JsonObject): Change['annotations'] {
  const stored = annotationsOf(oldObject);
  return Object.fromEntries([...protectedNames, ...marks].map((name) => [name, stored[name]]));
}

/** Says which annotations somebody wrote or took away in vain. */
function undone({ object, oldObject }: Update, answer: Answer): readonly string[] {
  const [asked, stored] = [annotationsOf(object), annotationsOf(oldObject)];
  const kept = protectedNames.filter((name) => !(name in answer.change.annotations));
  const keys = kept.filter((name) => asked[name] !== stored[name]);
  return keys.length === 0 ? [] : [sentences.putBack(keys)];
}

/** Says what a canary will have to do without. */
function missing(
  { object, namespace }: Update,
  answer: Answer,
  surroundings: Surroundings | undefined,
): readonly string[] {
  if (surroundings === undefined || !isHold(answer)) return [];
  const name = nameOf(object);
  if (surroundings.servicesFor(namespace, podLabels(object))?.length === 0) {
    return [sentences.withoutTraffic(name, 'no Service selects its pods')];
  }
  return surroundings.istio() === false ? [sentences.withoutTraffic(name, 'Istio is not installed')] : [];
}

/** kube-apiserver's limit for all annotations of an object, keys and values (TotalAnnotationSizeLimitB). */
const mostBytes = 256 * 1024;

function bytesOf(annotations: { readonly [name: string]: Json | undefined }): number {
  const texts = Object.entries(annotations).flatMap(([name, value]) =>
    typeof value === 'string' ? [name, value] : [],
  );
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
