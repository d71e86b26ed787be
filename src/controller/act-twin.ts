import { SerinError } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names, type Resource, resources } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import { ownerOf, twinDeployment, type TwinWish } from '../rollout/twin.ts';
import type { JsonObject, Ledger } from '../rollout/types.ts';
import { objectAt } from '../routing/json.ts';
import { twinService, twinServiceName } from '../routing/service.ts';
import { hash, isMadeFor, type Scene } from './scene.ts';

/** Makes the twin run the candidate with that many pods, and the Service that selects them. */
export async function applyTwin(
  kube: Kube,
  scene: Scene,
  { replicas, settleMs, revision }: Pick<TwinWish, 'replicas' | 'settleMs' | 'revision'>,
): Promise<void> {
  const { main, twin, labels, routing } = scene;
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
  if (routing.service !== undefined) {
    const serviceName = twinServiceName(routing.service.metadata.name, hash);
    refuseForeign(await kube.get(resources.services, namespace, serviceName), main, 'Service');
    const service = twinService(routing.service, serviceName, labels.changed, ownerOf(main.metadata));
    // Owner references go where the Deployment is deleted with --cascade=orphan; this stays.
    const metadata = { ...objectAt(service, 'metadata'), annotations: { [names.twinOf]: uid } };
    const body = { ...service, metadata };
    await kube.patch(resources.services, namespace, serviceName, { type: 'apply', body });
  }
  // Of a twin that was seen, that very version: whoever looked at another must not overrule who wrote it since.
  const seen = twin && { uid: twin.metadata.uid, resourceVersion: twin.metadata.resourceVersion };
  const body = { ...wished, metadata: { ...objectAt(wished, 'metadata'), ...seen } };
  await kube.patch(resources.deployments, namespace, scene.twinName, { type: 'apply', body });
}

/** Deletes the twin and every Service made for it; what is not ours by owner and uid is left alone. */
export async function removeTwin(kube: Kube, { main, twin, made }: Scene): Promise<void> {
  if (twin !== undefined) await removeOwn(kube, resources.deployments, twin, main);
  for (const service of made) await removeOwn(kube, resources.services, service, main);
}

/** Keeps the evidence on the twin, so that it ends with it. */
export async function writeLedger(kube: Kube, { twin }: Scene, ledger: Ledger): Promise<void> {
  if (twin === undefined) return;
  const { uid, name, namespace } = twin.metadata;
  const body = { metadata: { uid, annotations: { [names.analysis]: JSON.stringify(ledger) } } };
  await kube.patch(resources.deployments, namespace, name, { type: 'merge', body });
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
