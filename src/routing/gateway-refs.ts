import type { Json, JsonObject } from '../rollout/types.ts';
import type { Role } from './destinations.ts';
import { listAt, numberAt, objectAt, textAt } from './json.ts';
import type { Split } from './types.ts';

/** The rules of an HTTPRoute or a GRPCRoute. */
export function rulesOf(route: JsonObject): readonly Json[] {
  return listAt(objectAt(route, 'spec'), 'rules');
}

/** What references of a route in `namespace` are to the split. Only a Service of the core group is ever ours. */
export function rolesIn(route: JsonObject, target: Split): (reference: Json) => Role {
  const home = textAt(objectAt(route, 'metadata'), 'namespace') ?? '';
  return (reference) => {
    const isService =
      (textAt(reference, 'group') ?? '') === '' && (textAt(reference, 'kind') ?? 'Service') === 'Service';
    if (!isService || (textAt(reference, 'namespace') ?? home) !== target.service.namespace) return 'foreign';
    const name = textAt(reference, 'name');
    if (name === target.service.name) return 'stable';
    return name === target.twinService ? 'twin' : 'foreign';
  };
}

/** The weight of a backendRef: 1 where it says none, also where it is the only one. */
export function weightOf(reference: Json): number {
  return numberAt(reference, 'weight') ?? 1;
}

/** The twin's backendRef beside `stable`, with its port and filters. */
export function twinBeside(stable: JsonObject, target: Split, weight: number): JsonObject {
  return { ...stable, name: target.twinService, weight };
}

/** True where references of the rule have traffic of the Service to share. */
export function hasTraffic(rule: Json, role: (reference: Json) => Role): boolean {
  return listAt(rule, 'backendRefs').some((entry) => role(entry) === 'stable' && weightOf(entry) > 0);
}
