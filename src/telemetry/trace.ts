// The trace of a rollout: what spans its decisions come to. IDs follow from what stands in the cluster, so that who leads
// after a restart goes on with the same trace.
import { hash } from '../kube/hash.ts';
import type { Action, Decision } from '../rollout/decision.ts';
import type { Observation, State, Verdict } from '../rollout/types.ts';

/** A span that has ended. */
export interface SpanData {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent of the span of the rollout itself. */
  readonly parentId?: string;
  /** Unix ms. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: { readonly [name: string]: string | number };
  /** Why it failed, where it did. */
  readonly failure?: string;
}

/** Whose rollout. */
export interface Subject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A phase that is under way, or one weight of it. */
interface Step {
  readonly state: State;
  readonly enteredAt: number;
  verdict: Verdict | undefined;
}

/** The spans of all rollouts, as their decisions are seen. What goes on is remembered; nothing else is. */
export class Trail {
  readonly #steps = new Map<string, Step>();

  /** What has ended with a decision that was taken at `now`; both states are looked at, since a webhook writes some. */
  see(
    subject: Subject,
    before: State,
    decision: Decision,
    seen: Observation,
    now: number,
  ): readonly SpanData[] {
    const earlier = this.#look(subject, before, now);
    const step = this.#steps.get(keyOf(subject));
    if (step !== undefined) step.verdict = verdictOf(decision.actions, seen, before) ?? step.verdict;
    return [...earlier, ...this.#look(subject, decision.state, now)];
  }

  /** That Deployment (`namespace/name`) has no rollout any more. */
  forget(key: string): void {
    this.#steps.delete(key);
  }

  #look(subject: Subject, state: State, now: number): readonly SpanData[] {
    const key = keyOf(subject);
    const step = this.#steps.get(key);
    const begun = { state, enteredAt: step === undefined ? sinceOf(state, now) : now, verdict: undefined };
    const isOver = 'endedAt' in state;
    if (step !== undefined && isSame(step.state, state)) return [];
    if (isOver) this.#steps.delete(key);
    else this.#steps.set(key, begun);
    const trial = trialOf(subject, step?.state);
    const ended = step === undefined || trial === undefined ? [] : [phaseSpan(subject, trial, step, now)];
    if (isOver)
      return step === undefined ? [] : [...ended, ...whole(subject, state, state.phase, state.endedAt)];
    const isReplaced = step !== undefined && trial !== undefined && trialOf(subject, state)?.id !== trial.id;
    return isReplaced ? [...ended, ...whole(subject, step.state, 'Superseded', now)] : ended;
  }
}

function keyOf({ namespace, name }: Subject): string {
  return `${namespace}/${name}`;
}

interface Trial {
  /** Of the trace. */
  readonly id: string;
  readonly startedAt: number;
}

/** Undefined before it begins. */
function trialOf({ uid }: Subject, state: State | undefined): Trial | undefined {
  const startedAt = state !== undefined && 'startedAt' in state ? state.startedAt : undefined;
  if (state === undefined || startedAt === undefined) return undefined;
  return { id: hash([uid, state.revision, startedAt].join('/')).slice(0, 32), startedAt };
}

function phaseSpan(
  subject: Subject,
  { id }: Trial,
  { state, enteredAt, verdict }: Step,
  now: number,
): SpanData {
  return {
    ...{ name: state.phase, traceId: id, spanId: spanId(id, `${state.phase}/${enteredAt}`) },
    ...{ parentId: rootId(id), startMs: Math.min(enteredAt, now), endMs: now },
    attributes: {
      ...attributesOf(subject, state),
      'serin.phase': state.phase,
      ...('weight' in state ? { 'serin.weight': state.weight } : {}),
      ...(verdict === undefined ? {} : { 'serin.verdict': verdict }),
    },
  };
}

/** The span of the rollout; none of one whose trial had not begun. */
function whole(subject: Subject, state: State, outcome: string, endMs: number): readonly SpanData[] {
  const trial = trialOf(subject, state);
  if (trial === undefined) return [];
  const { id, startedAt } = trial;
  const message = 'message' in state ? (state.message ?? '') : '';
  return [
    {
      ...{ name: 'rollout', traceId: id, spanId: rootId(id), startMs: Math.min(startedAt, endMs), endMs },
      attributes: { ...attributesOf(subject, state), 'serin.outcome': outcome },
      ...(outcome === 'Failed' ? { failure: message } : {}),
    },
  ];
}

function attributesOf({ namespace, name, uid }: Subject, state: State): SpanData['attributes'] {
  return {
    ...{ 'k8s.namespace.name': namespace, 'k8s.deployment.name': name, 'k8s.deployment.uid': uid },
    ...{ 'serin.revision': state.revision, 'serin.stable_revision': state.stableRevision },
    'serin.actor': state.actor,
  };
}

function rootId(trace: string): string {
  return spanId(trace, 'rollout');
}

function spanId(trace: string, what: string): string {
  return hash(`${trace}/${what}`).slice(0, 16);
}

function isSame(a: State, b: State): boolean {
  return (
    a.phase === b.phase && a.revision === b.revision && weightIn(a) === weightIn(b) && began(a) === began(b)
  );
}

function weightIn(state: State): number | undefined {
  return 'weight' in state ? state.weight : undefined;
}

function began(state: State): number | undefined {
  return 'startedAt' in state ? state.startedAt : undefined;
}

/** When what was under way at a restart began. */
function sinceOf(state: State, now: number): number {
  const since = 'since' in state ? state.since : undefined;
  return since ?? began(state) ?? now;
}

function verdictOf(
  actions: readonly Action[],
  { twin }: Observation,
  { revision }: State,
): Verdict | undefined {
  const written = actions.findLast((action) => action.do === 'ledger');
  const ledger = written?.ledger ?? twin?.ledger;
  return ledger?.revision === revision ? ledger.last?.verdict : undefined;
}
