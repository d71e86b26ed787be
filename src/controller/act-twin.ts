import { SerinError } from '../errors.ts';
import { isMadeFor } from '../kube/deployment.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names, type Resource, resources } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import { ownerOf, twinDeployment, type TwinWish } from '../rollout/twin.ts';
import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { isObject, objectAt, textAt } from '../routing/json.ts';
import { twinService, twinServiceName } from '../routing/service.ts';
import type { Labels } from '../routing/types.ts';
import { applyScaler } from './act-scaler.ts';
import { applyShadows, removeShadows } from './act-shadow.ts';
import { hash } from '../kube/hash.ts';
import type { Scene } from './scene.ts';
import { splitServicesOf } from './ways.ts';

/** Makes the twin run the candidate with that many pods, and the Service that selects them. */
export async function applyTwin(
  kube: Kube,
  scene: Scene,
  { replicas, settleMs, revision }: Pick<TwinWish, 'replicas' | 'settleMs' | 'revision'>,
): Promise<void> {
  const { main, twin, labels } = scene;
  const { name, namespace = '', uid } = main.metadata;
  if (!labels.ok)
    throw new SerinError('KUBE_INVALID', `cannot make a twin of ${namespace}/${name}: ${labels.why}`);
  refuseForeign(twin, main, 'Deployment');
  const of = { name, namespace, uid, spec: objectAt(main, 'spec') };
  const wished = twinDeployment(of, {
    ...{ name: scene.twinName, replicas, settleMs, revision },
    labels: labels.labels,
  });
  if (twin !== undefined && !isSame(selectorOf(twin), selectorOf(wished))) {
    // A selector cannot be changed: the twin of another candidate's labels has to go first.
    return kube.delete(resources.deployments, namespace, scene.twinName, twin.metadata.uid);
  }
  const scaler = await applyScaler(kube, scene, replicas);
  const shadows = await applyShadows(kube, scene);
  const services = splitServicesOf(scene.routing).map((service) =>
    wishedService(scene, service, labels.changed),
  );
  // Side by side: no weight is given before both are there and known.
  await allOf([
    ...services.map(({ there, wished: service, fields }) =>
      write(kube, resources.services, there, service, fields),
    ),
    write(kube, resources.deployments, twin, noting(wished, twin, `${shadows},${scaler}`), ['spec']),
  ]);
}

/** Waits for all of them, also where one fails: what comes of the others must be known before the next look. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(works);
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
}

/** The twin with a note of what has shadows, so that nothing else is looked for when it goes. */
function noting(twin: JsonObject, before: KubeObject | undefined, kinds: string): JsonObject {
  const metadata = objectAt(twin, 'metadata');
  const noted = `${before?.metadata.annotations?.[names.shadows] ?? ''},${kinds}`.split(',');
  const shadows = [...new Set(noted)].filter((kind) => kind !== '').join(',');
  const annotations = { ...objectAt(metadata, 'annotations'), [names.shadows]: shadows };
  return { ...twin, metadata: { ...metadata, annotations } };
}

interface WishedService {
  readonly there: KubeObject | undefined;
  readonly wished: JsonObject;
  readonly fields: readonly string[];
}

/** The Service that selects the twin in the place of a user's; throws where somebody else has one of that name. */
function wishedService({ main, services }: Scene, users: KubeObject, changed: Labels): WishedService {
  const name = twinServiceName(users.metadata.name, hash);
  const there = services.find(({ metadata }) => metadata.name === name);
  refuseForeign(there, main, 'Service');
  const service = twinService(users, name, changed, ownerOf(main.metadata));
  // Owner references go where the Deployment is deleted with --cascade=orphan; this stays.
  const metadata = { ...objectAt(service, 'metadata'), annotations: { [names.twinOf]: main.metadata.uid } };
  const fields = Object.keys(objectAt(service, 'spec')).map((key) => `spec.${key}`);
  return { there, wished: { ...service, metadata }, fields };
}

/**
 * Makes the object where there is none, and otherwise makes those fields of it as wished. Whoever looked at another
 * version, or at none, must not overrule who wrote since: the call of a leader that stood still comes late.
 */
async function write(
  kube: Kube,
  resource: Resource,
  there: KubeObject | undefined,
  wished: JsonObject,
  fields: readonly string[],
): Promise<void> {
  const metadata = objectAt(wished, 'metadata');
  const namespace = textAt(metadata, 'namespace');
  if (there === undefined) {
    await kube.create(resource, namespace, wished);
    return;
  }
  const ops = [
    ...metadataOps(there.metadata, metadata),
    ...fields.flatMap((field) => fieldOps(there, wished, field)),
  ];
  if (ops.length === 0) return;
  const test: PatchOp = {
    op: 'test',
    path: '/metadata/resourceVersion',
    value: there.metadata.resourceVersion,
  };
  await kube.patch(resource, namespace, there.metadata.name, { type: 'json', ops: [test, ...ops] });
}

/** What others wrote there stays. */
function metadataOps(there: JsonObject, wished: JsonObject): readonly PatchOp[] {
  return ['labels', 'annotations'].flatMap((key): readonly PatchOp[] => {
    const [before, after] = [objectAt(there, key), { ...objectAt(there, key), ...objectAt(wished, key) }];
    return isSame(before, after) ? [] : [{ op: 'add', path: `/metadata/${key}`, value: after }];
  });
}

function fieldOps(there: JsonObject, wished: JsonObject, field: string): readonly PatchOp[] {
  const keys = field.split('.');
  const at = (object: JsonObject): Json =>
    keys.reduce<Json>((value, key) => (isObject(value) ? (value[key] ?? null) : null), object);
  return isSame(at(there), at(wished)) ? [] : [{ op: 'add', path: `/${keys.join('/')}`, value: at(wished) }];
}

/** Deletes the twin and every Service made for it; what is not ours by owner and uid is left alone. */
export async function removeTwin(kube: Kube, { main, twin, made }: Scene): Promise<void> {
  await removeShadows(kube, main.metadata, twin);
  if (twin !== undefined) await removeOwn(kube, resources.deployments, twin, main);
  for (const service of made) await removeOwn(kube, resources.services, service, main);
}

async function removeOwn(
  kube: Kube,
  resource: Resource,
  object: KubeObject,
  main: KubeObject,
): Promise<void> {
  const { namespace, name, uid } = object.metadata;
  if (isMadeFor(object, main)) await kube.delete(resource, namespace, name, uid);
}

/**
 * True while another Deployment's twin has the Service that this one's is to have. Those of its group wait for this one
 * themselves.
 */
export function waitsForAnother({ main, services, routing, others }: Scene): boolean {
  const wanted = new Set(
    splitServicesOf(routing).map(({ metadata }) => twinServiceName(metadata.name, hash)),
  );
  const owners = services.flatMap(({ metadata }) =>
    wanted.has(metadata.name) ? (metadata.annotations?.[names.twinOf] ?? []) : [],
  );
  const own = new Set([main, ...others].map(({ metadata }) => metadata.uid));
  return owners.some((owner) => !own.has(owner));
}

function refuseForeign(object: KubeObject | undefined, main: KubeObject, kind: string): void {
  if (object === undefined || isMadeFor(object, main)) return;
  const { namespace, name } = object.metadata;
  throw new SerinError(
    'KUBE_CONFLICT',
    `${kind} ${namespace}/${name} exists and is not the twin's: rename or remove it`,
  );
}

function selectorOf(deployment: JsonObject): JsonObject {
  return objectAt(objectAt(deployment['spec'], 'selector'), 'matchLabels');
}
