import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import { parseCanary } from '../../../src/config/canary.ts';
import type { State } from '../../../src/rollout/types.ts';
import { textAt } from '../../../src/routing/json.ts';
import type { Invariant, World } from '../types.ts';
import { annotation, imageOf, isOver, keyOf, ledgerOf, stateOf } from './reading.ts';
import { type View, viewOf } from './view.ts';

/** Troubles end, and a while after that every rollout has come to an end. */
export const i14: Invariant = {
  id: 'I14',
  says: 'when troubles have ended, every rollout ends, unless what it waits for is not there and it says so',
  watch(world, report) {
    const view = viewOf(world);
    return () => {
      for (const main of world.api.list(resources.deployments)) {
        const state = stateOf(main);
        if (state === undefined) continue;
        report.checked();
        if (isOver(state) || whyOpen(world, view, main, state) !== undefined) continue;
        report.broken(
          `${keyOf(main)} is still ${state.phase} at rest, ${(world.time.now - lastStep(state)) / 1000} s after its last step: ${'message' in state ? state.message : ''}`,
        );
      }
    };
  },
};

/** Whether the rollout of the Deployment with that uid may stay open, though everybody waits for its end. */
export function isExcused(world: World, uid: string): boolean {
  const view = viewOf(world);
  const main = view.main(uid);
  const state = main === undefined ? undefined : stateOf(main);
  return main !== undefined && state !== undefined && whyOpen(world, view, main, state) !== undefined;
}

function lastStep(state: State): number {
  return 'since' in state && state.since !== undefined ? state.since : 0;
}

/** What a rollout may wait for without an end; undefined where it should have gone on. */
function whyOpen(world: World, view: View, main: KubeObject, state: State): string | undefined {
  if (world.troubles.some(({ until }) => until > world.time.now)) return 'a trouble goes on';
  const shared = world.api.get(resources.configMaps, main.metadata.namespace, 'serin');
  const plan = parseCanary(annotation(main, names.canary), textAt(shared?.['data'], 'canary.yaml'));
  if (plan.ok === false && state.phase !== 'RollingBack') return 'its plan cannot be followed';
  if ('pause' in state && state.pause !== undefined) return 'a person has paused it';
  if (plan.ok === true && plan.spec.suspended) return 'its plan is suspended';
  if (state.phase === 'Rolling' && state.checks.silent > 0) return 'nothing is known of its pods';
  if ('message' in state && state.message?.includes(' of group ')) {
    const others = view.mains.filter((each) => each.metadata.uid !== main.metadata.uid);
    const waits = (other: KubeObject, its: State): boolean =>
      !isOver(its) &&
      !('message' in its && its.message?.includes(' of group ')) &&
      whyOpen(world, view, other, its) !== undefined;
    if (others.some((other) => waits(other, stateOf(other) ?? state))) return 'another of its group is open';
  }
  if (state.phase === 'Progressing' || state.phase === 'Waiting') {
    const isSilent = (ledgerOf(main)?.silent ?? 0) > 0;
    return isSilent ? 'nothing is known of it, and no verdict is given' : undefined;
  }
  const isStuck = 'message' in state && state.message.startsWith('promotion stuck');
  if (isStuck && world.behaviourOf(imageOf(main)).start !== 'ok')
    return 'main cannot run it, and the twin serves';
  const isBlind = state.phase === 'RollingBack' && view.capacity.leastReady(main.metadata.uid) === 0;
  return isBlind ? 'stable has no pod to take the traffic' : undefined;
}
