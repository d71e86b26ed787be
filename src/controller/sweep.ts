import type { Clock } from '../clock.ts';
import { isTwin } from '../kube/deployment.ts';
import { type KubeObject, names, type Resource, resources } from '../kube/objects.ts';
import { listAt, textAt } from '../routing/json.ts';
import { splitServices } from '../routing/memory.ts';
import { twinServiceName } from '../routing/service.ts';
import type { Split } from '../routing/types.ts';
import { edit } from './act-route.ts';
import { removeShadows } from './act-shadow.ts';
import { isLeaving, isUnderway } from './idle.ts';
import type { Handled } from './queue.ts';
import { hash } from '../kube/hash.ts';
import type { Sources } from './scene.ts';
import { routesOf } from './way.ts';

type Around = Sources & {
  readonly clock: Clock;
  readonly settleMs: number;
};

/** The key under which the leavings of a whole namespace are worked on; no Deployment has an empty name. */
export function sweepKey(namespace: string | undefined): string {
  return `${namespace}/`;
}

/**
 * Takes away what rollouts of `namespace` have left behind: a Deployment that was deleted while it had a canary leaves
 * nobody to do it, its owner references may have been taken off before (`delete --cascade=orphan`), and a rollout whose
 * Service was deleted under it no longer knows what it had made.
 */
export async function sweep(around: Around, namespace: string): Promise<Handled> {
  const hadTraffic = await sweepRoutes(around, namespace);
  const now = around.clock.now();
  // Requests are on their way until every proxy knows: what they go to stays as long.
  if (hadTraffic) return { wakeAt: now + around.settleMs };
  const twins = leftIn(around, around.deployments.inNamespace(namespace).filter(isTwin));
  const services = leftIn(around, around.services.inNamespace(namespace).filter(isMade));
  const drainedAt = changedAt(around, namespace, services) + around.settleMs;
  if (now < drainedAt) return { wakeAt: drainedAt };
  for (const twin of twins) await sweepOne(around, resources.deployments, twin);
  for (const service of services) await sweepOne(around, resources.services, service);
  return {};
}

/** Those of them whose Deployment has no rollout, or is no more, as far as the copy knows. */
function leftIn({ deployments }: Around, objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter((object) => {
    const [owner, { namespace = '' }] = [madeFor(object), object.metadata];
    if (owner === undefined || !isWrittenByUs(object)) return false;
    return !deployments
      .inNamespace(namespace)
      .some((each) => each.metadata.uid === owner && isUnderway(each));
  });
}

/**
 * Since when (Unix ms) the routes that may have sent to these twins' Services are known as they are: another look may have
 * taken the split out, or somebody else.
 */
function changedAt(around: Around, namespace: string, twinServices: readonly KubeObject[]): number {
  const left = new Set(twinServices.map(({ metadata }) => metadata.name));
  const splits = around.services
    .inNamespace(namespace)
    .filter((service) => !isMade(service))
    .map(({ metadata: { name } }) => splitOf({ name, namespace }))
    .filter(({ twinService }) => left.has(twinService));
  const times = around.routeKinds.flatMap(routesOf).flatMap(({ object, router, knownSince }) => {
    const hadIt = splits.some((split) => router.carries(object, split));
    return hadIt && knownSince !== undefined ? [knownSince] : [];
  });
  return Math.max(Number.NEGATIVE_INFINITY, ...times);
}

/** Takes splits out that nobody wants; answers whether there were any. */
async function sweepRoutes(around: Around, namespace: string): Promise<boolean> {
  const unwanted = around.routeKinds.flatMap(routesOf).flatMap((route) =>
    splitsOf(route.object, namespace)
      .filter((split) => !isWanted(around, split))
      .map((split) => ({ route, split })),
  );
  for (const { route, split } of unwanted)
    await edit(around.kube, route, route.router.unsplit(route.object, split));
  return unwanted.length > 0;
}

/** The splits of Services of the namespace that a route remembers. */
function splitsOf(route: KubeObject, namespace: string): readonly Split[] {
  const services = splitServices(route).filter((service) => service.namespace === namespace);
  return services.map(splitOf);
}

function splitOf(service: Omit<Split['service'], 'ports'>): Split {
  return { service: { ...service, ports: [] }, twinService: twinServiceName(service.name, hash) };
}

/** A split is wanted while the Deployment that owns the twin's Service has a rollout. */
function isWanted(
  { services, deployments }: Around,
  { service: { namespace }, twinService }: Split,
): boolean {
  const underway = deployments.inNamespace(namespace).filter(isUnderway);
  if (underway.length === 0) return false;
  const service = services.get(namespace, twinService);
  // Somebody may have deleted the Service alone: then any rollout here may be the one, and will mend it.
  if (service === undefined) return true;
  return underway.some(({ metadata }) => madeFor(service) === metadata.uid);
}

/** Deletes a twin or a Service of one whose Deployment has no rollout, or is no more. */
async function sweepOne(
  { kube, deployments }: Around,
  resource: Resource,
  object: KubeObject,
): Promise<void> {
  const { namespace = '', name, uid } = object.metadata;
  const owner = madeFor(object) ?? '';
  const known = deployments.inNamespace(namespace).find(({ metadata }) => metadata.uid === owner);
  if (known !== undefined && isUnderway(known)) return;
  // The copy had the Deployment before anything was made for it; that it has a rollout by now, it may not know yet.
  const main = known && (await kube.get(resources.deployments, namespace, known.metadata.name));
  const isThere = main !== undefined && main.metadata.uid === owner && !isLeaving(main);
  // What goes with its owner is the garbage collector's.
  if (isThere ? isUnderway(main) : listAt(object.metadata, 'ownerReferences').length > 0) return;
  if (resource === resources.deployments) await removeShadows(kube, { uid: owner, namespace }, object);
  await kube.delete(resource, namespace, name, uid);
}

function isMade({ metadata }: KubeObject): boolean {
  return metadata.labels?.['app.kubernetes.io/managed-by'] === 'serin';
}

/** The uid of the Deployment that something was made for. */
function madeFor({ metadata }: KubeObject): string | undefined {
  const owner = listAt(metadata, 'ownerReferences').find((each) => textAt(each, 'kind') === 'Deployment');
  return metadata.annotations?.[names.twinOf] ?? textAt(owner, 'uid');
}

/** A copy that somebody made of a twin says all that the twin says, but who wrote it. */
function isWrittenByUs({ metadata }: KubeObject): boolean {
  return listAt(metadata, 'managedFields').some((entry) => textAt(entry, 'manager') === names.fieldManager);
}
