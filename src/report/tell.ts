import { readState } from '../config/state.ts';
import { hasCode } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';

/** Times that somebody else writes the Deployment in between; its status is written often. */
const mostConflicts = 5;

/**
 * Says it, as the user, of the rollout that was seen: where another has taken its place meanwhile, nothing is said. Throws
 * with what Serin or the API server has against it.
 */
export async function tell(
  kube: Pick<Kube, 'get' | 'patch'>,
  seen: KubeObject,
  text: string,
): Promise<KubeObject> {
  let main = seen;
  for (let conflicts = 0; ; conflicts += 1) {
    const { uid, resourceVersion, namespace, name } = main.metadata;
    const body = { metadata: { uid, resourceVersion, annotations: { [names.command]: text } } };
    try {
      return await kube.patch(resources.deployments, namespace, name, { type: 'merge', body });
    } catch (error) {
      if (!hasCode(error, 'KUBE_CONFLICT') || conflicts === mostConflicts) throw error;
      const now = await kube.get(resources.deployments, namespace, name);
      if (now === undefined || revisionIn(now) !== revisionIn(seen)) throw error;
      main = now;
    }
  }
}

/** The revision that a Deployment's rollout is of; undefined where that cannot be told. */
export function revisionIn({ metadata }: KubeObject): string | undefined {
  const state = readState(metadata.annotations);
  return state === undefined || 'corrupt' in state ? undefined : state.revision;
}
