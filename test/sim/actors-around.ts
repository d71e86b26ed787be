// What people and tools do to what is around the Deployment.
import { type Resource, resources } from '../../src/kube/objects.ts';
import type { Json } from '../../src/rollout/types.ts';
import { kinds } from './api/kinds.ts';
import { ask, cluster, gitops, patch, person, send } from './asking.ts';
import type { Act, Shop } from './history.ts';
import {
  deploymentManifest,
  deploymentName,
  gatewayRouteManifest,
  namespace,
  nextDoor,
  serviceManifest,
  virtualServiceManifest,
} from './manifests.ts';
import type { SimWorld } from './world.ts';

type Of<Do extends Act['do']> = Extract<Act, { readonly do: Do }>;

/** A GitOps tool applies what git says, whether it changed or not. */
export async function sync(world: SimWorld, way: 'server-side' | 'strategic'): Promise<void> {
  const { image, plan: wanted } = world.git;
  const manifest = deploymentManifest(world.shop, image, wanted);
  const apply = { fieldManager: gitops.manager, force: 'true' };
  const call = way === 'server-side' ? patch('apply', manifest, apply) : patch('strategic', manifest);
  await ask(world, gitops, `sync with ${image} (${way})`, call, image);
  const body = virtualServiceManifest(world.shop) ?? gatewayRouteManifest(world.shop);
  if (body === undefined) return;
  const name = 'web';
  await send(
    world,
    gitops,
    routeResource(world.shop),
    way === 'server-side' ? { name, ...patch('apply', body, apply) } : { name, ...patch('merge', body) },
  );
}

/** What the shop routes by. */
function routeResource({ routes }: Shop): Resource {
  if (routes === 'http-route') return resources.httpRoutes;
  return routes === 'grpc-route' ? resources.grpcRoutes : resources.virtualServices;
}

/** Somebody edits whatever VirtualService there is. */
export async function editRoute(world: SimWorld, edit: Of<'edit-route'>['edit']): Promise<void> {
  const [virtualService] = world.api.list(resources.virtualServices, namespace);
  const [httpRoute] = world.api.list(resources.httpRoutes, namespace);
  const [grpcRoute] = world.api.list(resources.grpcRoutes, namespace);
  const route = virtualService ?? httpRoute ?? grpcRoute;
  if (route === undefined) return;
  const [resource, edits] =
    virtualService !== undefined
      ? [resources.virtualServices, routeEdits]
      : httpRoute !== undefined
        ? [resources.httpRoutes, ruleEdits]
        : [resources.grpcRoutes, { ...ruleEdits, ...grpcEdits }];
  await send(world, person, resource, { name: route.metadata.name, ...patch('json', edits[edit]) });
}

const ruleEdits: Readonly<Record<Of<'edit-route'>['edit'], Json>> = {
  timeout: [{ op: 'add', path: '/spec/rules/0/timeouts', value: { request: '7s' } }],
  header: [
    {
      op: 'add',
      path: '/spec/rules/0/filters',
      value: [
        {
          type: 'RequestHeaderModifier',
          requestHeaderModifier: { set: [{ name: 'x-edited', value: 'yes' }] },
        },
      ],
    },
  ],
  'add-route': [
    {
      op: 'add',
      path: '/spec/rules/0',
      value: {
        matches: [{ path: { type: 'PathPrefix', value: '/added' } }],
        backendRefs: [{ group: '', kind: 'Service', name: 'web', port: 80, weight: 1 }],
      },
    },
  ],
};

/** A GRPCRoute has neither paths nor timeouts. */
const grpcEdits: Partial<typeof ruleEdits> = {
  timeout: [{ op: 'add', path: '/spec/rules/0/name', value: 'edited' }],
  'add-route': [
    {
      op: 'add',
      path: '/spec/rules/0',
      value: {
        matches: [{ method: { service: 'shop.Added' } }],
        backendRefs: [{ group: '', kind: 'Service', name: 'web', port: 80, weight: 1 }],
      },
    },
  ],
};

const routeEdits: Readonly<Record<Of<'edit-route'>['edit'], Json>> = {
  timeout: [{ op: 'add', path: '/spec/http/0/timeout', value: '7s' }],
  header: [{ op: 'add', path: '/spec/http/0/headers', value: { request: { set: { 'x-edited': 'yes' } } } }],
  'add-route': [
    {
      op: 'add',
      path: '/spec/http/0',
      value: {
        name: 'added',
        match: [{ uri: { prefix: '/added' } }],
        route: [{ destination: { host: 'web', port: { number: 80 } } }],
      },
    },
  ],
};

/** Deletes an object that a rollout needs, and puts back what is the owner's. */
export async function removeObject(world: SimWorld, { what, againAfterMs }: Of<'remove'>): Promise<void> {
  const [usual, name] = objects[what];
  const resource = what === 'virtual-service' ? routeResource(world.shop) : usual;
  costly(world, `the ${what} is deleted`);
  await send(world, person, resource, { verb: 'delete', name, body: { propagationPolicy: 'Background' } });
  const manifest =
    what === 'service'
      ? serviceManifest()
      : what === 'virtual-service'
        ? (virtualServiceManifest(world.shop) ?? gatewayRouteManifest(world.shop))
        : undefined;
  if (againAfterMs === undefined || manifest === undefined) return;
  await world.time.sleep(againAfterMs);
  await send(world, person, resource, { verb: 'create', body: manifest });
}

const objects: Readonly<Record<Of<'remove'>['what'], readonly [Resource, string]>> = {
  'virtual-service': [resources.virtualServices, 'web'],
  service: [resources.services, 'web'],
  twin: [resources.deployments, 'web-canary'],
  'twin-service': [resources.services, 'web-canary'],
};

/** Takes the namespace's label off, or puts it on. */
export async function label(world: SimWorld, on: boolean): Promise<void> {
  const labels = { 'serin.dev/mode': on ? 'canary' : null };
  const call = patch('merge', { metadata: { labels } });
  await send(world, person, kinds.namespaces, { name: namespace, ...call, namespace: undefined });
}

/** A template changes where no canary is: it rolls out as Kubernetes does. */
export async function releaseNextDoor(world: SimWorld, image: string): Promise<void> {
  const body = { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } };
  await send(world, person, resources.deployments, {
    name: deploymentName,
    ...patch('strategic', body),
    namespace: nextDoor,
  });
}

/** A pod goes: at once, or as the budgets allow. */
export async function endPod(world: SimWorld, { do: how, of, nth }: Of<'kill-pod' | 'evict'>): Promise<void> {
  const pods = world.podsOf(of);
  const pod = pods[nth % Math.max(1, pods.length)];
  if (pod === undefined) return;
  const { name } = pod.metadata;
  costly(world, how === 'kill-pod' ? `pod ${name} is gone` : `pod ${name} is evicted`);
  if (how === 'kill-pod') {
    await world.kubernetes.killPod(namespace, name);
  } else {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    await send(world, cluster, resources.pods, { verb: 'create', name, subresource: 'eviction', body });
  }
}

/** A node is emptied: where a shop has no budget, of all its pods at once. */
export function drain(world: SimWorld, node: number): void {
  const name = world.node(node);
  costly(world, `${name} is drained`);
  world.kubernetes.drain(name);
}

/** What is done to pods costs requests, whatever Serin does. */
function costly(world: SimWorld, what: string): void {
  const { now } = world.time;
  world.troubled({ what, from: now, until: now, costsRequests: true });
}
