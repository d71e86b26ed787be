import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import { numberAt, objectAt, textAt, listAt, without } from '../../../src/routing/json.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { lookMs } from './lately.ts';
import {
  commandIn,
  isBySerin,
  isCaredFor,
  isConfigChange,
  isHeldByPolicy,
  isInPlace,
  isOf,
  isOptedOut,
  isPaused,
  isTwin,
  keepsBack,
  keyOf,
  replicasOf,
  revisionIn,
  stateOf,
  templateOf,
} from './reading.ts';

/** What people last asked for of one Deployment. */
interface Asked {
  readonly revision: string;
  readonly by: string;
  /**
   * Their own pause, as it was before any hold and is to be after it; undefined where it was put on while main rolled,
   * which may take it off and does not put it back (docs/reliability.md, "Known, and left").
   */
  readonly pause: boolean | undefined;
  /** True where a canary was no longer wanted at some time since: then it may end at stable. */
  readonly isWithdrawn: boolean;
}

interface Asks {
  /** By the uid of the Deployment. */
  readonly all: Map<string, Asked>;
  /** Until then Serin was to be uninstalled. */
  unwantedUntil: number;
}

/** What somebody asked for and was told is accepted comes about, or is seen to have failed; it is neither lost nor let past. */
export const i8: Invariant = {
  id: 'I8',
  says: "an accepted change of template is held, then stable, on trial or visibly failed; a user's own pause is kept",
  watch(world, report) {
    const asks: Asks = { all: new Map(), unwantedUntil: Number.NEGATIVE_INFINITY };
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (object['kind'] === 'Namespace') withdraw(world, object, asks);
      const until = uninstallNote(write);
      if (until !== undefined) {
        asks.unwantedUntil = until;
        for (const [uid, ask] of asks.all) asks.all.set(uid, { ...ask, isWithdrawn: true });
      }
      if (!isOf(write, resources.deployments) || isTwin(object)) return;
      if (type === 'DELETED') asks.all.delete(object.metadata.uid);
      else if (!isBySerin(world, write)) {
        if (write.call.subresource === undefined) onAsk(world, report, write, asks);
      } else onSerins(write, asks);
    });
    return () => {
      for (const main of world.api.list(resources.deployments)) {
        const ask = asks.all.get(main.metadata.uid);
        if (ask === undefined || !isCaredFor(world, main.metadata.namespace)) continue;
        report.checked();
        const lost = whatBecame(main, ask);
        if (lost !== undefined)
          report.broken(`${keyOf(main)}: revision ${ask.revision}, asked for by ${ask.by}, ${lost}`);
      }
    };
  },
};

/** Its label may have been taken off: then what was asked for in it need not come about. */
function withdraw(world: World, { metadata: { name } }: KubeObject, asks: Asks): void {
  if (isCaredFor(world, name)) return;
  for (const main of world.api.list(resources.deployments, name)) {
    const ask = asks.all.get(main.metadata.uid);
    if (ask !== undefined) asks.all.set(main.metadata.uid, { ...ask, isWithdrawn: true });
  }
}

/** Until when `serin uninstall` ends every rollout at stable; undefined for a write of anything else. */
function uninstallNote({ resource, object }: Write): number | undefined {
  const { namespace } = object.metadata;
  if (resource.plural !== resources.configMaps.plural || namespace !== 'serin-system') return undefined;
  return Date.parse(textAt(objectAt(object, 'data'), 'uninstall') ?? '');
}

function onAsk(world: World, report: Report, write: Write, asks: Asks): void {
  const { object, previous, call } = write;
  const { uid, namespace } = object.metadata;
  const revision = revisionIn(object);
  const before = asks.all.get(uid);
  const by = call.caller.username;
  const isChanged = previous === undefined || revisionIn(previous) !== revision;
  if (isChanged && previous !== undefined && isCaredFor(world, namespace)) checkHeld(report, write, previous);
  // A hold that stays under another template is none of its owner's.
  const isHeld = isHold(object) || (previous !== undefined && isHold(previous) && isPaused(object));
  const pause = isHeld ? stateOf(object)?.ownPause : isPaused(object);
  asks.all.set(uid, {
    revision,
    by: isChanged ? by : (before?.by ?? by),
    // While a promotion rolls, a pause is Serin's to put back from its record.
    isWithdrawn:
      isOptedOut(object) ||
      world.time.now < asks.unwantedUntil + lookMs ||
      (!isChanged && before?.isWithdrawn === true),
    pause: pauseAfter(write, pause ?? false, before === undefined ? false : before.pause),
  });
}

function onSerins(write: Write, asks: Asks): void {
  const { object, previous } = write;
  if (commandIn(previous)?.do === 'rollback') onGoBack(write, asks);
  if (isConfigChange(previous, object)) onConfig(object, asks);
  // In place an owner's pause would keep the pods of a failed candidate where they are: it goes.
  const ask = asks.all.get(object.metadata.uid);
  if (ask !== undefined && isInPlace(stateOf(previous)) && stateOf(object)?.phase === 'Failed')
    asks.all.set(object.metadata.uid, { ...ask, pause: false });
}

/** Who changes what pods read asks for that; and for what there was before, who puts it back. */
function onConfig(object: KubeObject, asks: Asks): void {
  const ask = asks.all.get(object.metadata.uid);
  if (ask === undefined) return;
  asks.all.set(object.metadata.uid, {
    ...{ ...ask, revision: revisionIn(object) },
    by: 'a change of what pods read',
  });
}

/** Serin puts an earlier template in at the word of a person: that is what they ask for now. */
function onGoBack({ object, previous }: Write, asks: Asks): void {
  const revision = revisionIn(object);
  const [ask, command] = [asks.all.get(object.metadata.uid), commandIn(previous)];
  if (ask === undefined || command === undefined || stateOf(object)?.known !== true) return;
  asks.all.set(object.metadata.uid, { ...ask, revision, by: command.actor });
}

/** A policy's hold is not the owner's pause, nor may one be while a promotion goes on: then only one newly put on is. */
function pauseAfter(
  { object, previous }: Write,
  pause: boolean,
  before: boolean | undefined,
): boolean | undefined {
  const state = stateOf(object);
  if (isHeldByPolicy(object)) return before;
  const isRolling =
    state?.phase.startsWith('Promoting.') === true || ['Finalising', 'Rolling'].includes(state?.phase ?? '');
  if (!isRolling) return pause;
  const isPut = pause && previous !== undefined && !isPaused(previous);
  if (isPut && state?.ownPause !== true) return undefined;
  return state?.ownPause === true || (pause ? before : false);
}

/** A changed template is held, or turned into an end of the rollout, or there was nothing to protect: never let past. */
function checkHeld(report: Report, { object, call }: Write, previous: KubeObject): void {
  report.checked();
  const state = stateOf(object);
  const revision = revisionIn(object);
  const isTaken = state?.phase === 'Pending' && state.revision === revision;
  const isHeld = isPaused(object) && (isTaken || isHeldByPolicy(object));
  const isGoingBack =
    state !== undefined &&
    'ending' in state &&
    state.ending === 'Aborted' &&
    state.stableRevision === revision;
  const isUnprotected =
    (numberAt(previous['status'], 'availableReplicas') ?? 0) === 0 || replicasOf(object) === 0;
  if (isHeld || isGoingBack || isUnprotected || isOptedOut(object) || isRestart(previous, object)) return;
  report.broken(
    `${keyOf(object)}: revision ${revision} was accepted from ${call.caller.username} and not held (${state?.phase ?? 'no state'})`,
  );
}

function isRestart(before: KubeObject, after: KubeObject): boolean {
  return isDeepStrictEqual(unstamped(templateOf(before)), unstamped(templateOf(after)));
}

function unstamped(template: JsonObject): JsonObject {
  const metadata = objectAt(template, 'metadata');
  const annotations = without(objectAt(metadata, 'annotations'), 'kubectl.kubernetes.io/restartedAt');
  return { ...template, metadata: { ...metadata, annotations } };
}

/** True where the pause is the hold: not after a failure whose candidate is no longer there. */
function isHold(main: KubeObject): boolean {
  const state = stateOf(main);
  if (!keepsBack(state) || !isPaused(main)) return false;
  const isBack = state.phase === 'Failed' || state.phase === 'RollingBack';
  return !isBack || state.revision === revisionIn(main);
}

/** At rest: what is wrong with how the last change ended; undefined where it is as it has to be. */
function whatBecame(main: KubeObject, { revision, pause, isWithdrawn }: Asked): string | undefined {
  const state = stateOf(main);
  const isFailed = state?.phase === 'Failed' && state.revision === revision;
  const isRestored = isFailed && revisionIn(main) === state.stableRevision;
  const isGivenUp = isWithdrawn && state?.phase === 'Aborted' && revisionIn(main) === state.stableRevision;
  if (revisionIn(main) !== revision && !isRestored && !isGivenUp) return `is no longer in the Deployment`;
  if (isHold(main) && state !== undefined) {
    if (state.revision !== revision) return `is not the one on trial (${state.revision})`;
    return state.phase === 'Failed' ? notShown(main, state.message) : undefined;
  }
  // In place main is held at its share for as long as it may go on nowhere, which is for I14 to judge.
  if (pause !== undefined && isPaused(main) !== pause && !isInPlace(state))
    return pause ? "lost its owner's pause" : 'is paused, and nobody asked for that';
  const [updated, all] = ['updatedReplicas', 'replicas'].map((key) => numberAt(main['status'], key) ?? 0);
  // What went out without a canary is its owner's own matter.
  // In place a failed candidate's pods are replaced by stable's, which is no matter of its own either.
  const isRolling = state?.revision === revision && !isRestored && !isPaused(main) && updated !== all;
  return isRolling ? `has reached ${updated} pods of ${all}` : undefined;
}

/** A failure is seen by `kubectl rollout status`, and so by everything that goes by the Progressing condition. */
function notShown(main: KubeObject, message: string): string | undefined {
  const condition = listAt(main['status'], 'conditions').find(
    (each) => textAt(each, 'type') === 'Progressing',
  );
  const says = `${textAt(condition, 'reason')}: ${textAt(condition, 'message')}`;
  return says === `ProgressDeadlineExceeded: canary failed: ${message}`
    ? undefined
    : `has failed, and its condition says ${says}`;
}
