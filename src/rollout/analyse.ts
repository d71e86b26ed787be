import { verdictOf } from '../analysis/thresholds.ts';
import { givable, podsFor } from './capacity.ts';
import { compare, type Compared, countAgainAt, isCountDue, knownOdds } from './compare.ts';
import { isServed, unserved } from './served.ts';
import { enter, isOff, type Moment, neededNow, stay, type Underway, wait, waitForPods } from './moves.ts';
import { fail, failAgain, thresholdReached } from './rollback.ts';
import { neverReady } from './start.ts';
import { checksOf, weightsOf } from './strategy.ts';
import type { Action, Decision } from './decision.ts';
import type { In, Ledger, Measurement, Observation, Plan, State, Tick, Verdict } from './types.ts';

type Progressing = In<'Progressing' | 'Waiting'>;
type Twin = NonNullable<Observation['twin']>;

/** A ledger with the tick that was just judged. */
type Judged = Ledger & { readonly last: Tick };

/** Ticks in a row without an answer after which people are told and the rollout waits. */
const silentLimit = 10;

/**
 * The candidate is on trial: the routes follow the weight as far as the twin's ready pods carry it, and every interval
 * is judged once. Only a pass advances; nothing that is not known ever does.
 */
export function progressing(moment: Moment<Progressing>): Decision {
  const { state, seen, now } = moment;
  const { twin, route } = seen;
  if (route.kind === 'split' && route.rolledBack === state.revision) {
    return failAgain(moment);
  }
  if (twin === undefined || twin.revision !== state.revision) return lost(moment);
  if (twin.trouble !== undefined) return fail(moment, `the canary broke: ${twin.trouble}`);
  const needed = neededNow(moment);
  const pods = podsFor(state.weight, needed);
  if (twin.replicas < pods) return stay(moment, { do: 'twin', replicas: pods });
  const given = route.kind === 'split' ? route.weight : 0;
  if (!isServed(moment, twin)) return unserved(moment, twin);
  const weight = givable(state.weight, given, twin, needed);
  if (isOff(route, weight)) return stay(moment, { do: 'route', weight });
  if (weight < state.weight || twin.ready === 0) return short(moment, twin);
  if (!isOpen(twin.ledger, state)) {
    return stay(moment, { do: 'ledger', ledger: opened(twin.ledger, state, now) });
  }
  return tick(moment, twin.ledger);
}

/** True where an interval is over and its measurements are to be taken for the next `step`. */
export function measureDue({ plan, state, seen, now }: Moment): boolean {
  if (state.phase !== 'Progressing' && state.phase !== 'Waiting') return false;
  const ledger = seen.twin?.ledger;
  return isOpen(ledger, state) && now >= dueAt(plan, ledger);
}

/** True where both arms' requests are to be counted for the next `step`. */
export function countDue({ plan, state, seen, now }: Moment): boolean {
  if (state.phase !== 'Progressing' && state.phase !== 'Waiting') return false;
  const ledger = seen.twin?.ledger;
  return isOpen(ledger, state) && isCountDue({ plan, state, seen, now }, ledger);
}

function dueAt(plan: Plan, ledger: Ledger): number {
  return Math.max(ledger.weightAt, ledger.last?.at ?? 0) + plan.spec.analysis.intervalMs;
}

/** True where the weight asked for is known to be in force; told by the weight, since clocks jump. */
function isOpen(ledger: Ledger | undefined, state: Underway): ledger is Ledger {
  return isOf(ledger, state) && ledger.weight === state.weight;
}

function isOf(ledger: Ledger | undefined, { revision, startedAt }: Underway): ledger is Ledger {
  return ledger?.revision === revision && ledger.startedAt === startedAt;
}

/** The weight is in force from `now`; the counts go on. */
function opened(ledger: Ledger | undefined, state: Underway, now: number): Ledger {
  const { revision, startedAt, weight } = state;
  const empty = { v: 1, revision, startedAt, ticks: 0, passed: 0, failed: 0, silent: 0 } as const;
  return { ...(isOf(ledger, state) ? ledger : empty), weight, weightAt: now };
}

/** Somebody deleted or replaced the twin: no traffic to what is not there, and the trial begins anew. */
function lost({ state, seen, now }: Moment<Progressing>): Decision {
  const next: State = {
    ...state,
    phase: 'Starting',
    since: now,
    weight: 0,
    message: 'the twin was gone, starting again',
  };
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message: next.message };
  const off: readonly Action[] = isOff(seen.route, 0) ? [{ do: 'route', weight: 0 }] : [];
  return { state: next, actions: [...off, { do: 'record' }, event], wakeAt: now };
}

/** Too few ready pods for the weight: the routes have been lowered, and this lasts no longer than the deadline. */
function short(moment: Moment<Progressing>, twin: Twin): Decision {
  const { plan, state, now } = moment;
  const { progressDeadlineMs } = plan.spec;
  const from = Math.max(state.since, twin.ledger?.last?.at ?? 0, twin.ledger?.weightAt ?? 0);
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
  const due = dueAt(plan, ledger);
  if (now < due || seen.measurements === undefined)
    return wait(state, Math.min(due, countAgainAt(plan, ledger, now)));
  const next = judged(ledger, seen.measurements, compared, moment);
  const write: Action = { do: 'ledger', ledger: next };
  const evidence = next.last.evidence.join('; ');
  switch (next.last.verdict) {
    case 'pass':
      return advance(moment, next, write);
    case 'fail': {
      if (next.failed >= threshold) {
        return fail(moment, thresholdReached(threshold, next.last), write);
      }
      const message = `halt at weight ${state.weight}, failed check ${next.failed} of ${threshold}: ${evidence}`;
      return hold(moment, [write, { do: 'event', type: 'Warning', reason: 'CanaryHeld', message }]);
    }
    case 'inconclusive':
    case 'error':
      return silent(moment, next, write);
  }
}

/** Worst first. */
const bySeverity: readonly Verdict[] = ['fail', 'error', 'inconclusive', 'pass'];

function judged(
  ledger: Ledger,
  measurements: readonly Measurement[],
  compared: Compared,
  { state: { weight }, now }: Moment<Progressing>,
): Judged {
  const thresholds = verdictOf(measurements);
  const worst = bySeverity.find((each) => each === thresholds.verdict || each === compared.verdict);
  const verdict = compared.isIncident ? 'inconclusive' : (worst ?? thresholds.verdict);
  const evidence = [...thresholds.evidence, ...(compared.sentence === '' ? [] : [compared.sentence])];
  return {
    ...ledger,
    ...compared.kept,
    ticks: ledger.ticks + 1,
    passed: ledger.passed + (verdict === 'pass' ? 1 : 0),
    failed: ledger.failed + (verdict === 'fail' ? 1 : 0),
    silent: verdict === 'pass' || verdict === 'fail' ? 0 : ledger.silent + 1,
    last: { at: now, weight, verdict, evidence },
  };
}

/** The tick is on the record before what follows from it: a crash between the two costs an interval, never a check. */
function advance({ plan, state, seen, now }: Moment<Progressing>, ledger: Ledger, write: Action): Decision {
  const { strategy } = plan.spec.analysis;
  const checks = checksOf(strategy);
  const split = seen.route.kind === 'split';
  const weight = split ? weightsOf(strategy).find((each) => each > state.weight) : 0;
  if (weight === undefined || (!split && ledger.passed >= checks))
    return promote({ plan, state, seen, now }, ledger, write);
  const next: Underway = {
    ...state,
    phase: 'Progressing',
    since: split ? now : state.since,
    weight,
    needed: neededNow({ state, seen }),
    message: '',
  };
  const message = split
    ? `canary weight ${weight}`
    : `check ${ledger.passed} of ${checks} passed without traffic`;
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryAdvanced', message };
  const record: readonly Action[] = split || state.phase === 'Waiting' ? [{ do: 'record' }] : [];
  return { state: next, actions: [write, ...record, event], wakeAt: now };
}

function promote({ plan, state, seen, now }: Moment<Progressing>, ledger: Ledger, write: Action): Decision {
  const split = seen.route.kind === 'split';
  const from = { ...state, since: now, needed: neededNow({ state, seen }), message: '' };
  const next: Underway = split
    ? { ...from, phase: 'Promoting.Shift' }
    : { ...from, phase: 'Promoting.Roll', ending: 'Succeeded' };
  const message = split
    ? `analysis passed${knownOdds(plan, ledger)}: moving all traffic to the canary`
    : 'analysis passed: rolling the Deployment';
  return {
    state: next,
    actions: [write, { do: 'record' }, { do: 'event', type: 'Normal', reason: 'CanaryPromoting', message }],
    wakeAt: now,
  };
}

/** No answer: the weight holds. After a while people are told, and the rollout waits until there is one. */
function silent(moment: Moment<Progressing>, ledger: Judged, write: Action): Decision {
  const { state, now } = moment;
  const evidence = ledger.last.evidence.join('; ');
  const message = `weight ${state.weight} holds, nothing is known: ${evidence}`;
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message };
  if (ledger.silent >= silentLimit && state.phase !== 'Waiting') {
    return enter({ ...state, phase: 'Waiting', message }, now, write, event);
  }
  return stay(moment, write, ...(ledger.silent === 1 ? [event] : []));
}

/** Stays on trial with `actions`; an answer ends the waiting. */
function hold(moment: Moment<Progressing>, actions: readonly Action[]): Decision {
  const { state, now } = moment;
  if (state.phase !== 'Waiting') return stay(moment, ...actions);
  return enter({ ...state, phase: 'Progressing', message: '' }, now, ...actions);
}
