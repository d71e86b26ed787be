import type { Resource } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt, textAt } from '../../../src/routing/json.ts';
import type { Dice } from '../dice.ts';
import { kindKey } from './kinds.ts';

/** A new Service with the address that kube-apiserver gives it; anything else as it is. */
export function addressed(resource: Resource, object: JsonObject, dice: Dice): JsonObject {
  const spec = objectAt(object, 'spec');
  if (kindKey(resource) !== 'services.' || textAt(spec, 'type') === 'ExternalName') return object;
  const clusterIP =
    textAt(spec, 'clusterIP') ??
    `10.${dice.between(96, 111)}.${dice.between(0, 255)}.${dice.between(1, 254)}`;
  return { ...object, spec: { ...spec, clusterIP, clusterIPs: [clusterIP] } };
}
