// Which rollouts a request has shipped: those whose pods, or whose Deployment, say that they were built from one of its
// commits, and those that the settings name for its repository.
import { isTwin, templateOf } from '../kube/deployment.ts';
import { type Kube, listAll } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { objectAt, textAt } from '../routing/json.ts';

/** A rollout by its Deployment. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
}

/** A rollout of a request, and the commit of the request that it runs or is to run. */
export interface Shipped extends Target {
  readonly sha?: string;
}

/** The second is what image builders call it (OCI image spec, annotations). */
const keys = ['serin.dev/source-revision', 'org.opencontainers.image.revision'];
/** As git abbreviates. */
const leastOfSha = 7;

/** The rollouts of a request with these commits; `mapped` are those of its repository, whatever they run. */
export async function shippedBy(
  kube: Pick<Kube, 'list'>,
  shas: readonly string[],
  mapped: readonly Target[],
): Promise<readonly Shipped[]> {
  const all = (await listAll(kube, resources.deployments, {})) ?? [];
  const found = all.filter((each) => !isTwin(each)).flatMap((each) => shippedIn(each, shas));
  const others = mapped.filter((each) => !found.some((one) => isSame(one, each)));
  return [...found, ...others];
}

function shippedIn(main: KubeObject, shas: readonly string[]): readonly Shipped[] {
  const said = revisionsIn(main);
  const sha = shas.find((each) => said.some((revision) => isOf(revision, each)));
  const { namespace = '', name } = main.metadata;
  return sha === undefined ? [] : [{ namespace, name, sha }];
}

/** The commits that a Deployment says to be built from. Of the pods first: what the Deployment says of itself may be of the version before. */
export function revisionsIn(main: KubeObject): readonly string[] {
  for (const metadata of [objectAt(templateOf(main), 'metadata'), main.metadata]) {
    const places = [objectAt(metadata, 'annotations'), objectAt(metadata, 'labels')];
    const said = places.flatMap((place) => keys.flatMap((key) => textAt(place, key) ?? []));
    if (said.length > 0) return said;
  }
  return [];
}

function isOf(revision: string, sha: string): boolean {
  return revision.length >= leastOfSha && sha.toLowerCase().startsWith(revision.toLowerCase());
}

function isSame(one: Target, other: Target): boolean {
  return one.namespace === other.namespace && one.name === other.name;
}
