import type { JsonObject } from '../rollout/types.ts';

/** What is told of an object. */
export interface Telling {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Whom an Event is about: as `involvedObject` names it. */
export interface About {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion?: string;
}

/** The Event, as it is created in the namespace of what it is about. */
export function eventOf(
  about: About,
  { type, reason, message }: Telling,
  process: 'controller' | 'webhook',
  nowMs: number,
): JsonObject {
  const at = new Date(nowMs).toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${about.name.slice(0, 200)}.`, namespace: about.namespace },
    involvedObject: { ...about },
    source: { component: 'serin' },
    reportingComponent: `serin.dev/${process}`,
    ...{ type, reason, message: message.slice(0, 1024), firstTimestamp: at, lastTimestamp: at, count: 1 },
  };
}
