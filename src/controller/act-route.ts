import { hasCode, SerinError } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import type { Action } from '../rollout/decision.ts';
import { ownerOf } from '../rollout/twin.ts';
import type { PatchOp } from '../rollout/types.ts';
import type { SplitOptions } from '../routing/router.ts';
import type { Hands } from './act.ts';
import type { Scene } from './scene.ts';
import type { Route, Way } from './way.ts';

/** Gives the twin what is asked in every route to main's pods; makes one where a Service has none. */
export async function route(
  { kube, clock }: Pick<Hands, 'kube' | 'clock'>,
  scene: Scene,
  { weight, beside, rolledBack }: Omit<Extract<Action, { do: 'route' }>, 'do'>,
): Promise<void> {
  if (scene.routing.kind === 'none') return;
  for (const way of scene.routing.ways) {
    const options: SplitOptions = {
      ...(way.restriction === undefined ? {} : { restriction: way.restriction }),
      ...(beside === undefined ? {} : { beside }),
      ...(rolledBack === undefined ? {} : { rolledBack }),
      at: clock.now(),
    };
    const routes = way.routes.length > 0 ? way.routes : await generate(kube, scene, way);
    for (const each of routes)
      await edit(kube, each, each.router.split(each.object, way.split, weight, options));
  }
}

/** Takes every edit of ours out of the routes; what we made goes altogether. */
export async function unroute(kube: Kube, { routing }: Scene): Promise<void> {
  if (routing.kind === 'none') return;
  for (const { split, routes } of routing.ways) for (const each of routes) await clear(kube, each, split);
}

/** Takes the edit of a split out of a route, or the route that was made for it. */
async function clear(kube: Kube, edited: Route, split: Way['split']): Promise<void> {
  const { object, resource, router } = edited;
  const { name, namespace, uid } = object.metadata;
  if (router.isGenerated(object, split)) await kube.delete(resource, namespace, name, uid);
  else if (router.isEdited(object, split)) await edit(kube, edited, router.unsplit(object, split));
}

/** Patches the object as it was seen; what somebody wrote since is a conflict, and looked at again. */
export async function edit(
  kube: Kube,
  { object: { metadata }, resource }: Route,
  ops: readonly PatchOp[],
): Promise<void> {
  if (ops.length > 0) await kube.patch(resource, metadata.namespace, metadata.name, { type: 'json', ops });
}

async function generate(kube: Kube, { main, spec }: Scene, { split, maker }: Way): Promise<readonly Route[]> {
  if (maker === undefined) return [];
  const { namespace } = main.metadata;
  const { resource, router } = maker;
  const object = router.generated(split, ownerOf(main.metadata), spec.service);
  try {
    return [{ resource, router, object: await kube.create(resource, namespace, object) }];
  } catch (error) {
    if (!hasCode(error, 'KUBE_CONFLICT')) throw error;
    const name = `${split.service.name}-serin`;
    const there = await kube.get(resource, namespace, name);
    if (there !== undefined && router.isGenerated(there, split)) return [{ resource, router, object: there }];
    throw new SerinError('KUBE_CONFLICT', `${resource.kind} ${namespace}/${name} exists and is not Serin's`, {
      cause: error,
    });
  }
}
