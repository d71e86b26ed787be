import { hasCode, SerinError } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { ownerOf } from '../rollout/twin.ts';
import { generated, isGenerated } from '../routing/generated.ts';
import { isEdited, split, unsplit } from '../routing/istio.ts';
import type { Scene, Routing } from './scene.ts';

type Istio = Extract<Routing, { kind: 'istio' }>;

/** Gives the twin `weight` percent in every VirtualService that carries the Service's traffic; makes one where none does. */
export async function route(kube: Kube, scene: Scene, weight: number, rolledBack?: string): Promise<void> {
  const { routing } = scene;
  if (routing.kind === 'none') return;
  const options = {
    ...(routing.restriction === undefined ? {} : { restriction: routing.restriction }),
    ...(rolledBack === undefined ? {} : { rolledBack }),
  };
  const targets =
    routing.virtualServices.length > 0 ? routing.virtualServices : [await generate(kube, scene, routing)];
  for (const target of targets) {
    await edit(kube, target, (fresh) => split(fresh, routing.split, weight, options));
  }
}

/** Takes every edit of ours out of the routes; a VirtualService that we made goes altogether. */
export async function unroute(kube: Kube, { routing }: Scene): Promise<void> {
  if (routing.kind === 'none') return;
  for (const target of routing.virtualServices) {
    const { name, namespace, uid } = target.metadata;
    if (isGenerated(target, routing.split))
      await kube.delete(resources.virtualServices, namespace, name, uid);
    else
      await edit(kube, target, (fresh) =>
        isEdited(fresh, routing.split) ? unsplit(fresh, routing.split) : [],
      );
  }
}

/** Patches the object as it was seen; what somebody wrote since is a conflict, and looked at again. */
export async function edit(
  kube: Kube,
  object: KubeObject,
  change: (object: KubeObject) => ReturnType<typeof split>,
): Promise<void> {
  const { name, namespace } = object.metadata;
  const ops = change(object);
  if (ops.length > 0) await kube.patch(resources.virtualServices, namespace, name, { type: 'json', ops });
}

async function generate(kube: Kube, { main, spec }: Scene, { split: target }: Istio): Promise<KubeObject> {
  const { namespace } = main.metadata;
  const object = generated(target, ownerOf(main.metadata), spec.service);
  try {
    return await kube.create(resources.virtualServices, namespace, object);
  } catch (error) {
    if (!hasCode(error, 'KUBE_CONFLICT')) throw error;
    const name = `${target.service.name}-serin`;
    const there = await kube.get(resources.virtualServices, namespace, name);
    if (there !== undefined && isGenerated(there, target)) return there;
    throw new SerinError('KUBE_CONFLICT', `VirtualService ${namespace}/${name} exists and is not Serin's`, {
      cause: error,
    });
  }
}
