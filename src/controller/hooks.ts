import type { Gates } from '../gates/gates.ts';
import type { About } from '../gates/payload.ts';
import type { KubeObject } from '../kube/objects.ts';
import { keyOf } from '../kube/store.ts';
import type { Telling } from '../kube/event.ts';
import type { AskedType, GateAnswer } from '../rollout/gate.ts';
import type { Moment } from '../rollout/moves.ts';
import type { State } from '../rollout/types.ts';
import type { Scene } from './scene.ts';

/** What is needed to ask gates: where answers come to, and how to look again once they are there. */
export interface Asking {
  readonly gates: Gates;
  /** Looks at that Deployment (`namespace/name`) as soon as may be. */
  readonly wake: (key: string) => void;
}

/** What the gates of the types that are due say; undefined where one has not answered yet, or none is due. Waits for nothing. */
export function answersOf(
  { gates, wake }: Asking,
  main: KubeObject,
  moment: Moment,
  due: readonly AskedType[],
): readonly GateAnswer[] | undefined {
  const { plan, state } = moment;
  const asked = plan.spec.analysis.gates.flatMap((gate) => {
    const type = due.find((each) => each === gate.type);
    return type === undefined ? [] : [{ ...gate, type }];
  });
  return gates.answers(asked, aboutOf(main, state, checkOf(moment)), () => wake(keyOf(main)));
}

/** What the gates said has been acted upon: the next time they are asked again. */
export function useAnswers(gates: Gates, { main }: Scene): void {
  gates.used(keyOf(main));
}

/** What an Event says, when, and the state that is written with it. */
export interface Happened {
  readonly state: State;
  readonly telling: Telling;
  readonly at: number;
}

/** Tells the hooks of the plan what the Events tell. */
export function tellHooks(gates: Gates, { main, spec }: Scene, { state, telling, at }: Happened): void {
  const { type: eventType, message } = telling;
  gates.tell(spec.analysis.gates, aboutOf(main, state), { type: 'event', eventType, message, at });
}

/** Tells the hooks of the plan how the rollout ended, where it has ended just now. */
export function tellEnd(gates: Gates, { main, spec, state: before }: Scene, state: State): void {
  if (!isEnd(state) || isEnd(before)) return;
  gates.tell(spec.analysis.gates, aboutOf(main, state), { type: 'post-rollout', message: state.message });
}

type End = Extract<State, { readonly endedAt: number }>;

function isEnd(state: State): state is End {
  return 'endedAt' in state;
}

function aboutOf(main: KubeObject, state: State, check = 0): About {
  const { name, namespace = '', uid } = main.metadata;
  const { revision, phase, actor } = state;
  return {
    ...{ namespace, name, uid, revision, phase, actor, check },
    startedAt: 'startedAt' in state ? (state.startedAt ?? 0) : 0,
    weight: 'weight' in state ? state.weight : 0,
  };
}

/** What tells this check of the trial from the others. */
function checkOf({ state, seen }: Moment): number {
  return state.phase === 'Rolling' ? state.checks.at : (seen.twin?.ledger?.ticks ?? 0);
}
