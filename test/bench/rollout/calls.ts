// What Serin asked of the API server, by the server's own audit log; the Lease, which it renews whatever happens, apart.
import type { AuditEvent } from '../../rig/audit.ts';

const reads = new Set(['get', 'list', 'watch']);

export interface Calls {
  readonly reads: number;
  /** Each is a write to etcd, but those that changed nothing. */
  readonly writes: number;
  /** How often each call was made, the most frequent first. */
  readonly by: Readonly<Record<string, number>>;
}

/** The calls of the controller between two moments (Unix ms); watches are on record when they end, and are left out. */
export function callsBetween(events: readonly AuditEvent[], from: number, to: number): Calls {
  const made = events.filter((event) => isOfController(event) && within(event, from, to));
  const by = new Map<string, number>();
  for (const event of made) by.set(nameOf(event), (by.get(nameOf(event)) ?? 0) + 1);
  return {
    reads: made.filter(({ verb }) => reads.has(verb)).length,
    writes: made.filter(({ verb }) => !reads.has(verb)).length,
    by: Object.fromEntries([...by].sort(([, a], [, b]) => b - a)),
  };
}

export function total({ reads: read, writes }: Calls): number {
  return read + writes;
}

/** When the API server took a call in (Unix ms, with its microseconds). */
export function receivedAt({ requestReceivedTimestamp }: AuditEvent): number {
  return preciseMs(requestReceivedTimestamp);
}

/** When it had answered. */
export function answeredAt({ stageTimestamp }: AuditEvent): number {
  return preciseMs(stageTimestamp);
}

/** Date cuts what is finer than a millisecond. */
function preciseMs(time: string): number {
  const [, micros = '0'] = /\.\d{3}(\d{3})Z$/.exec(time) ?? [];
  return Date.parse(time) + Number(micros) / 1000;
}

function within(event: AuditEvent, from: number, to: number): boolean {
  const at = receivedAt(event);
  return at >= from && at < to;
}

/** Webhook and controller share a service account; what the webhook alone asks is a review of access. */
function isOfController({ user, verb, objectRef }: AuditEvent): boolean {
  if (user.username !== 'system:serviceaccount:serin-system:serin' || objectRef === undefined) return false;
  return verb !== 'watch' && objectRef.resource !== 'leases' && objectRef.resource !== 'subjectaccessreviews';
}

function nameOf({ verb, objectRef }: AuditEvent): string {
  const { resource = '', subresource, name } = objectRef ?? {};
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${whole}${name === undefined || resource === 'events' ? '' : ` ${name}`}`;
}
