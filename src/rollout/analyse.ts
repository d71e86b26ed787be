import { askTwin, runningFrom } from './ask-twin.ts';
import { givable } from './capacity.ts';
import { compare, countAgainAt, isCountDue } from './compare.ts';
import { besideNow, podsWanted } from './course.ts';
import { checked } from './check.ts';
import { checkDue, dueAt, isOpen, opened } from './due.ts';
import { rollbackAsked, said } from './gating.ts';
import { failedMember } from './group.ts';
import { isOff, type Moment, stay, toRoute, wait, waitForPods } from './moves.ts';
import { fail, failAgain, thresholdReached } from './rollback.ts';
import { isServed, unserved } from './served.ts';
import { neverReady } from './start.ts';
import { neededOnTrial, withoutSurplus } from './surplus.ts';
import type { Action, Decision } from './decision.ts';
import type { In, Ledger, Observation, State } from './types.ts';

type Progressing = In<'Progressing' | 'Waiting'>;
type Twin = NonNullable<Observation['twin']>;

/**
 * The candidate is on trial: the routes follow the weight as far as the twin's ready pods carry it, and every interval
 * is judged once. Only a pass advances; nothing that is not known ever does.
 */
export function progressing(moment: Moment<Progressing>): Decision {
  const { plan, state, seen, now } = moment;
  const { twin, route } = seen;
  if (route.kind === 'split' && route.rolledBack === state.revision) {
    return failAgain(moment);
  }
  if (twin === undefined || twin.revision !== state.revision) return lost(moment);
  if (twin.trouble !== undefined) return fail(moment, `the canary broke: ${twin.trouble}`);
  const lostMember = failedMember(moment);
  if (lostMember !== undefined) return fail(moment, lostMember);
  const needed = neededOnTrial(moment);
  const pods = podsWanted(plan, state, needed);
  if (twin.replicas < pods) return askTwin(moment, pods);
  const given = route.kind === 'split' ? route.weight : 0;
  if (!isServed(moment, twin)) return unserved(moment, twin);
  const weight = givable(state.weight, given, twin, needed);
  const beside = givenBeside(moment, twin, pods);
  if (isOff(route, weight, beside)) return stay(moment, toRoute(weight, beside));
  const isShort = beside === undefined && besideNow(plan, state) !== undefined && route.kind === 'split';
  if (weight < state.weight || isShort || twin.ready === 0) return short(moment, twin);
  if (!isOpen(twin.ledger, state)) {
    return stay(moment, { do: 'ledger', ledger: opened(twin.ledger, state, now) });
  }
  const kept = withoutSurplus(moment, twin, pods);
  if (kept !== undefined) return askTwin(moment, kept);
  return tick(moment, twin.ledger);
}

/** True where an interval is over and its measurements are to be taken for the next `step`. */
export function measureDue(moment: Moment): boolean {
  return moment.state.phase !== 'Starting' && checkDue(moment);
}

/** True where both arms' requests are to be counted for the next `step`. */
export function countDue({ plan, state, seen, now }: Moment): boolean {
  if (state.phase !== 'Progressing' && state.phase !== 'Waiting') return false;
  const ledger = seen.twin?.ledger;
  return isOpen(ledger, state) && isCountDue({ plan, state, seen, now }, ledger);
}

/** What goes beside the weight begins with all the pods it is meant for, and ends with the last of them. */
function givenBeside({ plan, state, seen }: Moment<Progressing>, twin: Twin, pods: number) {
  const isGiven = seen.route.kind === 'split' && seen.route.beside !== undefined;
  const isCarried = isGiven ? twin.ready > 0 : twin.available >= pods;
  return isCarried && seen.route.kind === 'split' ? besideNow(plan, state) : undefined;
}

/** Somebody deleted or replaced the twin: no traffic to what is not there, and the trial begins anew. */
function lost({ state, seen, now }: Moment<Progressing>): Decision {
  const { passed: _, ...rest } = state;
  const message = 'the twin was gone, starting again';
  const next: State = { ...rest, phase: 'Starting', since: now, weight: 0, message };
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message };
  const off: readonly Action[] = isOff(seen.route, 0) ? [toRoute(0)] : [];
  return { state: next, actions: [...off, { do: 'record' }, event], wakeAt: now };
}

/** Too few ready pods for the weight: the routes have been lowered, and this lasts no longer than the deadline. */
function short(moment: Moment<Progressing>, twin: Twin): Decision {
  const { plan, state, now } = moment;
  const { progressDeadlineMs } = plan.spec;
  const from = runningFrom(state, twin.ledger);
  if (now >= from + progressDeadlineMs) return fail(moment, neverReady(progressDeadlineMs, twin));
  return waitForPods(moment, from + progressDeadlineMs);
}

function tick(moment: Moment<Progressing>, ledger: Ledger): Decision {
  const { plan, state, seen, now } = moment;
  const { threshold } = plan.spec.analysis;
  // The decision stands in the evidence, also where neither the routes nor the state came to say so.
  if (ledger.failed >= threshold && ledger.last !== undefined) {
    return fail(moment, thresholdReached(threshold, ledger.last));
  }
  const compared = compare(moment, ledger);
  if (compared.isWorse) {
    return fail(moment, compared.sentence, { do: 'ledger', ledger: { ...ledger, ...compared.kept } });
  }
  const gate = rollbackAsked(moment);
  if (gate !== undefined) return fail(moment, `rolled back by gate ${gate}`);
  const due = dueAt(plan, ledger);
  if (now < due || seen.measurements === undefined)
    return wait(state, Math.min(due, countAgainAt(plan, ledger, now)));
  const gates = said(moment, 'rollout');
  // Their answers bring the next look.
  if (gates.is === 'awaited') return wait(state, now + plan.spec.analysis.intervalMs);
  return checked(moment, ledger, { measurements: seen.measurements, compared, gates });
}
