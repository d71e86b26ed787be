import type { WorkloadSeen } from './types.ts';

/** Pods a workload needs before it may be given `weight` percent of what `needed` pods carry; at least one. */
export function podsFor(weight: number, needed: number): number {
  return Math.max(1, Math.ceil((weight * needed) / 100));
}

/** The percent of all traffic that `ready` pods may carry, where `needed` pods carry all of it. */
export function carried(ready: number, needed: number): number {
  return ready >= needed ? 100 : Math.floor((ready * 100) / needed);
}

/** The pods that carry all the traffic where `pods` carry `share` percent of it; without bound where they carry none. */
export function carriedBy(pods: number, share: number): number {
  return share > 0 ? Math.max(1, Math.ceil((pods * 100) / share)) : Number.POSITIVE_INFINITY;
}

/** True when `pods` pods of the newest template are available and no older one is left. */
export function isRolledOut(seen: WorkloadSeen, pods: number): boolean {
  return (
    seen.current &&
    seen.replicas >= pods &&
    seen.updated === seen.replicas &&
    seen.total === seen.replicas &&
    seen.available >= seen.replicas
  );
}

/**
 * The weight to give the twin now when `asked` is wanted, with no half steps on the way up: what every proxy knows by now
 * may be given more (available pods, see twin.ts), and what is ready keeps what it has.
 */
export function givable(asked: number, given: number, twin: WorkloadSeen, needed: number): number {
  if (given >= asked) return Math.min(asked, carried(twin.ready, needed));
  return carried(twin.available, needed) >= asked ? asked : Math.min(given, carried(twin.ready, needed));
}
