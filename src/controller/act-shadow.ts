import { hasCode, messageOf, SerinError } from '../errors.ts';
import { listAll, type Kube } from '../kube/kube.ts';
import { type KubeObject, names, type Resource, resources } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import { ownerOf } from '../rollout/twin.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt, textAt } from '../routing/json.ts';
import { keysOf, labelSelector, labelsIn } from '../routing/selectors.ts';
import { twinServiceName } from '../routing/service.ts';
import { shadowKinds, shadowsOf } from '../routing/shadow.ts';
import { subsetsOf, twinDestinationRule } from '../routing/shadow-destination-rule.ts';
import type { Shadowed } from '../routing/shadowed.ts';
import { hash } from '../kube/hash.ts';
import type { Scene } from './scene.ts';
import { splitServicesOf } from './ways.ts';
import { scalerResources } from './act-scaler.ts';

/** What selects main's pods, and what says how main is called. */
const kinds = [...shadowKinds, 'DestinationRule'] as const;
type Kind = (typeof kinds)[number];

const resourceOf: Readonly<Record<Kind, Resource>> = {
  NetworkPolicy: resources.networkPolicies,
  PodDisruptionBudget: resources.podDisruptionBudgets,
  AuthorizationPolicy: resources.authorizationPolicies,
  PeerAuthentication: resources.peerAuthentications,
  RequestAuthentication: resources.requestAuthentications,
  PodMonitor: resources.podMonitors,
  DestinationRule: resources.destinationRules,
};

/**
 * Puts the shadows of all policies in order and answers what the twin is to have noted of them. They are looked for where
 * the twin begins or takes another revision, and again for a promotion, when it will carry everything; between these
 * every step would cost a list of each kind. Throws where one cannot be seen or made: no canary is less guarded.
 */
export async function applyShadows(kube: Kube, scene: Scene): Promise<string> {
  const { twin, state, labels } = scene;
  const noted = twin?.metadata.annotations?.[names.shadows];
  const isKnown = twin?.metadata.annotations?.[names.revision] === state.revision;
  if (!labels.ok || (noted !== undefined && isKnown && !state.phase.startsWith('Promoting')))
    return noted ?? '';
  const of = shadowed(scene, labels.labels, labels.changed);
  const had = await Promise.all(kinds.map((kind) => guarded(kind, () => shadow(kube, scene, kind, of))));
  return kinds.filter((_, index) => had[index]).join(',');
}

/**
 * Deletes what shadows, and which scaler of its own, a Deployment's twin has. Where the twin is not there to say it, every
 * kind is looked at.
 */
export async function removeShadows(
  kube: Kube,
  { uid, namespace = '' }: { readonly uid: string; readonly namespace?: string },
  twin: KubeObject | undefined,
): Promise<void> {
  const noted = twin?.metadata.annotations?.[names.shadows]?.split(',');
  const all = Object.entries({ ...resourceOf, ...scalerResources });
  for (const [, resource] of all.filter(([kind]) => noted === undefined || noted.includes(kind))) {
    const ours = { namespace, labelSelector: 'app.kubernetes.io/managed-by=serin' };
    const there = await listAll(kube, resource, ours);
    for (const each of there ?? []) if (isShadowFor(each, uid)) await remove(kube, resource, each);
  }
}

/** Makes, mends and takes away the shadows of one kind; answers whether there are any. */
async function shadow(kube: Kube, scene: Scene, kind: Kind, of: Shadowed): Promise<boolean> {
  const { uid, namespace = '' } = scene.main.metadata;
  const all = await listAll(kube, resourceOf[kind], { namespace });
  const wished = (all ?? [])
    .filter(({ metadata }) => !(names.twinOf in (metadata.annotations ?? {})))
    // What is in a list does not say what it is.
    .map((original) => ({ ...original, apiVersion: apiVersionOf(resourceOf[kind]) }))
    .flatMap((original) => twinsOf(original, scene, kind, of));
  for (const each of wished) await write(kube, kind, all ?? [], annotated(each, uid), uid);
  const wanted = new Set(wished.map((each) => textAt(each['metadata'], 'name')));
  const stale = (all ?? []).filter((each) => isShadowFor(each, uid) && !wanted.has(each.metadata.name));
  for (const each of stale) await remove(kube, resourceOf[kind], each);
  return wished.length > 0;
}

/** The same for the twin. How main is called is said by Service, and concerns those alone that send to the twin. */
function twinsOf(
  original: JsonObject,
  { main, routing }: Scene,
  kind: Kind,
  of: Shadowed,
): readonly JsonObject[] {
  const made = { owner: ownerOf(main.metadata), hash };
  if (kind !== 'DestinationRule') return shadowsOf(kind, original, of, made);
  const ways = routing.kind === 'none' ? [] : routing.ways;
  return ways.flatMap(({ split, routes }) => {
    const virtualServices = routes.filter(({ router }) => router.kind === 'VirtualService');
    const subsets = subsetsOf(
      virtualServices.map(({ object }) => object),
      split,
    );
    const twins = twinDestinationRule(original, split, { ...made, subsets });
    return twins === undefined ? [] : [twins];
  });
}

async function write(
  kube: Kube,
  kind: Kind,
  all: readonly KubeObject[],
  wished: JsonObject,
  uid: string,
): Promise<void> {
  const metadata = objectAt(wished, 'metadata');
  const [name, namespace] = [textAt(metadata, 'name') ?? '', textAt(metadata, 'namespace') ?? ''];
  const there = all.find((each) => each.metadata.name === name);
  if (there === undefined) {
    await kube.create(resourceOf[kind], namespace, wished);
    return;
  }
  if (!isShadowFor(there, uid))
    throw new SerinError(
      'KUBE_CONFLICT',
      `${namespace}/${name} exists and is not the twin's: rename or remove it`,
    );
  if (isSame(there['spec'] ?? {}, wished['spec'] ?? {})) return;
  const ops = [
    { op: 'test', path: '/metadata/resourceVersion', value: there.metadata.resourceVersion },
    { op: 'add', path: '/spec', value: wished['spec'] ?? {} },
  ] as const;
  await kube.patch(resourceOf[kind], namespace, name, { type: 'json', ops });
}

async function remove(kube: Kube, resource: Resource, { metadata }: KubeObject): Promise<void> {
  await kube.delete(resource, metadata.namespace, metadata.name, metadata.uid);
}

/** A kind that is not installed has no policies; one that may not be seen may have any. */
async function guarded<T>(kind: Kind, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (
      !hasCode(cause, 'KUBE_FORBIDDEN') &&
      !hasCode(cause, 'KUBE_INVALID') &&
      !hasCode(cause, 'KUBE_CONFLICT')
    )
      throw cause;
    const message = `cannot guard the canary as stable is: ${kind}: ${messageOf(cause)}`;
    throw new SerinError(cause instanceof SerinError ? cause.code : 'KUBE_INVALID', message, { cause });
  }
}

function shadowed({ main, routing }: Scene, twin: Shadowed['twin'], changed: Shadowed['twin']): Shadowed {
  const metadata = objectAt(objectAt(main['spec'], 'template'), 'metadata');
  const keys = keysOf(labelSelector(objectAt(main['spec'], 'selector')));
  const own = Object.entries(twin).filter(([key]) => keys.has(key));
  const split = splitServicesOf(routing).map(({ metadata: { name } }) => name);
  return {
    ...{ main: labelsIn(metadata['labels']), twin, select: { ...Object.fromEntries(own), ...changed } },
    services: new Map(split.map((name) => [name, twinServiceName(name, hash)])),
  };
}

/** Owner references go where the Deployment is deleted with --cascade=orphan; this stays. */
function annotated(wished: JsonObject, uid: string): JsonObject {
  return { ...wished, metadata: { ...objectAt(wished, 'metadata'), annotations: { [names.twinOf]: uid } } };
}

function isShadowFor({ metadata }: KubeObject, uid: string): boolean {
  return metadata.annotations?.[names.twinOf] === uid;
}

function apiVersionOf({ group, version }: Resource): string {
  return `${group}/${version}`;
}
