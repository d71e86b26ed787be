// Who may do what, as the API server tells it.
import { hasCode } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt } from '../routing/json.ts';

type Right = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name?: string;
};

const api = '/apis/authorization.k8s.io/v1';
const said = ['promote', 'abort', 'pause', 'resume', 'retry', 'rollback'];

/** Whether whoever asks may do it. */
export async function mayDo(kube: Pick<Kube, 'ask'>, right: Right): Promise<boolean> {
  return isAllowed(kube, 'selfsubjectaccessreviews', reviewOf('SelfSubjectAccessReview', right));
}

/** What whoever asks may say to a rollout. */
export async function wordsOf(
  kube: Pick<Kube, 'ask'>,
  namespace: string,
  name: string | undefined,
): Promise<{ readonly [verb: string]: boolean }> {
  const whose = {
    group: 'serin.dev',
    resource: 'deployments',
    namespace,
    ...(name === undefined ? {} : { name }),
  };
  const answers = await Promise.all(
    said.map(async (verb) => [verb, await mayDo(kube, { verb, ...whose })] as const),
  );
  return Object.fromEntries(answers);
}

/** What a rollout cannot do without. */
const needed = [
  { verb: 'patch', group: 'apps', resource: 'deployments' },
  { verb: 'create', group: 'apps', resource: 'deployments' },
  { verb: 'patch', group: 'apps', resource: 'deployments/status' },
  { verb: 'create', group: '', resource: 'services' },
  { verb: 'list', group: '', resource: 'pods' },
  { verb: 'create', group: '', resource: 'events' },
  { verb: 'patch', group: 'networking.istio.io', resource: 'virtualservices' },
  { verb: 'patch', group: 'gateway.networking.k8s.io', resource: 'httproutes' },
  { verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' },
] as const;

/** What of that `user` may not; or why nobody says so. */
export async function missingOf(
  kube: Pick<Kube, 'ask'>,
  user: string,
  namespace: string,
): Promise<readonly string[] | { readonly why: string }> {
  try {
    const groups = [
      'system:serviceaccounts',
      `system:serviceaccounts:${user.split(':')[2] ?? ''}`,
      'system:authenticated',
    ];
    const answers = await Promise.all(
      needed.map((right) =>
        isAllowed(
          kube,
          'subjectaccessreviews',
          reviewOf('SubjectAccessReview', { ...right, namespace }, { user, groups }),
        ),
      ),
    );
    return needed.flatMap(({ verb, resource }, index) =>
      answers[index] === true ? [] : [`${verb} ${resource}`],
    );
  } catch (error) {
    if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
    return { why: 'you may not ask what Serin may (create subjectaccessreviews)' };
  }
}

function reviewOf(kind: string, { resource, ...right }: Right, whose: JsonObject = {}): JsonObject {
  const [plural = '', subresource] = resource.split('/');
  const resourceAttributes = {
    ...right,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
  };
  return { apiVersion: 'authorization.k8s.io/v1', kind, spec: { ...whose, resourceAttributes } };
}

async function isAllowed(kube: Pick<Kube, 'ask'>, plural: string, review: JsonObject): Promise<boolean> {
  return objectAt(await kube.ask(`${api}/${plural}`, review), 'status')['allowed'] === true;
}
