import type { KubeObject } from '../kube/objects.ts';
import type { JsonObject } from '../rollout/types.ts';

const leaseSeconds = 15;

/** What a Lease says. */
export interface LeaseSeen {
  /** Empty where nobody holds it. */
  readonly holder: string;
  /** How many times it was taken, which is the fence of who holds it. */
  readonly transitions: number;
  readonly resourceVersion: string;
  /** How long after the last sign of life of its holder it may be taken, as that holder has it. */
  readonly durationMs: number;
  /** Differs with each sign of life of its holder. */
  readonly renewal: string;
}

/** Reads a Lease; what is missing or makes no sense is as in a Lease that nobody holds. */
export function readLease(lease: KubeObject): LeaseSeen {
  const spec = (lease['spec'] ?? {}) as { readonly [key: string]: unknown };
  const { holderIdentity, leaseTransitions, leaseDurationSeconds, renewTime } = spec;
  const seconds = typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds : leaseSeconds;
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    resourceVersion: lease.metadata.resourceVersion,
    durationMs: seconds * 1_000,
    renewal: JSON.stringify([holderIdentity, leaseTransitions, renewTime]),
  };
}

/** True where `identity` may take the Lease that has not changed for so long while we looked. */
export function isFree({ holder, durationMs }: LeaseSeen, identity: string, unchangedMs: number): boolean {
  // Held by ourselves: a write of ours that we got no answer to, or a life of ours before this one.
  return holder === '' || holder === identity || unchangedMs >= durationMs;
}

/** The spec of a Lease that `identity` takes now. */
export function claimOf(identity: string, transitions: number, now: number): JsonObject {
  const time = microTime(now);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: leaseSeconds,
    leaseTransitions: transitions,
    acquireTime: time,
    renewTime: time,
  };
}

/** A time as a Lease has it: the API server takes six digits of a second, no fewer. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
