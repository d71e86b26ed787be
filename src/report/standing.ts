// Where a Deployment stands, why, and whether somebody had better look.
import { mistakesText, parseCanary } from '../config/canary.ts';
import { readCommand } from '../config/asked-command.ts';
import { readAsked, readState } from '../config/state.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import { podTrouble } from '../kube/pod-trouble.ts';
import type { Ledger, Pause, RolloutSpec, State } from '../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import type { Objects } from './objects.ts';
import type { Report } from './report.ts';

/** What the annotations say, as far as they can be read. */
export interface Said {
  readonly state?: State;
  readonly spec?: RolloutSpec;
  /** Why the plan cannot be followed; absent where it can, or no canary is wanted. */
  readonly mistakes?: string;
  /** Why no candidate would be held here; absent where one would. */
  readonly unheld?: string;
  /** Why the state cannot be read. */
  readonly corrupt?: string;
}

/** Reads state and plan of a Deployment. */
export function saidBy({ main, defaults, space }: Objects): Said {
  const { annotations, namespace = '' } = main.metadata;
  const state = readState(annotations);
  const plan = parseCanary(annotations?.[names.canary], textAt(objectAt(defaults, 'data'), 'canary.yaml'));
  const unheld = whyUnheld(plan.ok, space === undefined || isLabelled(space), namespace);
  return {
    ...(state === undefined ? {} : 'corrupt' in state ? state : { state }),
    ...(plan.ok === true ? { spec: plan.spec } : {}),
    ...(plan.ok === false ? { mistakes: mistakesText(plan.mistakes) } : {}),
    ...(unheld === undefined ? {} : { unheld }),
  };
}

/** True for a namespace in which Serin holds what is released. */
export function isLabelled({ metadata }: KubeObject): boolean {
  return ['canary', 'enforce'].includes(metadata.labels?.['serin.dev/mode'] ?? '');
}

function whyUnheld(plan: boolean | 'disabled', hasLabel: boolean, namespace: string): string | undefined {
  if (!hasLabel) return `namespace ${namespace} has no label serin.dev/mode: canary`;
  return plan === 'disabled' ? `${names.canary} says disabled` : undefined;
}

type Standing = Pick<Report, 'phase' | 'attention' | 'message' | 'actor' | 'startedAt' | 'endedAt' | 'pause'>;

/** Where it stands. */
export function standingOf(objects: Objects, said: Said, ledger: Ledger | undefined): Standing {
  const { annotations } = objects.main.metadata;
  if (said.corrupt !== undefined)
    return { phase: 'Unheld', attention: true, message: `the canary cannot go on: ${said.corrupt}` };
  const asked = annotations?.[names.heldBy] === 'policy' ? readAsked(annotations) : undefined;
  if (asked !== undefined && !('corrupt' in asked))
    return { phase: 'Pending', attention: true, message: heldByPolicy, actor: asked.actor };
  if (said.state === undefined) return withoutState(said);
  return withState(objects, said, said.state, ledger);
}

const heldByPolicy = 'held by kube-apiserver while Serin did not answer; Serin takes it up when it is back';

function withoutState({ unheld, mistakes }: Said): Standing {
  if (unheld !== undefined) return { phase: 'Unheld', attention: false, message: unheld };
  const message = mistakes === undefined ? '' : `its plan cannot be followed: ${mistakes}`;
  return { phase: 'Idle', attention: mistakes !== undefined, message };
}

function withState(objects: Objects, said: Said, state: State, ledger: Ledger | undefined): Standing {
  const pause = 'pause' in state ? state.pause : undefined;
  const isOver = 'endedAt' in state;
  const trouble = isOver ? undefined : troubleIn(objects);
  const mistakes =
    isOver || said.mistakes === undefined ? undefined : `the canary cannot go on: ${said.mistakes}`;
  const told = commandIn(objects, state);
  const messages = [mistakes, trouble, pausedBy(pause), told, 'message' in state ? state.message : undefined];
  const isStuck = state.phase === 'Failed' || state.phase === 'Waiting' || isHeldBack(state, ledger);
  return {
    phase: state.phase,
    attention: isStuck || pause !== undefined || trouble !== undefined || mistakes !== undefined,
    message: messages.filter((each) => each !== undefined && each !== '').join('; '),
    actor: state.actor,
    ...('startedAt' in state && state.startedAt !== undefined ? { startedAt: state.startedAt } : {}),
    ...(isOver ? { endedAt: state.endedAt } : {}),
    ...(pause === undefined ? {} : { pause }),
  };
}

/** Nothing was known in so many checks in a row: one may come of a scrape that was missed. */
const silentLimit = 3;

/** True where a gate, a suspension, the lack of answers or a check that failed keeps it. */
function isHeldBack(state: State, ledger: Ledger | undefined): boolean {
  if (state.phase === 'Pending') return state.message !== undefined && state.message !== '';
  if (state.phase === 'Rolling') return state.checks.silent >= silentLimit;
  if (!('needed' in state) || ledger === undefined) return false;
  return ledger.silent >= silentLimit || ledger.last?.verdict === 'fail';
}

function pausedBy(pause: Pause | undefined): string | undefined {
  if (pause === undefined) return undefined;
  return `paused by ${pause.actor}${pause.reason === undefined ? '' : `: ${pause.reason}`}`;
}

function commandIn({ main }: Objects, state: State): string | undefined {
  const command = readCommand(main.metadata.annotations);
  if (command === undefined || 'corrupt' in command || command.revision !== state.revision) return undefined;
  return `${command.actor} has said ${command.do}, and it is not heeded yet`;
}

function troubleIn({ pods, twin }: Objects): string | undefined {
  for (const pod of pods) {
    const trouble = podTrouble(pod);
    if (trouble !== undefined) return `pod ${pod.metadata.name}: ${trouble}`;
  }
  const refused = listAt(twin?.['status'], 'conditions').find(
    (each) => textAt(each, 'type') === 'ReplicaFailure' && textAt(each, 'status') === 'True',
  );
  const isWhole =
    (numberAt(twin?.['status'], 'readyReplicas') ?? 0) >= (numberAt(twin?.['spec'], 'replicas') ?? 1);
  return refused === undefined || isWhole ? undefined : textAt(refused, 'message');
}
