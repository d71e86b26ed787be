// People and tools: what each of them does to the Deployment, as they do it.
import { type KubeObject, names } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { drain, editRoute, endPod, label, releaseNextDoor, removeObject, sync } from './actors-around.ts';
import { changeConfig, changePolicy } from './actors-read.ts';
import { command, deleteNamespace, quota, suspend, uninstall } from './actors-rollout.ts';
import { ask, type Asking, deploymentOf, patch, person } from './asking.ts';
import type { Act, Way } from './history.ts';
import { peersOf } from './manifests-around.ts';
import { deploymentManifest, planText } from './manifests.ts';
import { imageOf, previousTemplate } from './templates.ts';
import type { SimWorld } from './world.ts';

type Of<Do extends Act['do']> = Extract<Act, { readonly do: Do }>;

/** Does what the act says; ends when its tool would. */
export async function perform(world: SimWorld, act: Act): Promise<void> {
  switch (act.do) {
    case 'release':
      return release(world, act);
    case 'release-next-door':
      return releaseNextDoor(world, act.image);
    case 'scale':
      return scale(world, act);
    case 'undo':
      return undo(world, act.careless);
    case 'restart':
      return restart(world, act.careless);
    case 'pause':
    case 'resume':
      return pause(world, act.do === 'pause');
    case 'delete':
      return remove(world, act);
    case 'commit':
      world.git.image = act.image;
      return;
    case 'sync':
      return sync(world, act.way);
    case 'edit-route':
      return editRoute(world, act.edit);
    case 'remove':
      return removeObject(world, act);
    case 'config':
      return changeConfig(world, act);
    case 'policy':
      return changePolicy(world, act);
    case 'plan':
      return plan(world, act.plan);
    case 'command':
      return command(world, act);
    case 'gate':
      world.gates.set(act.gate, act.mood);
      return;
    case 'suspend':
      return suspend(world, act.on);
    case 'quota':
      return quota(world, act.forMs);
    case 'uninstall':
      return uninstall(world);
    case 'delete-namespace':
      return deleteNamespace(world);
    case 'label':
      return label(world, act.on);
    case 'load':
      world.sendTraffic(act.perSecond);
      return;
    case 'kill-pod':
    case 'evict':
      return endPod(world, act);
    case 'drain':
      return drain(world, act.node);
    case 'roll-certificates':
      return world.rollCertificates(act.how);
  }
}

async function release(world: SimWorld, act: Of<'release'>): Promise<void> {
  await releaseOne(world, act);
  const { others } = act;
  if (others === undefined) return;
  for (const name of peersOf(world.shop)) {
    await world.time.sleep(200);
    const template = { spec: { containers: [{ name: 'web', image: others }] } };
    const call = patch('strategic', { spec: { template } });
    await ask(world, person, `release ${others} to ${name}`, { ...call, name }, others);
  }
}

async function releaseOne(world: SimWorld, { image, way, dryRun }: Of<'release'>): Promise<void> {
  const query = dryRun === true ? { dryRun: 'All' } : {};
  const call = writing(world, image, way);
  if (call === undefined) return;
  await ask(
    world,
    person,
    `release ${image} (${way}${dryRun === true ? ', dry run' : ''})`,
    { ...call, query: { ...call.query, ...query } },
    dryRun === true ? undefined : image,
  );
}

/** What that tool sends to have the image run; undefined where it looks first and finds no Deployment. */
function writing(world: SimWorld, image: string, way: Way): Asking | undefined {
  const manifest = deploymentManifest(world.shop, image, world.git.plan);
  switch (way) {
    case 'strategic':
      return patch('strategic', templateWith({ spec: { containers: [{ name: 'web', image }] } }));
    case 'json':
      return patch('json', [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: image }]);
    case 'merge':
      return patch('merge', templateWith(objectAt(objectAt(manifest, 'spec'), 'template')));
    case 'server-side':
      return patch('apply', manifest, { fieldManager: 'kubectl', force: 'true' });
    case 'replace': {
      const now = deploymentOf(world);
      if (now === undefined) return undefined;
      const { resourceVersion } = now.metadata;
      return {
        verb: 'update',
        body: { ...manifest, metadata: { ...objectAt(manifest, 'metadata'), resourceVersion } },
      };
    }
  }
}

function templateWith(template: Json): JsonObject {
  return { spec: { template } };
}

async function scale(world: SimWorld, { replicas, through }: Of<'scale'>): Promise<void> {
  const body = { spec: { replicas } };
  const call = patch('merge', body);
  await ask(
    world,
    person,
    `scale to ${replicas}`,
    through === 'scale' ? { ...call, subresource: 'scale' } : call,
  );
}

/** kubectl does nothing to a paused Deployment; a careless tool does not look. */
async function undo(world: SimWorld, careless: boolean): Promise<void> {
  const now = deploymentOf(world);
  if (now === undefined || (isPaused(now) && !careless)) return;
  const before = previousTemplate(world.api, now);
  if (before === undefined) return;
  const image = imageOf(before);
  await ask(
    world,
    person,
    `rollout undo to ${image}`,
    patch('json', [{ op: 'replace', path: '/spec/template', value: before }]),
    image,
  );
}

async function restart(world: SimWorld, careless: boolean): Promise<void> {
  const now = deploymentOf(world);
  if (now === undefined || (isPaused(now) && !careless)) return;
  const at = new Date(world.time.now).toISOString();
  const annotations = { 'kubectl.kubernetes.io/restartedAt': at };
  await ask(
    world,
    person,
    'rollout restart',
    patch('strategic', templateWith({ metadata: { annotations } })),
  );
}

async function pause(world: SimWorld, paused: boolean): Promise<void> {
  await ask(
    world,
    person,
    paused ? 'rollout pause' : 'rollout resume',
    patch('strategic', { spec: { paused } }),
  );
}

function isPaused(deployment: KubeObject): boolean {
  return objectAt(deployment, 'spec')['paused'] === true;
}

async function remove(world: SimWorld, { propagation, again }: Of<'delete'>): Promise<void> {
  await ask(world, person, `delete (${propagation})`, {
    verb: 'delete',
    body: { propagationPolicy: propagation },
  });
  if (again === undefined) return;
  await world.time.sleep(again.afterMs);
  for (let tries = 0; tries < 30; tries += 1) {
    if (deploymentOf(world) === undefined) break;
    await world.time.sleep(1_000);
  }
  const { image } = again;
  const body = deploymentManifest(world.shop, image, world.git.plan);
  await ask(world, person, `create with ${image}`, { verb: 'create', body }, image);
}

async function plan(world: SimWorld, wanted: Of<'plan'>['plan']): Promise<void> {
  const annotations = { [names.canary]: planText(wanted) };
  const what = wanted === 'disabled' ? 'opt out' : 'change the plan';
  const { status } = await ask(world, person, what, patch('merge', { metadata: { annotations } }));
  if (status < 300) world.git.plan = wanted;
}
