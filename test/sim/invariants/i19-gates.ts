import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { GateType } from '../../../src/rollout/gate.ts';
import type { State } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { annotation, commandIn, isBySerin, isOf, isTwin, keyOf, planOf, stateOf } from './reading.ts';

/** Which gates a step of a rollout goes through. */
function gatesOf(before: State, now: State): readonly GateType[] {
  const isOnTrial = before.phase === 'Progressing' || before.phase === 'Waiting';
  if (before.phase === 'Pending' && (now.phase === 'Starting' || now.phase === 'Rolling'))
    return ['confirm-rollout'];
  if (before.phase === 'Starting' && now.phase === 'Progressing') return ['pre-rollout'];
  if (isOnTrial && now.phase.startsWith('Promoting.')) return ['confirm-promotion', 'rollout'];
  if (before.phase === 'Rolling' && now.phase === 'Rolling' && now.weight > before.weight)
    return [now.weight === 100 ? 'confirm-promotion' : 'confirm-traffic-increase', 'rollout'];
  const isRaised = isOnTrial && now.phase === 'Progressing' && now.weight > before.weight;
  return isRaised ? ['confirm-traffic-increase', 'rollout'] : [];
}

/** Whoever waits for a yes has one. */
export const i19: Invariant = {
  id: 'I19',
  says: 'no gate is passed that has not said yes since the candidate was asked for, but by a person who promotes or a plan that skips the analysis',
  watch(world, report) {
    const asked = new Map<string, number>();
    world.api.onWrite((write) => {
      const { object, previous, type, at } = write;
      if (!isOf(write, resources.deployments) || isTwin(object) || type === 'DELETED') return;
      const [before, now] = [stateOf(previous), stateOf(object)];
      const isNew = now?.phase === 'Pending' && before?.phase !== 'Pending';
      if (isNew || before?.revision !== now?.revision) asked.set(object.metadata.uid, at);
      if (before === undefined || now === undefined || !isBySerin(world, write)) return;
      onStep(world, report, write, { before, now, askedAt: asked.get(object.metadata.uid) ?? 0 });
    });
    return () => {};
  },
};

interface Step {
  readonly before: State;
  readonly now: State;
  readonly askedAt: number;
}

function onStep(
  world: World,
  report: Report,
  { object, previous }: Write,
  { before, now, askedAt }: Step,
): void {
  const types = gatesOf(before, now);
  // A plan in a ConfigMap may have been another a moment ago.
  const isOwn = annotation(object, 'serin.dev/canary') !== undefined;
  if (types.length === 0 || !isOwn || isFree(world, object, previous, now)) return;
  const gates = planOf(world, object)?.analysis.gates.filter(({ type }) => types.includes(type)) ?? [];
  for (const { name, url } of gates) {
    report.checked();
    const host = new URL(url).hostname.replace(/\.gates$/, '');
    const isOpened = world.gates.calls.some(
      ({ gate, at, status }) => gate === host && at >= askedAt && status !== undefined && status <= 202,
    );
    if (!isOpened)
      report.broken(
        `${keyOf(object)} went from ${before.phase} to ${now.phase} past gate ${name}, which never opened`,
      );
  }
}

function isFree(world: World, main: KubeObject, previous: KubeObject | undefined, { known }: State): boolean {
  const skips = planOf(world, main)?.skipAnalysis === true;
  return known === true || skips || commandIn(previous)?.do === 'promote';
}
