// The Deployment in the cluster: whether it has a version, and how it can be given one.
import { containersIn, templateOf } from '../kube/deployment.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { noSuch } from '../plugin/find.ts';
import type { Cluster } from '../plugin/verb.ts';
import type { Json } from '../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { imageOf } from './image.ts';
import { chosenContainers } from './kinds/find.ts';
import type { Wanted } from './kinds/kind.ts';
import { Stop } from './stop.ts';

/** True where its template, or a label of it, says the version; a chart's + is _ in tags and labels. */
export function hasVersion(main: KubeObject, version: string): boolean {
  const tag = version.replaceAll('+', '_');
  const template = templateOf(main);
  const isImage = containersIn(template).some(({ image }) => imageOf(image).tag === tag);
  return isImage || [main, template].some((each) => isLabelled(each, tag));
}

function isLabelled(object: Json, version: string): boolean {
  const labels = objectAt(objectAt(object, 'metadata'), 'labels');
  const chart = textAt(labels, 'helm.sh/chart') ?? '';
  return textAt(labels, 'app.kubernetes.io/version') === version || chart.endsWith(`-${version}`);
}

/** The revision that it is to have. */
export function revisionIn(main: KubeObject): string {
  return revisionOf(templateOf(main));
}

/** What its own rollout has come to, where Serin does not hold it. */
export function ownRollout({ metadata, spec, status }: KubeObject): 'done' | 'failed' | 'open' {
  const wanted = numberAt(spec, 'replicas') ?? 1;
  if ((numberAt(status, 'observedGeneration') ?? 0) < (metadata.generation ?? 0)) return 'open';
  const late = listAt(status, 'conditions').some(
    (each) => textAt(each, 'type') === 'Progressing' && textAt(each, 'reason') === 'ProgressDeadlineExceeded',
  );
  if (late) return 'failed';
  const [all, updated, available] = ['replicas', 'updatedReplicas', 'availableReplicas'].map(
    (each) => numberAt(status, each) ?? 0,
  );
  return [all, updated, available].every((each) => each === wanted) ? 'done' : 'open';
}

/** Sets the version as the tag of its image, as the user; answers the tag that was there. */
export async function setImage(cluster: Cluster, wanted: Wanted, version: string): Promise<string> {
  const { kube, namespace } = cluster;
  const main = await kube.get(resources.deployments, namespace, wanted.deployment);
  if (main === undefined) throw new Stop(await noSuch(cluster, wanted.deployment));
  const where = `Deployment ${namespace}/${wanted.deployment}`;
  const chosen = chosenContainers(containersIn(templateOf(main)), wanted);
  if (typeof chosen === 'string') throw new Stop(`${where} ${chosen}; --container says which`);
  const images = chosen.map(({ name, image }) => ({ name, ...imageOf(image) }));
  const pinned = images.find(({ digest }) => digest !== undefined);
  if (pinned !== undefined) throw new Stop(`${where}: container ${pinned.name} is pinned by a digest`);
  const from = images[0]?.tag ?? '';
  if (images.every(({ tag }) => tag === version)) return from;
  const containers = images.map(({ name, repository }) => ({ name, image: `${repository}:${version}` }));
  const { uid, resourceVersion } = main.metadata;
  const body = { metadata: { uid, resourceVersion }, spec: { template: { spec: { containers } } } };
  await kube.patch(resources.deployments, namespace, wanted.deployment, { type: 'strategic', body });
  return from;
}
