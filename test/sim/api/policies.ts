// Admission policies: what is stored of them, with a binding, decides inside kube-apiserver, whoever else is up or down.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Admitted, Step } from './admission.ts';
import { evaluated, type Variables } from './cel.ts';
import { defaulted } from './defaults.ts';
import { shared } from './frozen.ts';
import { traitsOf } from './kinds.ts';
import { patched } from './patch.ts';
import { failure, forbidden, Refusal } from './refusal.ts';
import { isNamed, isSelected } from './rules.ts';
import { strategic } from './strategic.ts';
import { areMet, type Ground, variablesOf } from './variables.ts';

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
function isInForce(ground: Ground, { policy, binding }: Bound, write: Admitted): boolean {
  const spec = objectAt(policy, 'spec');
  const constraints = objectAt(spec, 'matchConstraints');
  return (
    isNamed(listAt(constraints, 'resourceRules'), write) &&
    isSelected(ground.storage, constraints, write) &&
    isSelected(ground.storage, objectAt(objectAt(binding, 'spec'), 'matchResources'), write) &&
    areMet(listAt(spec, 'matchConditions'), variablesOf(ground, write, spec))
  );
}

/** A mutating policy as a step of the chain. */
export function policyStep(ground: Ground, bound: Bound): Step {
  const spec = objectAt(bound.policy, 'spec');
  return {
    name: bound.policy.metadata.name,
    isAgain: textAt(spec, 'reinvocationPolicy') === 'IfNeeded',
    isAbout: (write) => isInForce(ground, bound, write),
    change: (write) =>
      listAt(spec, 'mutations').reduce<JsonObject>(
        (object, mutation) =>
          mutated(mutation, { ...write, object }, variablesOf(ground, { ...write, object }, spec)),
        write.object ?? {},
      ),
  };
}

function mutated(mutation: Json, write: Admitted, variables: Variables): JsonObject {
  const object = write.object ?? {};
  const { resource } = write.call;
  const operations = textAt(objectAt(mutation, 'jsonPatch'), 'expression');
  if (operations !== undefined)
    return shared<JsonObject>(object, defaulted(resource, patched(object, evaluated(operations, variables))));
  const applied = textAt(objectAt(mutation, 'applyConfiguration'), 'expression') ?? '';
  const configuration = evaluated(applied, variables);
  if (!isObject(configuration)) throw new Error(`no configuration: ${applied}`);
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
export function checkPolicy(ground: Ground, bound: Bound, write: Admitted): void {
  if (!isInForce(ground, bound, write)) return;
  const { policy, binding } = bound;
  const spec = objectAt(policy, 'spec');
  const variables = variablesOf(ground, write, spec);
  const failed = listAt(spec, 'validations').find(
    (each) => evaluated(textAt(each, 'expression') ?? '', variables) !== true,
  );
  if (failed === undefined) return;
  const [name, by] = [policy.metadata.name, binding.metadata.name];
  const message = messageOf(failed, variables);
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

/** The message that is computed goes before the one that is written down. */
function messageOf(validation: Json, variables: Variables): string {
  const computed = textAt(validation, 'messageExpression');
  if (computed !== undefined) return textOf(evaluated(computed, variables));
  return textAt(validation, 'message') ?? `failed expression: ${textAt(validation, 'expression')}`;
}

function textOf(value: Json): string {
  if (typeof value !== 'string') throw new Error(`a message that is no text: ${JSON.stringify(value)}`);
  return value;
}

function detailsOf(body: JsonObject, message: string): JsonObject {
  return { ...objectAt(body, 'details'), causes: [{ message }] };
}
