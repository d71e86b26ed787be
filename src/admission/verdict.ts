import type { JsonObject, PatchOp } from '../rollout/types.ts';

/** What is asked of the webhook: a Deployment that comes to be, or one that changes. Objects are raw JSON. */
export type Asked = {
  readonly username: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly object: JsonObject;
} & ({ readonly operation: 'CREATE' } | { readonly operation: 'UPDATE'; readonly oldObject: JsonObject });

/** What an allowed request means for the rollout. */
export type Effect = 'passed' | 'held' | 'aborted' | 'superseded';

interface Allowed {
  readonly kind: 'allow';
  readonly patch: readonly PatchOp[];
  readonly warnings: readonly string[];
  readonly outcome: Effect;
  readonly audit?: Audit;
}

/** What kube-apiserver's audit log is to say of the request, by key. */
type Audit = { readonly [key: string]: string };

export interface Denied {
  readonly kind: 'deny';
  /** 422: mend the object; 409: nothing is wrong with it, try again soon; 403: it is not yours to do. */
  readonly code: 422 | 409 | 403;
  readonly message: string;
  readonly warnings?: readonly string[];
  readonly audit?: Audit;
}

export type Verdict = Allowed | Denied;

/** Lets the request through as it is. */
export const untouched: Verdict = { kind: 'allow', patch: [], warnings: [], outcome: 'passed' };

/** Refuses the request with a sentence that says what to do. */
export function deny(code: Denied['code'], message: string): Denied {
  return { kind: 'deny', code, message };
}
