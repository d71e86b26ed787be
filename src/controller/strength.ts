import { hasCode } from '../errors.ts';
import { listAll, type Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';

const policy = 'hold.serin.dev';

/**
 * A sentence where kube-apiserver could hold changes by itself while Serin is down, and is not told to; undefined where
 * it is, or is too old to be.
 */
export async function missingPolicy(kube: Pick<Kube, 'list'>): Promise<string | undefined> {
  const policies = await listAll(kube, resources.mutatingPolicies, {}).catch((error: unknown) => {
    // An installation whose rules are older than this question.
    if (hasCode(error, 'KUBE_FORBIDDEN')) return undefined;
    throw error;
  });
  if (policies === undefined || policies.some(({ metadata }) => metadata.name === policy)) return undefined;
  return (
    `this cluster could hold template changes while Serin is down, and refuses them instead: ` +
    `MutatingAdmissionPolicy ${policy} is not installed (kubectl apply -k manifests/policies)`
  );
}
