// Deployments as kube-apiserver sends them, at every point of a rollout from revision 1 to revision 2.
import jsonPatch from 'fast-json-patch';
import { decide } from '../../src/admission/mutate.ts';
import type { Asked } from '../../src/admission/verdict.ts';
import { writeState } from '../../src/config/state.ts';
import { names } from '../../src/kube/objects.ts';
import { revisionOf } from '../../src/kube/revision.ts';
import type { Json, JsonObject, PatchOp, State } from '../../src/rollout/types.ts';
import { objectAt, without } from '../../src/routing/json.ts';

export const controller = 'system:serviceaccount:serin-system:serin';

export interface Shape {
  readonly template?: Json;
  readonly annotations?: JsonObject;
  readonly paused?: boolean;
  readonly replicas?: number;
  readonly available?: number;
}

/** A pod template that runs `image`. */
export function aTemplate(image: string): JsonObject {
  return {
    metadata: { creationTimestamp: null, labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 8080 }] }] },
  };
}

export const templates = { one: aTemplate('web:1'), two: aTemplate('web:2'), three: aTemplate('web:3') };

/** A Deployment `web` that runs revision 1 with three pods, but for what `shape` says. */
export function aDeployment(shape: Shape = {}): JsonObject {
  const { annotations, paused } = shape;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: '5e7b',
      resourceVersion: '41',
      managedFields: [{ manager: 'kubectl', operation: 'Update' }],
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      replicas: shape.replicas ?? 3,
      selector: { matchLabels: { app: 'web' } },
      template: shape.template ?? templates.one,
      ...(paused === undefined ? {} : { paused }),
    },
    status: { replicas: 3, availableReplicas: shape.available ?? 3 },
  };
}

/** `old` as somebody would make it: `changes` to its template, pause, replicas; annotations as a whole. */
export function changed(old: JsonObject, changes: Shape): JsonObject {
  const { annotations, ...spec } = changes;
  const metadata = without(objectAt(old, 'metadata'), 'annotations');
  const before = objectAt(old, 'metadata')['annotations'];
  const after = annotations ?? before;
  return {
    ...old,
    metadata: after === undefined ? metadata : { ...metadata, annotations: after },
    spec: { ...objectAt(old, 'spec'), ...spec },
  };
}

export function updating(oldObject: JsonObject, object: JsonObject, username = 'ann'): Asked {
  return { operation: 'UPDATE', username, namespace: 'shop', dryRun: false, object, oldObject };
}

export function creating(object: JsonObject, username = 'ann'): Asked {
  return { operation: 'CREATE', username, namespace: 'shop', dryRun: false, object };
}

/** The object after the patch, as kube-apiserver makes it. */
export function patched(object: JsonObject, patch: readonly PatchOp[]): JsonObject {
  const copy = JSON.parse(JSON.stringify(object)) as JsonObject;
  return jsonPatch.applyPatch(copy, patch as never, true).newDocument;
}

/** What kube-apiserver stores of an update that is allowed. */
function stored(asked: Asked): JsonObject {
  const verdict = decide(asked, { controller });
  if (verdict.kind === 'deny') throw new Error(`denied: ${verdict.message}`);
  return patched(asked.object, verdict.patch);
}

const identity = {
  v: 1,
  revision: revisionOf(templates.two),
  stableRevision: revisionOf(templates.one),
  actor: 'ann',
  ownPause: false,
} as const;
const running = { startedAt: 1000, since: 2000, needed: 3, weight: 20, message: '' };

/** One state of each phase, of the rollout from revision 1 to revision 2. */
export const states = {
  pending: { ...identity, phase: 'Pending' },
  starting: { ...identity, phase: 'Starting', ...running },
  progressing: { ...identity, phase: 'Progressing', ...running },
  waiting: { ...identity, phase: 'Waiting', ...running },
  rolling: {
    ...{ ...identity, phase: 'Rolling', ...running, reached: false },
    checks: { at: 2000, failed: 0, silent: 0 },
  },
  shift: { ...identity, phase: 'Promoting.Shift', ...running },
  roll: { ...identity, phase: 'Promoting.Roll', ending: 'Succeeded', ...running, weight: 100 },
  giveBack: { ...identity, phase: 'Promoting.Return', ending: 'Succeeded', ...running },
  finalising: { ...identity, phase: 'Finalising', ending: 'Succeeded', ...running, weight: 0 },
  turnedBack: { ...identity, phase: 'Promoting.Roll', ending: 'Aborted', ...running, weight: 100 },
  rollingBack: { ...identity, phase: 'RollingBack', ending: 'Failed', message: 'slow', startedAt: 1000 },
  aborting: { ...identity, phase: 'RollingBack', ending: 'Aborted', message: 'git revert', startedAt: 1000 },
  failed: { ...identity, phase: 'Failed', startedAt: 1000, endedAt: 3000, message: '5 checks failed' },
  succeeded: { ...identity, phase: 'Succeeded', startedAt: 1000, endedAt: 3000, message: 'promoted' },
  aborted: { ...identity, phase: 'Aborted', startedAt: 1000, endedAt: 3000, message: 'git revert' },
} as const satisfies Record<string, State>;

/** The Deployment in a state: held with revision 2 in its template, but for what `shape` says. */
export function standing(state: State, shape: Shape = {}): JsonObject {
  const held = stored(updating(aDeployment(), aDeployment({ template: templates.two })));
  const annotations = {
    ...objectAt(objectAt(held, 'metadata'), 'annotations'),
    [names.state]: writeState(state),
  };
  return changed(held, { annotations, ...shape });
}
