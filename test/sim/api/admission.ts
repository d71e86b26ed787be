// What stands between a write and the store.
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
  /** Throws a Refusal where a policy is against it. */
  validate(write: Admitted): void;
}
