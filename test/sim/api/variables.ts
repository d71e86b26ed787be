// What the expressions of a write can name.
import type { Json } from '../../../src/rollout/types.ts';
import { listAt, textAt } from '../../../src/routing/json.ts';
import type { Admitted } from './admission.ts';
import { evaluated, type Variables } from './cel.ts';
import { kinds } from './kinds.ts';
import type { Storage } from './storage.ts';
import type { SimApi } from './types.ts';

/** Where a write takes place: what is stored, and who may do what. */
export interface Ground {
  readonly storage: Storage;
  readonly permits: SimApi['permits'];
}

/** The variables of a write; `holder` is what declares variables of its own (a policy's spec). */
export function variablesOf({ storage, permits }: Ground, write: Admitted, holder: Json = null): Variables {
  const { call, operation, name, object, oldObject, dryRun } = write;
  const { namespace } = call;
  const space = namespace === undefined ? undefined : storage.get(kinds.namespaces, undefined, namespace);
  const { username } = call.caller;
  return {
    request: { username, operation, namespace: namespace ?? '', name, dryRun },
    object: object ?? null,
    oldObject: oldObject ?? null,
    namespaceObject: space ?? null,
    mayDo: (verb, group, resource) => permits({ username, verb, group, resource, namespace }),
    own: listAt(holder, 'variables').map((each) => ({
      name: textAt(each, 'name') ?? '',
      expression: textAt(each, 'expression') ?? '',
    })),
  };
}

/** True where every condition holds. */
export function areMet(conditions: readonly Json[], variables: Variables): boolean {
  return conditions.every((each) => evaluated(textAt(each, 'expression') ?? '', variables) === true);
}
