// What stands between a write and the store, in kube-apiserver's order: mutating policies, mutating webhooks, and again
// those of them that ask for it; at the end the validating policies and webhooks.
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Call } from './types.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** A write as admission sees it. */
export interface Admitted {
  readonly call: Call;
  readonly operation: Operation;
  readonly name: string;
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
  readonly dryRun: boolean;
  /** Where warnings for the caller go. */
  readonly warnings: string[];
}

export interface AdmissionChain {
  /** The object with what the mutators made of it; at once where no webhook is asked. Throws a Refusal. */
  mutate(write: Admitted): JsonObject | Promise<JsonObject>;
  /** Throws a Refusal where a policy or a webhook is against it; at once where no webhook is asked. */
  validate(write: Admitted): void | Promise<void>;
}

/** One that may change the object, or refuse it by throwing. */
export interface Step {
  readonly name: string;
  /** Asked again where another changed the object after it (reinvocationPolicy IfNeeded). */
  readonly isAgain: boolean;
  isAbout(write: Admitted): boolean;
  change(write: Admitted): JsonObject | Promise<JsonObject>;
}

/** The object after all steps; at once where all of them answer at once. */
export function throughSteps(steps: readonly Step[], write: Admitted): JsonObject | Promise<JsonObject> {
  // What no step is about, no step changes.
  return steps.some((step) => step.isAbout(write)) ? passed(steps, write) : (write.object ?? {});
}

async function passed(steps: readonly Step[], write: Admitted): Promise<JsonObject> {
  let object = write.object;
  const now = (): Admitted => ({ ...write, object });
  const change = async (step: Step): Promise<void> => {
    const after = await step.change(now());
    // A deletion has no object that could be changed.
    if (object !== undefined) object = after;
  };
  const last = new Map<Step, JsonObject | undefined>();
  for (const step of steps) {
    if (!step.isAbout(now())) continue;
    await change(step);
    last.set(step, object);
  }
  // One more round, and one only: for those whose answer was changed by another.
  for (const step of steps) {
    const isDue = step.isAgain && last.has(step) && last.get(step) !== object;
    if (isDue && step.isAbout(now())) await change(step);
  }
  return object ?? {};
}
