import { readHistory, readState, writeLedger, writeState } from '../config/state.ts';
import { readReverse, stableOf } from '../config/stable.ts';
import { SerinError } from '../errors.ts';
import { paceOf, templateOf } from '../kube/deployment.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import { readySeconds } from '../rollout/brake.ts';
import type { Action } from '../rollout/decision.ts';
import type { HistoryEntry, Json, JsonObject, Ledger, PatchOp, State } from '../rollout/types.ts';
import { listAt, textAt } from '../routing/json.ts';
import { annotationPath } from '../routing/pointer.ts';
import type { Scene } from './scene.ts';

/** Entries the history annotation keeps. */
const kept = 10;

/**
 * Writes the state, and in the same write puts the hold on or takes it off and keeps the evidence that it follows from.
 * Names the version that was read: whoever wrote since is not overwritten, the look is repeated.
 */
export async function recordHeld(
  kube: Kube,
  main: KubeObject,
  state: State,
  hold: 'on' | 'off' | 'as it is',
  evidence: JsonObject = {},
): Promise<KubeObject> {
  const seconds = secondsFor(main, state, hold === 'off');
  const spec = {
    ...(hold === 'as it is' ? {} : { paused: hold === 'on' }),
    ...(seconds === undefined ? {} : { minReadySeconds: seconds }),
  };
  const isAlone = Object.keys(spec).length === 0;
  const { namespace, name, generation } = main.metadata;
  if (isAlone && generation !== undefined && isOfTrial(state)) {
    const ops = annotationOps(main, { ...evidence, ...annotationsFor(main, state) }, generation);
    return kube.patch(resources.deployments, namespace, name, { type: 'json', ops });
  }
  const body: JsonObject = {
    metadata: { ...precondition(main), annotations: { ...evidence, ...annotationsFor(main, state) } },
    ...(isAlone ? {} : { spec }),
  };
  return kube.patch(resources.deployments, namespace, name, { type: 'merge', body });
}

/** What is decided of the twin: the status of main, which is held, has no part in it. */
function isOfTrial({ phase, mixed }: State): boolean {
  if (phase === 'RollingBack') return mixed !== true;
  return ['Starting', 'Progressing', 'Waiting', 'Promoting.Shift'].includes(phase);
}

/**
 * True where the Deployment is that one, and of that generation: it counts what is written into spec and annotations, and not
 * the status, which the Deployment controller writes several times just as somebody has applied it.
 */
function sameGeneration(uid: string, generation: number): readonly PatchOp[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/generation', value: generation },
  ];
}

function annotationOps(
  { metadata: { uid, annotations = {} } }: KubeObject,
  wished: JsonObject,
  generation: number,
): readonly PatchOp[] {
  return [
    ...sameGeneration(uid, generation),
    ...Object.entries(wished).flatMap(([key, value]): readonly PatchOp[] => {
      const path = annotationPath(key);
      if (value !== null) return [{ op: 'add', path, value }];
      return key in annotations ? [{ op: 'remove', path }] : [];
    }),
  ];
}

function secondsFor(main: KubeObject, state: State, letsGo: boolean): number | undefined {
  const read = readState(main.metadata.annotations);
  const before = read === undefined || 'corrupt' in read ? undefined : read;
  return readySeconds(before, state, { now: paceOf(main).minReadySeconds, letsGo });
}

/** The annotation with the evidence of a trial; of the twin it was seen on, so that it ends with it. */
export function evidenceOf({ twin }: Scene, ledger: Ledger): JsonObject {
  return twin === undefined ? {} : { [names.analysis]: writeLedger(ledger, twin.metadata.uid) };
}

/** Writes evidence that no state follows from. */
export async function recordEvidence(
  kube: Kube,
  main: KubeObject,
  evidence: JsonObject,
): Promise<KubeObject> {
  if (Object.keys(evidence).length === 0) return main;
  const { namespace, name } = main.metadata;
  const body = { metadata: { ...precondition(main), annotations: evidence } };
  return kube.patch(resources.deployments, namespace, name, { type: 'merge', body });
}

/** Puts the stable template back and takes the hold off: nothing restarts, since it is what the pods run. */
export async function restoreStable(kube: Kube, main: KubeObject, state: State): Promise<KubeObject> {
  const reverse = readReverse(main.metadata.annotations);
  const template = templateOf(main);
  if (reverse === undefined || stableOf(main.metadata.annotations, template, state) === undefined) {
    throw new SerinError(
      'KUBE_INVALID',
      `cannot restore ${main.metadata.name}: ${names.stable} does not lead back to revision ${state.stableRevision}`,
    );
  }
  const annotations = { ...main.metadata.annotations } as Record<string, Json>;
  for (const [key, value] of Object.entries(annotationsFor(main, state))) {
    if (value === null) delete annotations[key];
    else annotations[key] = value;
  }
  // Stable is in place, so there is no way back to it; where there is one, guard-hold.yaml sees a candidate that is held.
  delete annotations[names.stable];
  const seconds = secondsFor(main, state, false);
  const ops: PatchOp[] = [
    { op: 'test', path: '/metadata/resourceVersion', value: main.metadata.resourceVersion },
    ...reverse.map((op) => ({ ...op, path: `/spec/template${op.path}` })),
    { op: 'add', path: '/metadata/annotations', value: annotations },
    { op: 'add', path: '/spec/paused', value: state.ownPause },
    ...(seconds === undefined ? [] : [{ op: 'add', path: '/spec/minReadySeconds', value: seconds } as const]),
  ];
  return kube.patch(resources.deployments, main.metadata.namespace, main.metadata.name, {
    type: 'json',
    ops,
  });
}

/** Patches the one condition by its type; the Deployment controller leaves it alone while the Deployment is paused. */
export async function setCondition(
  kube: Kube,
  main: KubeObject,
  { status, reason, message }: Extract<Action, { do: 'condition' }>,
  at: Date,
): Promise<KubeObject> {
  const time = at.toISOString();
  const condition = {
    type: 'Progressing',
    status,
    reason,
    message,
    lastUpdateTime: time,
    lastTransitionTime: time,
  };
  const { namespace, name, uid, generation } = main.metadata;
  const conditions = listAt(main['status'], 'conditions');
  const place = conditions.findIndex((each) => textAt(each, 'type') === condition.type);
  if (place >= 0 && generation !== undefined) {
    const path = `/status/conditions/${place}`;
    const ops: readonly PatchOp[] = [
      ...sameGeneration(uid, generation),
      { op: 'test', path: `${path}/type`, value: condition.type },
      { op: 'replace', path, value: condition },
    ];
    return kube.patch(resources.deployments, namespace, name, { type: 'json', ops }, 'status');
  }
  const body = { metadata: precondition(main), status: { conditions: [condition] } };
  return kube.patch(resources.deployments, namespace, name, { type: 'strategic', body }, 'status');
}

/** Asks for the pods that main needs before traffic comes back to it. */
export async function scaleMain(kube: Kube, { main }: Scene, replicas: number): Promise<void> {
  const { name, namespace } = main.metadata;
  // The version too: a scaler that has asked for more meanwhile must not be overruled.
  const body = { metadata: precondition(main), spec: { replicas } };
  await kube.patch(resources.deployments, namespace, name, { type: 'merge', body }, 'scale');
}

function precondition({ metadata: { uid, resourceVersion } }: KubeObject): JsonObject {
  return { uid, resourceVersion };
}

/** A command that stood there was part of the decision: it goes with what came of it, and one said since is kept. */
function heeded({ metadata }: KubeObject): JsonObject {
  return names.command in (metadata.annotations ?? {}) ? { [names.command]: null } : {};
}

/** The state, and at the end the outcome too; a stable template that is in place needs no way back. */
function annotationsFor(main: KubeObject, state: State): JsonObject {
  const written = { [names.state]: writeState(state), ...heeded(main) };
  if (state.phase !== 'Succeeded' && state.phase !== 'Failed' && state.phase !== 'Aborted') return written;
  const entry: HistoryEntry = {
    revision: state.revision,
    outcome: state.phase,
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    actor: state.actor,
    message: state.message,
  };
  const read = readHistory(main.metadata.annotations);
  const before = read === undefined || 'corrupt' in read ? [] : read;
  // A trial ends once: that a failed candidate is taken back later does not make it one that was never judged.
  const isTold = before.some(
    ({ revision, startedAt }) => revision === entry.revision && startedAt === entry.startedAt,
  );
  const history = JSON.stringify((isTold ? before : [...before, entry]).slice(-kept));
  return {
    ...written,
    [names.history]: history,
    [names.analysis]: null,
    ...(state.phase === 'Failed' ? {} : { [names.stable]: null }),
  };
}
