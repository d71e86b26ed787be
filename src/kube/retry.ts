import type { Random } from '../clock.ts';
import { hasCode, SerinError } from '../errors.ts';

const firstMs = 500;
const longestMs = 30_000;

/**
 * How long to wait after the `failures`th failure in a row: doubling up to 30 s with full jitter, so that many who
 * failed together do not come back together; never shorter than the other side asked for.
 */
export function retryInMs(error: unknown, failures: number, random: Random): number {
  const atMost = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  // A right that lacks is given by a person, if at all: asking quickly only fills the audit log.
  const jittered = hasCode(error, 'KUBE_FORBIDDEN') ? (longestMs * (1 + random())) / 2 : atMost * random();
  return Math.max(jittered, askedWaitMs(error));
}

/** The wait that the other side asked for; 0 where it asked for none. */
export function askedWaitMs(error: unknown): number {
  return (error instanceof SerinError ? error.retryAfterMs : undefined) ?? 0;
}
