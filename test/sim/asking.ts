// How people and tools ask the API server, and what is taken down of it.
import { type KubeObject, type Resource, resources } from '../../src/kube/objects.ts';
import type { Json } from '../../src/rollout/types.ts';
import { textAt } from '../../src/routing/json.ts';
import type { Answer, Call, Caller } from './api/types.ts';
import { deploymentName, namespace } from './manifests.ts';
import type { SimWorld } from './world.ts';

/** What is said of a call beyond who calls and about what. */
export type Asking = Partial<Call> & Pick<Call, 'verb'>;

export const person: Caller = { username: 'alice', manager: 'kubectl-edit' };
export const gitops: Caller = {
  username: 'system:serviceaccount:flux-system:kustomize-controller',
  manager: 'kustomize-controller',
};
export const cluster: Caller = {
  username: 'system:serviceaccount:kube-system:node-operator',
  manager: 'node-operator',
};

/** Sends a call about the Deployment, and takes down that it was asked and how it was answered. */
export async function ask(
  world: SimWorld,
  caller: Caller,
  what: string,
  call: Asking,
  image?: string,
): Promise<Answer> {
  const answer = await send(world, caller, resources.deployments, { name: deploymentName, ...call });
  world.tookDown({
    at: world.time.now,
    deployment: `${namespace}/${call.name ?? deploymentName}`,
    by: caller.username,
    what,
    ...(image === undefined ? {} : { image }),
    status: answer.status,
    message: messageOf(answer),
  });
  return answer;
}

/** Sends a call about anything else. */
export function send(world: SimWorld, caller: Caller, resource: Resource, call: Asking): Promise<Answer> {
  const whole: Call = {
    caller,
    resource,
    namespace,
    name: undefined,
    subresource: undefined,
    query: {},
    ...call,
  };
  return world.api.call(whole);
}

function messageOf({ body, warnings }: Answer): string {
  return [body['kind'] === 'Status' ? (textAt(body, 'message') ?? '') : '', ...warnings]
    .filter(Boolean)
    .join('; ');
}

/** The Deployment as it is now. */
export const deploymentOf = ({ api }: SimWorld): KubeObject | undefined =>
  api.get(resources.deployments, namespace, deploymentName);

/** A PATCH of one kind. */
export function patch(
  patchType: NonNullable<Call['patchType']>,
  body: Json,
  query: Call['query'] = {},
): Asking {
  return { verb: 'patch', patchType, body, query };
}
