// What stands behind the Services of a namespace, and which changes are releases.
import { names, type KubeObject } from '../../kube/objects.ts';
import { isSame } from '../../rollout/template.ts';
import type { Json, JsonObject } from '../../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../routing/json.ts';
import { labelsIn, selectorMatches, serviceSelector } from '../../routing/selectors.ts';
import { annotationsOf, isRestart, podLabels, templateOf } from '../deployment.ts';
import { standingOf } from '../standing.ts';
import type { Around, Attempt } from './rule.ts';

/** The Services that a pod with these labels would get traffic from. */
export function servicesFor(services: readonly KubeObject[], labels: JsonObject): readonly KubeObject[] {
  return services.filter((service) => selects(service, labels));
}

/** True where the Service gives traffic to pods with these labels. */
export function selects(service: JsonObject, labels: JsonObject): boolean {
  const selector = serviceSelector(service);
  return selector !== undefined && selectorMatches(selector, labelsIn(labels));
}

/** The Deployments whose pods the Service gives its traffic to. */
export function behind(
  service: JsonObject,
  { deployments }: Pick<Around, 'deployments'>,
): readonly KubeObject[] {
  return deployments().filter((deployment) => selects(service, podLabels(deployment)));
}

/** The Service of that name, where it gives its traffic to a Deployment: what no traffic is moved away from at once. */
export function guardedService(name: string, around: Around): KubeObject | undefined {
  const service = around.services().find(({ metadata }) => metadata.name === name);
  return service !== undefined && behind(service, around).length > 0 ? service : undefined;
}

/** True where the Deployment has pods that answer. */
export function isServing(deployment: JsonObject): boolean {
  return (numberAt(deployment['status'], 'availableReplicas') ?? 0) > 0;
}

export function isTwin(deployment: JsonObject): boolean {
  return names.twinOf in annotationsOf(deployment);
}

/** True where the pods are to become others: neither a restart nor the way back to the stable version. */
export function isRelease({ operation, object, oldObject }: Attempt): boolean {
  if (operation !== 'UPDATE' || isTwin(oldObject)) return false;
  const [before, after] = [templateOf(oldObject), templateOf(object)];
  if (isSame(before, after) || isRestart(before, after)) return false;
  const standing = standingOf(oldObject);
  const stable = standing.is === 'held' || standing.is === 'promoting' ? standing.stable : undefined;
  return stable === undefined || !isSame(stable, after);
}

/** True where one of the annotations is another than the stored one; on a CREATE, where there is one. */
export function annotationChanges({ object, oldObject }: Attempt, name: string): boolean {
  return annotationsOf(object)[name] !== annotationsOf(oldObject)[name];
}

/** What of the metadata says who an object belongs to. */
export function ownersOf(object: JsonObject): readonly Json[] {
  return listAt(objectAt(object, 'metadata'), 'ownerReferences');
}

/** The name of the owner of that kind that controls the object. */
export function controllerOf(object: JsonObject, kind: string): string | undefined {
  const owner = ownersOf(object).find((each) => textAt(each, 'kind') === kind && isController(each));
  return owner === undefined ? undefined : textAt(owner, 'name');
}

function isController(owner: Json): boolean {
  return isObject(owner) && owner['controller'] === true;
}

/** The ReplicaSets of the Deployment. */
export async function setsOf(deployment: JsonObject, around: Around): Promise<readonly KubeObject[]> {
  const uid = textAt(deployment['metadata'], 'uid');
  const sets = await around.replicaSets();
  return sets.filter((set) => ownersOf(set).some((owner) => textAt(owner, 'uid') === uid));
}

/** `a, b and c` */
export function listed(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}

export function namesOf(objects: readonly KubeObject[]): string {
  return listed(objects.map(({ metadata }) => metadata.name));
}

/** The images of all containers of a pod spec, in their order. */
export function imagesOf(podSpec: JsonObject): readonly string[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    listAt(podSpec, list).flatMap((container) => textAt(container, 'image') ?? []),
  );
}
