import { askTwin } from './ask-twin.ts';
import { isOff, type Moment, stay, type Underway, wait } from './moves.ts';
import type { Action, Decision } from './decision.ts';
import type { Observation } from './types.ts';

type Twin = NonNullable<Observation['twin']>;

/** True where the twin's Service has been there for so long that every proxy knows it and its endpoints. */
export function isServed({ plan, now }: Moment, { servedSince }: Twin): boolean {
  return servedSince !== undefined && now >= knownFrom(plan, servedSince);
}

/**
 * Somebody deleted the twin's Service, or it came late: a route to what is not there fails every request (I15). The
 * weight goes first, then the Service is made again, and is given weight once it is known.
 */
export function unserved(moment: Moment<Underway>, twin: Twin): Decision {
  const { plan, state, seen } = moment;
  const isNeeded = seen.main.ready > 0;
  const off: readonly Action[] = isNeeded && isOff(seen.route, 0) ? [{ do: 'route', weight: 0 }] : [];
  if (twin.servedSince === undefined) return askTwin(moment, twin.replicas, ...off);
  return off.length > 0 ? stay(moment, ...off) : wait(state, knownFrom(plan, twin.servedSince));
}

function knownFrom({ settleMs }: Moment['plan'], servedSince: number): number {
  return servedSince + settleMs;
}
