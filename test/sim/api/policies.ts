// Admission policies: what is stored of them, with a binding, decides inside kube-apiserver, whoever else is up or down.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Admitted, Step } from './admission.ts';
import { evaluated } from './conditions.ts';
import { defaulted } from './defaults.ts';
import { shared } from './frozen.ts';
import { traitsOf } from './kinds.ts';
import { failure, forbidden, Refusal } from './refusal.ts';
import { isNamed, isSelected } from './rules.ts';
import type { Storage } from './storage.ts';
import { strategic } from './strategic.ts';
import { variablesOf } from './webhooks.ts';

/** A policy where one of its bindings puts it in force. */
export interface Bound {
  readonly policy: KubeObject;
  readonly binding: KubeObject;
}

/** Every pair of a policy and a binding to it. */
export function boundOf(policies: readonly KubeObject[], bindings: readonly KubeObject[]): readonly Bound[] {
  return policies.flatMap((policy) =>
    bindings
      .filter((binding) => textAt(objectAt(binding, 'spec'), 'policyName') === policy.metadata.name)
      .map((binding) => ({ policy, binding })),
  );
}

/** True where the policy has something to say of the write. */
function isInForce(storage: Storage, { policy, binding }: Bound, write: Admitted): boolean {
  const spec = objectAt(policy, 'spec');
  const constraints = objectAt(spec, 'matchConstraints');
  const variables = variablesOf(write);
  return (
    isNamed(listAt(constraints, 'resourceRules'), write) &&
    isSelected(storage, constraints, write) &&
    isSelected(storage, objectAt(objectAt(binding, 'spec'), 'matchResources'), write) &&
    listAt(spec, 'matchConditions').every(
      (each) => evaluated(textAt(each, 'expression') ?? '', variables) === true,
    )
  );
}

/** A mutating policy as a step of the chain. */
export function policyStep(storage: Storage, bound: Bound): Step {
  const spec = objectAt(bound.policy, 'spec');
  return {
    name: bound.policy.metadata.name,
    isAgain: textAt(spec, 'reinvocationPolicy') === 'IfNeeded',
    isAbout: (write) => isInForce(storage, bound, write),
    change: (write) =>
      listAt(spec, 'mutations').reduce<JsonObject>(
        (object, mutation) => mutated(object, mutation, write),
        write.object ?? {},
      ),
  };
}

function mutated(object: JsonObject, mutation: Json, write: Admitted): JsonObject {
  const applied = textAt(objectAt(mutation, 'applyConfiguration'), 'expression');
  if (applied === undefined)
    throw new Error(`teach the simulator this mutation: ${JSON.stringify(mutation)}`);
  const configuration = evaluated(applied, variablesOf({ ...write, object }));
  if (!isObject(configuration)) throw new Error(`no configuration: ${applied}`);
  const { resource } = write.call;
  // Lists that have keys are merged by them here as in a strategic merge patch; nulls do not occur.
  const next = strategic(object, configuration, traitsOf(resource).isCustom);
  return shared<JsonObject>(object, defaulted(resource, next));
}

const codes: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
};

/** Refuses the write where the policy's validations do not hold. */
export function checkPolicy(storage: Storage, bound: Bound, write: Admitted): void {
  if (!isInForce(storage, bound, write)) return;
  const { policy, binding } = bound;
  const failed = listAt(objectAt(policy, 'spec'), 'validations').find(
    (each) => evaluated(textAt(each, 'expression') ?? '', variablesOf(write)) !== true,
  );
  if (failed === undefined) return;
  const [name, by] = [policy.metadata.name, binding.metadata.name];
  const message = textAt(failed, 'message') ?? `failed expression: ${textAt(failed, 'expression')}`;
  const words = `ValidatingAdmissionPolicy '${name}' with binding '${by}' denied request: ${message}`;
  const actions = listAt(objectAt(binding, 'spec'), 'validationActions');
  if (actions.includes('Warn'))
    write.warnings.push(
      `Validation failed for ValidatingAdmissionPolicy '${name}' with binding '${by}': ${message}`,
    );
  if (!actions.includes('Deny')) return;
  const reason = textAt(failed, 'reason') ?? 'Invalid';
  const { body } = forbidden(write.call.resource, write.name, words).answer;
  throw new Refusal(
    failure(codes[reason] ?? 422, reason, textAt(body, 'message') ?? '', detailsOf(body, message)),
  );
}

function detailsOf(body: JsonObject, message: string): JsonObject {
  return { ...objectAt(body, 'details'), causes: [{ message }] };
}
