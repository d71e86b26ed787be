// The admission chain of what is stored just now: configurations of webhooks, policies and their bindings.
import type { Admitted, AdmissionChain, Step } from './admission.ts';
import { throughSteps } from './admission.ts';
import { kinds } from './kinds.ts';
import { type Bound, boundOf, checkPolicy, policyStep } from './policies.ts';
import type { Mutator } from './types.ts';
import { type Surroundings, webhookSteps } from './webhooks.ts';

/** What a list is made into, as long as it is the same list. */
function kept<From extends readonly unknown[], To>(make: (...from: From) => To): (...from: From) => To {
  let last: { readonly from: From; readonly to: To } | undefined;
  return (...from) => {
    if (last === undefined || from.some((each, index) => each !== last?.from[index]))
      last = { from, to: make(...from) };
    return last.to;
  };
}

/** Admission by what is stored; `mutators` are webhooks of others, in process, asked in the order of all names. */
export function admissionChain(around: Surroundings, mutators: readonly Mutator[]): AdmissionChain {
  const { storage } = around;
  const webhooks = kept((configurations: ReturnType<typeof storage.list>) =>
    configurations.map((each) => ({
      name: each.metadata.name,
      steps: webhookSteps(around, each, 'mutate'),
    })),
  );
  const judges = kept((configurations: ReturnType<typeof storage.list>) =>
    configurations.flatMap((each) => webhookSteps(around, each, 'validate')),
  );
  const mutating = kept((policies: ReturnType<typeof storage.list>, bindings: typeof policies) =>
    boundOf(policies, bindings).map((each) => policyStep(around, each)),
  );
  const validating = kept(boundOf);
  const steps = (): readonly Step[] => {
    const stored = webhooks(storage.list(kinds.mutatingWebhooks));
    const others = mutators.map((each) => ({ name: each.name, steps: [mutatorStep(each)] }));
    const inOrder =
      others.length === 0 ? stored : [...stored, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
    return [
      ...mutating(storage.list(kinds.mutatingPolicies), storage.list(kinds.mutatingBindings)),
      ...inOrder.flatMap((each) => each.steps),
    ];
  };
  return {
    // The configurations themselves never go through webhooks: a broken one could not be mended.
    mutate: (write) => (isExempt(write) ? (write.object ?? {}) : throughSteps(steps(), write)),
    validate: (write) => {
      if (isExempt(write)) return;
      const bound: readonly Bound[] = validating(
        storage.list(kinds.validatingPolicies),
        storage.list(kinds.validatingBindings),
      );
      for (const each of bound) checkPolicy(around, each, write);
      const asked = judges(storage.list(kinds.validatingWebhooks)).filter((each) => each.isAbout(write));
      return asked.length === 0 ? undefined : judged(asked, write);
    },
  };
}

/** All are asked at once; the first refusal counts. */
async function judged(steps: readonly Step[], write: Admitted): Promise<void> {
  await Promise.all(steps.map(async (step) => step.change(write)));
}

function isExempt({ call }: Admitted): boolean {
  return call.resource.group === 'admissionregistration.k8s.io';
}

function mutatorStep({ name, isAgain, change }: Mutator): Step {
  return {
    ...{ name, isAgain },
    isAbout: ({ operation }) => operation !== 'DELETE',
    change: ({ call, object = {}, oldObject }) => change(call, object, oldObject) ?? object,
  };
}
