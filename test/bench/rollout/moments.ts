// How long Serin takes from what it sees to what it does, by the API server's clock.
import type { AuditEvent } from '../../rig/audit.ts';
import { answeredAt, receivedAt } from './calls.ts';

type Which = (event: AuditEvent) => boolean;

/** Milliseconds of a release from the answer to what begins a wait to the call that ends it; undefined where either is missing. */
export interface Moments {
  readonly twinMs: number | undefined;
  readonly firstWeightMs: number | undefined;
  readonly abortMs: number | undefined;
}

/** The waits of one release that was asked for at `from` and ended at `to` (Unix ms). */
export function momentsOf(events: readonly AuditEvent[], from: number, to: number): Moments {
  const of = events.filter((event) => receivedAt(event) >= from && receivedAt(event) < to);
  const wait = (begins: AuditEvent | undefined, ends: AuditEvent | undefined): number | undefined =>
    begins === undefined || ends === undefined ? undefined : receivedAt(ends) - answeredAt(begins);
  const weight = of.find(isWeight);
  const available = of.findLast(
    (event) => isTwinStatus(event) && (weight === undefined || receivedAt(event) < receivedAt(weight)),
  );
  const abort = of.find(isAbort);
  return {
    twinMs: wait(of.find(isAsked), of.find(isTwin)),
    firstWeightMs: wait(available, weight),
    abortMs: wait(
      abort,
      abort && of.find((event) => isRoute(event) && receivedAt(event) > answeredAt(abort)),
    ),
  };
}

const isSerin: Which = ({ user }) => user.username === 'system:serviceaccount:serin-system:serin';
const isOn =
  (resource: string, name: string): Which =>
  ({ objectRef }) =>
    objectRef?.resource === resource && objectRef.name === name && objectRef.subresource === undefined;

/** Somebody asks for another version. */
const isAsked: Which = (event) =>
  !isSerin(event) && event.verb === 'patch' && isOn('deployments', 'web')(event);
const isTwin: Which = (event) => isSerin(event) && isOn('deployments', 'web-canary')(event);
const isRoute: Which = (event) =>
  isSerin(event) && event.verb === 'patch' && isOn('virtualservices', 'shop')(event);
const isWeight: Which = (event) =>
  isRoute(event) && JSON.stringify(event.requestObject).includes('web-canary');
const isAbort: Which = (event) =>
  !isSerin(event) && JSON.stringify(event.requestObject ?? null).includes('serin.dev/command');

/** What the Deployment controller last says of the twin before its first weight: that a pod is available. */
function isTwinStatus({ objectRef, verb }: AuditEvent): boolean {
  return objectRef?.name === 'web-canary' && objectRef.subresource === 'status' && verb === 'update';
}
