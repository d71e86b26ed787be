import { SerinError } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { names, type Resource, resources } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import { ownerOf } from '../rollout/twin.ts';
import type { TwinScaler } from '../rollout/types.ts';
import { ownedMetadata } from '../routing/generated.ts';
import { objectAt } from '../routing/json.ts';
import { scalerFor } from '../routing/shadow-scaler.ts';
import { canaryName } from '../routing/twin-labels.ts';
import type { Scene } from './scene.ts';
import { hash } from '../kube/hash.ts';

/** The kinds of scaler that a twin may have of its own. */
export const scalerResources: Readonly<Record<TwinScaler['kind'], Resource>> = {
  HorizontalPodAutoscaler: resources.horizontalPodAutoscalers,
  ScaledObject: resources.scaledObjects,
};

/** Where the plan asks for it, gives the twin a copy of main's scaler that keeps at least `needed` pods; answers its kind. */
export async function applyScaler(
  kube: Kube,
  { main, spec, twinName }: Pick<Scene, 'main' | 'spec' | 'twinName'>,
  needed: number,
): Promise<TwinScaler['kind'] | ''> {
  const wanted = spec.scaler;
  if (wanted === undefined) return '';
  const { namespace = '', uid } = main.metadata;
  const resource = scalerResources[wanted.kind];
  const name = canaryName(wanted.name, hash);
  const [original, there] = await Promise.all([
    kube.get(resource, namespace, wanted.name),
    kube.get(resource, namespace, name),
  ]);
  if (original === undefined)
    throw new SerinError(
      'KUBE_INVALID',
      `${wanted.kind} ${namespace}/${wanted.name}, which the twin is to get a copy of, does not exist`,
    );
  if (there !== undefined && there.metadata.annotations?.[names.twinOf] !== uid)
    throw new SerinError(
      'KUBE_CONFLICT',
      `${wanted.kind} ${namespace}/${name} exists and is not the twin's: rename or remove it`,
    );
  const copy = scalerFor(objectAt(original, 'spec'), wanted, twinName, needed);
  if (there === undefined) {
    const metadata = ownedMetadata(name, namespace, ownerOf(main.metadata), {});
    await kube.create(resource, namespace, {
      apiVersion: `${resource.group}/${resource.version}`,
      kind: resource.kind,
      metadata: { ...metadata, annotations: { [names.twinOf]: uid } },
      spec: copy,
    });
  } else if (!isSame(there['spec'] ?? {}, copy)) {
    const ops = [
      { op: 'test', path: '/metadata/resourceVersion', value: there.metadata.resourceVersion },
      { op: 'add', path: '/spec', value: copy },
    ] as const;
    await kube.patch(resource, namespace, name, { type: 'json', ops });
  }
  return wanted.kind;
}
