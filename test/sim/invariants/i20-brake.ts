import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { State } from '../../../src/rollout/types.ts';
import { numberAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import { leeway } from '../kubernetes/deployment/arithmetic.ts';
import type { Deployment } from '../kubernetes/objects.ts';
import type { Invariant, Report } from '../types.ts';
import {
  isBySerin,
  isOf,
  isPaused,
  isTwin,
  keyOf,
  ownerUid,
  replicaSets,
  replicasOf,
  revisionIn,
  stateOf,
} from './reading.ts';
import { viewOf } from './view.ts';

/** When main was let go, and how many pods ran its candidate then. */
interface LetGo {
  readonly at: number;
  readonly pods: number;
  readonly replicas: number;
}

/** Main rolls between two writes of Serin's, which may be far from each other: what it does then is bounded all the same. */
export const i20: Invariant = {
  id: 'I20',
  says: "in place no more than a batch of pods rolls, unjudged, in as long as the brake lasts, whether Serin is there or not; the owner's minReadySeconds comes back",
  watch(world, report) {
    const view = viewOf(world);
    const letGo = new Map<string, LetGo>();
    /** How many pods each ReplicaSet is to have, by its Deployment's uid and its revision. */
    const sizes = new Map<string, number>();
    world.api.onWrite((write) => {
      if (isOf(write, replicaSets)) onSet(write);
      if (isOf(write, resources.deployments) && write.type === 'MODIFIED' && !isTwin(write.object))
        onMain(write);
    });
    const onSet = ({ object, type }: Write): void => {
      const uid = ownerUid(object) ?? '';
      const key = `${uid} ${revisionIn(object)}`;
      const [before, now] = [sizes.get(key) ?? 0, type === 'DELETED' ? 0 : replicasOf(object)];
      sizes.set(key, now);
      const main = view.main(uid);
      if (main !== undefined && now > before) checkGrowth(main, revisionIn(object), now);
    };
    const checkGrowth = (main: KubeObject, revision: string, now: number): void => {
      const state = stateOf(main);
      const since = letGo.get(main.metadata.uid);
      if (since === undefined || !isAtShare(state) || state.revision !== revision) return;
      // Who changes the scale, or takes the brake off, does not want what is measured here.
      if (replicasOf(main) !== since.replicas || isTakenOff(main, state)) return;
      report.checked();
      const { surge, unavailable } = leeway(main as unknown as Deployment);
      const batches = 1 + Math.floor((world.time.now - since.at) / (brakeOf(main) * 1000));
      const most = since.pods + batches * (surge + unavailable);
      if (now > most)
        report.broken(
          `${now} pods of ${keyOf(main)} run its candidate, unjudged: there were ${since.pods} when it was let go ${world.time.now - since.at} ms ago, and a batch is ${surge + unavailable}`,
        );
    };
    const onMain = (write: Write): void => {
      const { object, previous } = write;
      const { uid } = object.metadata;
      checkGivenBack(report, object, previous);
      const state = stateOf(object);
      if (isPaused(object) || previous === undefined || !isPaused(previous) || !isAtShare(state)) return;
      const pods = sizes.get(`${uid} ${state.revision}`) ?? 0;
      letGo.set(uid, { at: world.time.now, pods, replicas: replicasOf(object) });
      report.checked();
      if (isBySerin(world, write) && readySecondsOf(object) < brakeOf(object))
        report.broken(
          `${keyOf(object)} was let go with no brake on: ${state.weight} % of its pods are to roll`,
        );
    };
    return () => {};
  },
};

function isAtShare(state: State | undefined): state is Extract<State, { phase: 'Rolling' }> {
  return state?.phase === 'Rolling' && state.weight < 100;
}

function readySecondsOf({ spec }: KubeObject): number {
  return numberAt(spec, 'minReadySeconds') ?? 0;
}

function brakeOf({ spec }: KubeObject): number {
  return Math.min(30, (numberAt(spec, 'progressDeadlineSeconds') ?? 600) - 1);
}

function isTakenOff(main: KubeObject, { brake }: State): boolean {
  return brake !== undefined && readySecondsOf(main) < brake.seconds;
}

function checkGivenBack(report: Report, object: KubeObject, previous: KubeObject | undefined): void {
  const brake = stateOf(previous)?.brake;
  if (previous === undefined || brake === undefined || stateOf(object)?.brake !== undefined) return;
  report.checked();
  if (readySecondsOf(previous) === brake.seconds && readySecondsOf(object) !== brake.own)
    report.broken(
      `${keyOf(object)} is left with minReadySeconds ${readySecondsOf(object)}, which its owner wants at ${brake.own}`,
    );
}
