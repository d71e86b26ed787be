// The ConfigMaps and Secrets that pods read.
import type { Json, JsonObject } from '../rollout/types.ts';
import { listAt, objectAt, textAt } from '../routing/json.ts';

export type ConfigKind = 'ConfigMap' | 'Secret';

/** An object that a pod template reads. */
export interface ConfigRef {
  readonly kind: ConfigKind;
  readonly name: string;
  /** True where pods start without it, too. */
  readonly optional: boolean;
}

/** `ConfigMap/web-config`: by this name one is noted. */
export function refName({ kind, name }: Pick<ConfigRef, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

/** What the template reads: in volumes, projected too, and in the environment of all its containers; each once, by name. */
export function configRefs(template: Json): readonly ConfigRef[] {
  const spec = objectAt(template, 'spec');
  const containers = ['initContainers', 'containers'].flatMap((key) => listAt(spec, key));
  const named = [...listAt(spec, 'volumes').flatMap(inVolume), ...containers.flatMap(inContainer)];
  const refs = new Map<string, ConfigRef>();
  for (const ref of named) {
    const known = refs.get(refName(ref));
    refs.set(refName(ref), { ...ref, optional: ref.optional && (known?.optional ?? true) });
  }
  return [...refs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref);
}

/** A pod's spec that reads the same and says nothing else. */
export function bareSpec(refs: readonly ConfigRef[]): JsonObject {
  if (refs.length === 0) return {};
  const sources = refs.map(({ kind, name, optional }) => ({
    [kind === 'ConfigMap' ? 'configMap' : 'secret']: { name, ...(optional ? { optional } : {}) },
  }));
  return { volumes: [{ projected: { sources } }] };
}

function inVolume(volume: Json): readonly ConfigRef[] {
  return [
    ...refOf('ConfigMap', objectAt(volume, 'configMap')),
    ...refOf('Secret', objectAt(volume, 'secret'), 'secretName'),
    ...listAt(objectAt(volume, 'projected'), 'sources').flatMap((source) => [
      ...refOf('ConfigMap', objectAt(source, 'configMap')),
      ...refOf('Secret', objectAt(source, 'secret')),
    ]),
  ];
}

function inContainer(container: Json): readonly ConfigRef[] {
  const sources = listAt(container, 'envFrom');
  const values = listAt(container, 'env').map((each) => objectAt(each, 'valueFrom'));
  return [
    ...sources.flatMap((source) => [
      ...refOf('ConfigMap', objectAt(source, 'configMapRef')),
      ...refOf('Secret', objectAt(source, 'secretRef')),
    ]),
    ...values.flatMap((value) => [
      ...refOf('ConfigMap', objectAt(value, 'configMapKeyRef')),
      ...refOf('Secret', objectAt(value, 'secretKeyRef')),
    ]),
  ];
}

function refOf(kind: ConfigKind, source: JsonObject, key = 'name'): readonly ConfigRef[] {
  const name = textAt(source, key);
  return name === undefined || name === '' ? [] : [{ kind, name, optional: source['optional'] === true }];
}
