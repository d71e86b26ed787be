import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { Phase, State } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { annotation, commandIn, isBySerin, isOf, isTwin, keyOf, planOf, stateOf } from './reading.ts';

const group = 'serin.dev/group';
const rolling: readonly Phase[] = ['Promoting.Roll', 'Promoting.Return', 'Finalising', 'Succeeded'];
const onTrial: readonly Phase[] = ['Starting', 'Progressing', 'Waiting', 'Rolling'];

/** All of a group or none. */
export const i18: Invariant = {
  id: 'I18',
  says: 'no main of a group rolls before every member that was under way has its traffic on its canary, and none falls by itself once one rolls',
  watch(world, report) {
    world.api.onWrite((write) => {
      const { object, type, previous } = write;
      if (!isOf(write, resources.deployments) || isTwin(object) || type === 'DELETED') return;
      const [was, now] = [stateOf(previous), stateOf(object)];
      if (was === undefined || now === undefined || !isBySerin(world, write)) return;
      if (annotation(object, group) !== undefined) onStep(world, report, write, { was, now });
    });
    return () => {};
  },
};

function onStep(
  world: World,
  report: Report,
  { object, previous }: Write,
  { was, now }: { readonly was: State; readonly now: State },
): void {
  const others = othersOf(world, object, now);
  if (others.length === 0) return;
  const name = `${keyOf(object)} of group ${annotation(object, group)}`;
  const hasBegun = others.some(({ state }) => hasRolled(state));
  const isPassing =
    (was.phase === 'Progressing' || was.phase === 'Waiting') && now.phase === 'Promoting.Shift';
  if (isPassing && !hasBegun && commandIn(previous)?.do !== 'promote') {
    report.checked();
    const behind = others.find(({ state }) => onTrial.includes(state.phase) && !hasPassed(state));
    if (behind !== undefined)
      report.broken(
        `${name} takes all traffic, and ${keyOf(behind.main)} has not passed (${behind.state.phase})`,
      );
  }
  if (now.phase === 'Promoting.Roll' && was.phase === 'Promoting.Shift') {
    report.checked();
    const behind = others.find(({ state }) => isBehind(state));
    if (!hasBegun && behind !== undefined)
      report.broken(`${name} rolls, and ${keyOf(behind.main)} is ${behind.state.phase}`);
  }
  if (now.phase !== 'RollingBack' || was.phase === 'RollingBack') return;
  report.checked();
  if ('message' in now && (now.message ?? '').includes('of group') && hasBegun)
    report.broken(`${name} falls with another (${now.message}), and one rolls already`);
}

function hasPassed(state: State): boolean {
  return 'passed' in state && state.passed;
}

/** Its traffic is not all on its canary. */
function isBehind(state: State): boolean {
  if (state.phase === 'Promoting.Shift') return state.shifted !== true;
  return onTrial.includes(state.phase) || state.phase === 'RollingBack';
}

function hasRolled({ phase }: State): boolean {
  return rolling.includes(phase);
}

interface Other {
  readonly main: KubeObject;
  readonly state: State;
}

/** Those with a rollout at the same time, by their own doing. */
function othersOf(world: World, main: KubeObject, now: State): readonly Other[] {
  const begun = 'startedAt' in now ? (now.startedAt ?? 0) : Number.POSITIVE_INFINITY;
  return world.api.list(resources.deployments, main.metadata.namespace).flatMap((each) => {
    const state = stateOf(each);
    if (each.metadata.uid === main.metadata.uid || isTwin(each) || state === undefined) return [];
    if (annotation(each, group) !== annotation(main, group) || commandIn(each) !== undefined) return [];
    if (planOf(world, each) === undefined) return [];
    const isEarlier = 'endedAt' in state && state.endedAt < begun;
    return isEarlier ? [] : [{ main: each, state }];
  });
}
