import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import { numberAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report } from '../types.ts';
import {
  commandIn,
  isBySerin,
  isConfigChange,
  isCaredFor,
  isOf,
  isPaused,
  isTwin,
  keepsBack,
  keyOf,
  ownerUid,
  replicaSets,
  replicasOf,
  revisionIn,
  stateOf,
  templateOf,
} from './reading.ts';
import { viewOf } from './view.ts';

/** Stable is what serves: nothing replaces its pods, takes any away or changes what they run until that is decided. */
export const i3: Invariant = {
  id: 'I3',
  says: "main's pods never run a candidate before its promotion is decided, and Serin never takes one of main's pods away",
  watch(world, report) {
    const view = viewOf(world);
    const sets = new Map<string, KubeObject>();
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (isOf(write, replicaSets)) {
        sets.set(object.metadata.uid, object);
        if (type !== 'DELETED' && replicasOf(object) > replicasBefore(write.previous)) inMain(object, 'grew');
      }
      if (isOf(write, resources.pods) && type === 'ADDED') {
        const set = sets.get(ownerUid(object) ?? '');
        // Once stable's template is back, a pod that is lost may be made once more before its ReplicaSet shrinks.
        if (set !== undefined && isWanted(set)) inMain(set, `got pod ${object.metadata.name}`);
      }
      if (isOf(write, resources.deployments) && isBySerin(world, write) && !isTwin(object))
        onMain(write, report);
    });
    const isWanted = (set: KubeObject): boolean => {
      const main = view.main(ownerUid(set));
      return main !== undefined && revisionIn(main) === revisionIn(set);
    };
    const inMain = (set: KubeObject, how: string): void => {
      const main = view.main(ownerUid(set));
      const state = stateOf(main);
      if (main === undefined || !keepsBack(state) || !isCaredFor(world, main.metadata.namespace)) return;
      report.checked();
      if (revisionIn(set) === state.revision && state.revision !== state.stableRevision)
        report.broken(
          `ReplicaSet ${keyOf(set)} of ${keyOf(main)} ${how}: it runs revision ${state.revision}, which is ${state.phase}`,
        );
    };
    return () => {};
  },
};

/** A ReplicaSet that was not there had none. */
function replicasBefore(previous: KubeObject | undefined): number {
  return previous === undefined ? 0 : replicasOf(previous);
}

function onMain({ type, object, previous, call }: Write, report: Report): void {
  const name = `Deployment ${keyOf(object)}`;
  report.checked();
  if (type !== 'MODIFIED' || previous === undefined) return report.broken(`${name} was ${type} by Serin`);
  const [before, now] = [replicasOf(previous), replicasOf(object)];
  if (now < before)
    report.broken(
      `${name} went from ${before} to ${now} replicas by Serin (${call.subresource ?? 'itself'})`,
    );
  const state = stateOf(previous);
  const isRestored = revisionIn(object) === state?.stableRevision;
  // A change of what pods read is a candidate like any other, and held by the write that makes it one.
  const isHeldConfig =
    isConfigChange(previous, object) && isPaused(object) && stateOf(object)?.phase === 'Pending';
  const goesBack = commandIn(previous)?.do === 'rollback' && stateOf(object)?.known === true;
  if (
    !isDeepStrictEqual(templateOf(object), templateOf(previous)) &&
    !isRestored &&
    !goesBack &&
    !isHeldConfig
  )
    report.broken(
      `${name} had its template changed by Serin to revision ${revisionIn(object)}, which is not stable's`,
    );
  const after = stateOf(object);
  const isAtShare = after?.phase === 'Rolling' && after.reached && after.weight < 100;
  const wasAtShare = state?.phase === 'Rolling' && state.reached && state.weight < 100;
  if (isAtShare && !wasAtShare && !isPaused(object))
    report.broken(`${name} has ${after.weight} percent of its pods rolled, is judged, and is not held there`);
  const others = otherChange(previous, object, isBraking(previous, object));
  if (others !== undefined) report.broken(`${name} had ${others} changed by Serin`);
}

/** In place main rolls with a brake on (I20); what it was before is in the state. */
function isBraking(before: KubeObject, after: KubeObject): boolean {
  const [had, has] = [stateOf(before)?.brake, stateOf(after)?.brake];
  const [was, is] = [before, after].map((each) => numberAt(each['spec'], 'minReadySeconds') ?? 0);
  if (has === undefined) return had !== undefined && was === had.seconds && is === had.own;
  return is === has.seconds && (was === has.own || (was === had?.seconds && has.own === had?.own));
}

/** Of a Deployment's spec Serin writes the pause, the replicas and, to restore it, the template. */
function otherChange(before: KubeObject, after: KubeObject, mayBrake: boolean): string | undefined {
  const [from, to] = [before['spec'] ?? {}, after['spec'] ?? {}];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const own = new Set(['paused', 'replicas', 'template', ...(mayBrake ? ['minReadySeconds'] : [])]);
  const changed = keys.filter((key) => !own.has(key) && !isDeepStrictEqual(at(from, key), at(to, key)));
  const labels = isDeepStrictEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {})
    ? []
    : ['its labels'];
  return [...changed.map((key) => `spec.${key}`), ...labels][0];
}

function at(json: unknown, key: string): unknown {
  return (json as Readonly<Record<string, unknown>>)[key];
}
