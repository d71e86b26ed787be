// What invariants read off objects; each object is parsed once.
import { isDeepStrictEqual } from 'node:util';
import { type ParsedCanary, parseCanary } from '../../../src/config/canary.ts';
import { commandOf } from '../../../src/config/asked-command.ts';
import { readLedger, readState } from '../../../src/config/state.ts';
import { type KubeObject, names, type Resource, resources } from '../../../src/kube/objects.ts';
import { revisionOf } from '../../../src/kube/revision.ts';
import type { Command } from '../../../src/rollout/command.ts';
import type { Json, JsonObject, Ledger, Phase, RolloutSpec, State } from '../../../src/rollout/types.ts';
import { listAt, numberAt, objectAt, textAt, without } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { World } from '../types.ts';

export const replicaSets: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
};

const namespaces: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};

/** `namespace/name`. */
export function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return `${namespace}/${name}`;
}

/** `Kind namespace/name`. */
export function called(object: KubeObject): string {
  return `${textAt(object, 'kind') ?? ''} ${keyOf(object)}`;
}

export function isOf({ resource }: Pick<Write, 'resource'>, wanted: Resource): boolean {
  return resource.plural === wanted.plural && resource.group === wanted.group;
}

/** The kinds of objects that route. */
export const routeKinds: readonly Resource[] = [
  resources.virtualServices,
  resources.httpRoutes,
  resources.grpcRoutes,
];

/** True for a write of an object that routes. */
export function isOfRoute(write: Pick<Write, 'resource'>): boolean {
  return routeKinds.some((each) => isOf(write, each));
}

/** True where Serin itself made the call. */
export function isBySerin(world: World, { call }: Pick<Write, 'call'>): boolean {
  return call.caller.username === world.serin;
}

/** True for people and their tools; neither Serin nor Kubernetes' own controllers. */
export function isByPeople(world: World, write: Pick<Write, 'call'>): boolean {
  const isKubernetes = /^system:(serviceaccount:kube-system:|kube-|apiserver|node:)/.test(
    write.call.caller.username,
  );
  return !isBySerin(world, write) && !isKubernetes;
}

export function annotation(object: KubeObject | undefined, name: string): string | undefined {
  const value = object?.metadata.annotations?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function isTwin(object: KubeObject): boolean {
  return annotation(object, names.twinOf) !== undefined;
}

/** True where a policy in the API server holds a template that Serin has not taken up yet. */
export function isHeldByPolicy(main: KubeObject | undefined): boolean {
  return annotation(main, 'serin.dev/held-by') === 'policy';
}

/** True where the owner wants no canary of it. */
export function isOptedOut(main: KubeObject): boolean {
  return /disabled|"?enabled?"?: *false/.test(annotation(main, names.canary) ?? '');
}

/** True for what Serin made: a twin, its Service, a VirtualService. */
export function isMade({ metadata }: KubeObject): boolean {
  return metadata.labels?.['app.kubernetes.io/managed-by'] === 'serin';
}

/** The uid of the object whose deletion takes this one with it. */
export function ownerUid({ metadata }: KubeObject): string | undefined {
  return textAt(
    listAt(metadata, 'ownerReferences').find((each) => objectAt({ each }, 'each')['controller'] === true),
    'uid',
  );
}

const states = new WeakMap<KubeObject, { readonly state: State | undefined }>();

/** The state of a rollout; undefined where there is none or it cannot be read (which I5 tells). */
export function stateOf(main: KubeObject | undefined): State | undefined {
  if (main === undefined) return undefined;
  const known = states.get(main);
  if (known !== undefined) return known.state;
  const read = readState(main.metadata.annotations);
  const state = read === undefined || 'corrupt' in read ? undefined : read;
  states.set(main, { state });
  return state;
}

/** The evidence of a Deployment's trial. */
export function ledgerOf(main: KubeObject | undefined): Ledger | undefined {
  const read = readLedger(main?.metadata.annotations);
  return read === undefined || 'corrupt' in read ? undefined : read;
}

const heldPhases: readonly Phase[] = [
  'Pending',
  'Starting',
  'Progressing',
  'Waiting',
  'Promoting.Shift',
  'RollingBack',
  'Failed',
];

/** True where the candidate must not run in main's own pods. */
export function keepsBack(state: State | undefined): state is State {
  return state !== undefined && heldPhases.includes(state.phase);
}

/** What a person had said of this rollout and nobody had heeded; undefined where nothing, or it is for another revision. */
export function commandIn(main: KubeObject | undefined): Command | undefined {
  const state = stateOf(main);
  return main === undefined || state === undefined ? undefined : commandOf(main, state);
}

/** True where main itself rolls to the candidate, as far as it is asked to, without a twin. */
export function isInPlace(state: State | undefined): boolean {
  return state?.phase === 'Rolling';
}

/** True where a rollout is over, one way or the other. */
export function isOver({ phase }: State): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Aborted';
}

export function isPaused(main: KubeObject): boolean {
  return objectAt(main, 'spec')['paused'] === true;
}

export function templateOf(object: KubeObject | undefined): JsonObject {
  return objectAt(object?.['spec'], 'template');
}

const revisions = new WeakMap<JsonObject, string>();

/** The revision of an object's pod template; that of a ReplicaSet is its Deployment's. */
export function revisionIn(object: KubeObject): string {
  const template = templateOf(object);
  const known = revisions.get(template);
  if (known !== undefined) return known;
  const revision = revisionOf(withoutHash(template));
  revisions.set(template, revision);
  return revision;
}

function withoutHash(template: JsonObject): Json {
  const metadata = objectAt(template, 'metadata');
  const labels = objectAt(metadata, 'labels');
  if (!('pod-template-hash' in labels)) return template;
  return { ...template, metadata: { ...metadata, labels: without(labels, 'pod-template-hash') } };
}

/** The mark of a change of ConfigMaps and Secrets in the pod template. */
export function markOf(main: KubeObject | undefined): string | undefined {
  return textAt(objectAt(objectAt(templateOf(main), 'metadata'), 'annotations'), names.config);
}

/** True where the template has another mark of such a change than before, and is the same otherwise. */
export function isConfigChange(before: KubeObject | undefined, after: KubeObject): boolean {
  if (before === undefined || markOf(before) === markOf(after)) return false;
  return isDeepStrictEqual(unmarked(templateOf(before)), unmarked(templateOf(after)));
}

function unmarked(template: JsonObject): JsonObject {
  const metadata = objectAt(template, 'metadata');
  const annotations = without(objectAt(metadata, 'annotations'), names.config);
  return { ...template, metadata: { ...metadata, annotations } };
}

export function imageOf(object: KubeObject | undefined): string {
  const [container] = listAt(objectAt(templateOf(object), 'spec'), 'containers');
  return textAt(container, 'image') ?? '';
}

export function replicasOf(deployment: KubeObject | undefined): number {
  return numberAt(deployment?.['spec'], 'replicas') ?? 1;
}

/** The plan a Deployment asks for; undefined where it cannot be followed, or asks for none. */
export function planOf({ api }: World, main: KubeObject): RolloutSpec | undefined {
  const shared = api.get(resources.configMaps, main.metadata.namespace, 'serin');
  const parsed: ParsedCanary = parseCanary(
    annotation(main, names.canary),
    textAt(shared?.['data'], 'canary.yaml'),
  );
  return parsed.ok === true ? parsed.spec : undefined;
}

/** True in a namespace whose Deployments are Serin's care. */
export function isCaredFor({ api }: World, namespace: string | undefined): boolean {
  const mode = api.get(namespaces, undefined, namespace ?? '')?.metadata.labels?.['serin.dev/mode'];
  return mode === 'canary' || mode === 'enforce';
}

/** True where a trouble of that kind went on in the time from `from` on, or ended less than `afterMs` before it. */
export function isTroubled(
  { troubles, time }: World,
  from: number,
  { afterMs, only }: { readonly afterMs: number; readonly only?: 'costly' },
): boolean {
  return troubles.some(
    (trouble) =>
      (only === undefined || trouble.costsRequests) &&
      trouble.from <= time.now &&
      trouble.until + afterMs >= from,
  );
}
