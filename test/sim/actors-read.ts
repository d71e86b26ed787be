// What people do to what pods read, and to the policies that select them.
import { resources, type Resource } from '../../src/kube/objects.ts';
import { patch, person, send } from './asking.ts';
import type { Act, PolicyKind } from './history.ts';
import { configManifest, policyManifest } from './manifests-around.ts';
import { configName, namespace } from './manifests.ts';
import type { SimWorld } from './world.ts';

type Of<Do extends Act['do']> = Extract<Act, { readonly do: Do }>;

/** Writes the content that pods read; nothing where this shop has none. */
export async function changeConfig(world: SimWorld, { of, content }: Of<'config'>): Promise<void> {
  const resource = of === 'Secret' ? resources.secrets : resources.configMaps;
  if (world.api.get(resource, namespace, configName) === undefined) return;
  const body =
    content === 'label'
      ? { metadata: { labels: { team: `shop-${world.time.now}` } } }
      : { data: configManifest(of, content)['data'] ?? {} };
  await send(world, person, resource, { name: configName, ...patch('merge', body) });
  world.onSaid(person.username, `${of} ${configName}: ${content}`);
}

const policyResources: Readonly<Record<PolicyKind, Resource>> = {
  NetworkPolicy: resources.networkPolicies,
  PodDisruptionBudget: resources.podDisruptionBudgets,
  AuthorizationPolicy: resources.authorizationPolicies,
  PeerAuthentication: resources.peerAuthentications,
  RequestAuthentication: resources.requestAuthentications,
};

/** Adds a policy, or changes or deletes the first of its kind that is the owner's. */
export async function changePolicy(world: SimWorld, { kind, change }: Of<'policy'>): Promise<void> {
  const resource = policyResources[kind];
  world.onSaid(person.username, `${change} ${kind}`);
  if (change === 'add') {
    await send(world, person, resource, { verb: 'create', body: policyManifest(kind, 'extra', 1) });
    return;
  }
  const own = world.api
    .list(resource, namespace)
    .find(({ metadata }) => ['web', 'extra'].includes(metadata.name));
  if (own === undefined) return;
  const { name } = own.metadata;
  // Pods that are guarded by another budget are evicted by another rule: that is the owner's doing.
  if (change === 'delete') await send(world, person, resource, { verb: 'delete', name });
  else {
    const { spec } = policyManifest(kind, name, 2);
    const ops = [{ op: 'add', path: '/spec', value: spec ?? {} }];
    await send(world, person, resource, { name, ...patch('json', ops) });
  }
}
