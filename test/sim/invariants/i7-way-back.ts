import { readStable } from '../../../src/config/stable.ts';
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import { revisionOf } from '../../../src/kube/revision.ts';
import type { Phase, State } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import {
  isBySerin,
  isConfigChange,
  isHeldByPolicy,
  isInPlace,
  isOf,
  isPaused,
  isTwin,
  keepsBack,
  keyOf,
  revisionIn,
  stateOf,
  templateOf,
} from './reading.ts';
import { type View, viewOf } from './view.ts';

/** The states that Serin may write after each; what the webhook writes in a user's name is another matter. */
const ways: Readonly<Record<Phase, readonly Phase[]>> = {
  Pending: ['Pending', 'Starting', 'Rolling', 'RollingBack'],
  Rolling: ['Rolling', 'Succeeded', 'Failed', 'RollingBack'],
  Starting: ['Starting', 'Progressing', 'Promoting.Shift', 'Promoting.Roll', 'RollingBack'],
  Progressing: ['Progressing', 'Waiting', 'Starting', 'Promoting.Shift', 'Promoting.Roll', 'RollingBack'],
  Waiting: ['Waiting', 'Progressing', 'Starting', 'Promoting.Shift', 'Promoting.Roll', 'RollingBack'],
  'Promoting.Shift': ['Promoting.Shift', 'Promoting.Roll', 'RollingBack'],
  'Promoting.Roll': ['Promoting.Roll', 'Promoting.Return', 'Finalising'],
  'Promoting.Return': ['Promoting.Return', 'Finalising'],
  Finalising: ['Promoting.Return', 'Finalising', 'Succeeded', 'Aborted'],
  RollingBack: ['RollingBack', 'Failed', 'Aborted'],
  Failed: ['Failed', 'Pending'],
  Succeeded: ['Succeeded', 'Pending'],
  Aborted: ['Aborted', 'Pending'],
};

/** How long the traffic of a candidate that was given up may stay with it, all calls succeeding. */
const mostMs = 60_000;

/** There is a way back from everywhere, and every step goes along the ways of the machine. */
export const i7: Invariant = {
  id: 'I7',
  says: 'every state follows from the one before, stable can be restored while a candidate is held, and a rollback needs neither Prometheus nor the webhook',
  watch(world, report) {
    const view = viewOf(world);
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (!isOf(write, resources.deployments) || type === 'DELETED' || isTwin(object)) return;
      const state = stateOf(object);
      if (state === undefined) return;
      report.checked();
      if (isBySerin(world, write)) onStep(report, write, state);
      if ((isPaused(object) && keepsBack(state)) || isInPlace(state)) checkStable(report, object, state);
      const isGivenUp = state.phase === 'RollingBack' && stateOf(write.previous)?.phase !== 'RollingBack';
      if (isGivenUp) expectZero(world, view, report, object);
    });
    return () => {};
  },
};

function onStep(report: Report, { object, previous }: Write, now: State): void {
  const before = stateOf(previous);
  // A change of what pods read comes in as the webhook would have it: held, or as the end of what was held.
  const isEnd = now.phase === 'RollingBack' && now.ending === 'Aborted';
  if (isConfigChange(previous, object) && (now.phase === 'Pending' || isEnd)) return;
  // What a policy held, or what nobody saw come in, is taken up as if the webhook had answered.
  if (now.phase === 'Pending' && isTakenUp(object, previous)) return;
  if (now.phase === 'RollingBack' && now.ending === 'Aborted' && isHeldByPolicy(previous)) return;
  if (before === undefined)
    return report.broken(`${keyOf(object)} got the state ${now.phase} from Serin, out of nothing`);
  if (!ways[before.phase].includes(now.phase))
    report.broken(`${keyOf(object)} went from ${before.phase} to ${now.phase} by Serin`);
  // Whoever has a failed candidate tried again is its actor.
  const isRetried = before.phase === 'Failed' && now.phase === 'Pending';
  for (const field of ['revision', 'stableRevision', 'actor', 'ownPause'] as const) {
    if (field === 'actor' && isRetried) continue;
    // In place a pause would keep the pods of a failed candidate where they are.
    if (field === 'ownPause' && before.phase === 'Rolling' && now.phase === 'Failed') continue;
    if (before[field] !== now[field])
      report.broken(`${keyOf(object)}: Serin changed ${field} from ${before[field]} to ${now[field]}`);
  }
  if (
    'ending' in before &&
    (now.phase === 'Succeeded' || now.phase === 'Failed' || now.phase === 'Aborted')
  ) {
    if (before.ending !== now.phase)
      report.broken(`${keyOf(object)} was to end as ${before.ending} and ended as ${now.phase}`);
  }
}

function isTakenUp(main: KubeObject, previous: KubeObject | undefined): boolean {
  return isHeldByPolicy(previous) || stateOf(previous)?.revision !== revisionIn(main);
}

/** The reverse patch leads from the held template to stable, whatever happened to its ReplicaSet. */
function checkStable(report: Report, main: KubeObject, state: State): void {
  const template = templateOf(main);
  if (revisionOf(template) !== state.revision) return;
  const stable = readStable(main.metadata.annotations, template);
  const found = stable === undefined ? 'nowhere' : `to ${revisionOf(stable)}`;
  if (stable === undefined || revisionOf(stable) !== state.stableRevision)
    report.broken(
      `${keyOf(main)} (${state.phase}): the way back leads ${found}, stable is ${state.stableRevision}`,
    );
}

/** Whatever Prometheus and the webhook do meanwhile, the traffic is back in a minute. */
function expectZero(world: World, view: View, report: Report, main: KubeObject): void {
  const { uid } = main.metadata;
  const from = world.time.now;
  world.time.after(mostMs + world.settleMs, () => {
    const state = stateOf(view.main(uid));
    const weight = view.weights.now(uid) ?? 0;
    if (state?.phase !== 'RollingBack' || isHindered(world, from) || view.capacity.leastReady(uid) === 0)
      return;
    report.checked();
    if (weight > 0)
      report.broken(
        `${keyOf(main)} was given up ${(world.time.now - from) / 1000} s ago and its twin still has ${weight} percent`,
      );
  });
}

function isHindered({ troubles }: World, from: number): boolean {
  return troubles.some(({ what, until }) => until >= from && !/prometheus|webhook/i.test(what));
}
