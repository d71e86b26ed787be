// Each write of each reference, met by each thing that can happen to a write.
import type { Call, Fault } from '../api/types.ts';
import { isSwept, type Known, record, verdictOn } from './record.ts';

export interface CrashPlan {
  /** Of the reference. */
  readonly index: number;
  /** Which write of it, from 0 on. */
  readonly nth: number;
  readonly flaw: string;
}

/** What can happen to a write. */
const flaws: Readonly<Record<string, Fault>> = {
  'crash before': { do: 'crash', when: 'before' },
  'crash after': { do: 'crash', when: 'after' },
  'unknown outcome': { do: 'lost' },
  409: { do: 'refuse', status: 409, reason: 'Conflict' },
  429: { do: 'refuse', status: 429, reason: 'TooManyRequests', retryAfterSeconds: 2 },
  500: { do: 'refuse', status: 500, reason: 'InternalError' },
};

/** Every plan there is for these references. */
export function crashPlans(known: readonly Known[]): readonly CrashPlan[] {
  return known.flatMap(({ writes }, index) =>
    writes.flatMap(({ call }, nth) =>
      Object.keys(flaws).flatMap((flaw) => (canMeet(call, flaw) ? [{ index, nth, flaw }] : [])),
    ),
  );
}

/** A creation conflicts only with what is there, which then is an object and no fault. */
function canMeet({ verb }: Call, flaw: string): boolean {
  return flaw !== '409' || verb === 'patch';
}

/** Plays a plan; answers what is wrong with it, in a sentence that says how to meet it again. */
export async function playCrash(
  known: readonly Known[],
  { index, nth, flaw }: CrashPlan,
): Promise<string | undefined> {
  const of = known[index];
  if (of === undefined) throw new Error(`there is no reference ${index}`);
  let seen = 0;
  const recorded = await record(of.reference, {
    intercept: (call, process) => (isSwept(call, process) && seen++ === nth ? flaws[flaw] : undefined),
  });
  const wrong = verdictOn(of, recorded);
  if (seen <= nth) return `${of.reference.name}: write ${nth} never came`;
  return wrong === undefined
    ? undefined
    : `${of.reference.name}, write ${nth} (${of.writes[nth]?.says}), ${flaw}: ${wrong}`;
}
