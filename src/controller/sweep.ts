import { type KubeObject, names, resources } from '../kube/objects.ts';
import type { StoreView } from '../kube/store.ts';
import { unsplit } from '../routing/istio.ts';
import { listAt, textAt } from '../routing/json.ts';
import { splitServices } from '../routing/memory.ts';
import { twinServiceName } from '../routing/service.ts';
import type { Split } from '../routing/types.ts';
import { edit } from './act-route.ts';
import { hash, type Sources } from './scene.ts';

/** True where no rollout wants anything: one cheap look at the copy, for the thousands that have none. */
export function isIdle({ metadata }: KubeObject): boolean {
  const text = metadata.annotations?.[names.state];
  return (
    text === undefined ||
    names.twinOf in (metadata.annotations ?? {}) ||
    /"phase":"(Succeeded|Aborted)"/.test(text)
  );
}

/** The key under which the routes of a whole namespace are worked on; no Deployment has an empty name. */
export function sweepKey(namespace: string | undefined): string {
  return `${namespace}/`;
}

/**
 * Takes our edits out of the routes of `namespace` whose rollout is no more: a Deployment that was deleted while it had
 * a canary leaves nobody to do it. All else that was made for it goes by its owner.
 */
export async function sweep(
  sources: Sources & { readonly deployments: StoreView },
  namespace: string,
): Promise<void> {
  for (const virtualService of sources.virtualServices() ?? []) {
    for (const service of splitServices(virtualService)) {
      if (service.namespace !== namespace) continue;
      const target: Split = {
        service: { ...service, ports: [] },
        twinService: twinServiceName(service.name, hash),
      };
      if (await isWanted(sources, target)) continue;
      await edit(sources.kube, virtualService, (fresh) => unsplit(fresh, target));
    }
  }
}

/** A split is wanted while the Deployment that owns the twin's Service has a rollout. */
async function isWanted(
  { kube, deployments }: Sources & { readonly deployments: StoreView },
  { service: { namespace }, twinService }: Split,
): Promise<boolean> {
  const underway = deployments.inNamespace(namespace).filter((each) => !isIdle(each));
  if (underway.length === 0) return false;
  const service = await kube.get(resources.services, namespace, twinService);
  // Somebody may have deleted the Service alone: then any rollout here may be the one, and will mend it.
  if (service === undefined) return true;
  const owners = listAt(service.metadata, 'ownerReferences').map((owner) => textAt(owner, 'uid'));
  return underway.some(({ metadata }) => owners.includes(metadata.uid));
}
