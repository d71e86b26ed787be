import { verdictOf } from '../analysis/thresholds.ts';
import type { Compared } from './compare.ts';
import { knownOdds } from './compare.ts';
import { besideNow, hasTraffic, isAtEnd, nextWeight } from './course.ts';
import { figuresOf } from './figures.ts';
import { said, type Said } from './gating.ts';
import { othersAwaited } from './group.ts';
import { type Moment, neededNow, stay, type Underway } from './moves.ts';
import { fail, thresholdReached } from './rollback.ts';
import { checksOf } from './strategy.ts';
import type { Action, Decision } from './decision.ts';
import type { In, Ledger, Measurement, State, Tick, Verdict } from './types.ts';

type Progressing = In<'Progressing' | 'Waiting'>;

/** A ledger with the tick that was just judged. */
type Judged = Ledger & { readonly last: Tick };

/** Ticks in a row without an answer after which people are told and the rollout waits. */
const silentLimit = 10;

/** What a check goes by. */
interface Findings {
  readonly measurements: readonly Measurement[];
  readonly compared: Compared;
  /** Of the gates that are asked with each check. */
  readonly gates: Exclude<Said, { is: 'awaited' }>;
}

/** One check: what was found is judged, written down, and followed. */
export function checked(moment: Moment<Progressing>, ledger: Ledger, findings: Findings): Decision {
  const { plan, state } = moment;
  const { threshold } = plan.spec.analysis;
  const next = judged(ledger, findings, moment);
  const write: Action = { do: 'ledger', ledger: next };
  const evidence = next.last.evidence.join('; ');
  switch (next.last.verdict) {
    case 'pass':
      return passed(moment, next, write);
    case 'fail': {
      if (next.failed >= threshold) return fail(moment, thresholdReached(threshold, next.last), write);
      const message = `halt at weight ${state.weight}, failed check ${next.failed} of ${threshold}: ${evidence}`;
      return goOn(moment, write, { do: 'event', type: 'Warning', reason: 'CanaryHeld', message });
    }
    case 'inconclusive':
    case 'error':
      return silent(moment, next, write);
  }
}

/** Worst first. */
const bySeverity: readonly Verdict[] = ['fail', 'error', 'inconclusive', 'pass'];
/** What an answer of the gates means for a check. */
export const ofGates = { open: 'pass', closed: 'fail', error: 'error' } as const;

/** The verdict of a check that some say something of. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return bySeverity.find((each) => verdicts.includes(each)) ?? 'error';
}

/** Judges the thresholds, the comparison and the gates together; an incident of stable's own says nothing of the canary. */
function judged(
  ledger: Ledger,
  { measurements, compared, gates }: Findings,
  moment: Moment<Progressing>,
): Judged {
  const thresholds = verdictOf(measurements);
  const all = [thresholds.verdict, compared.verdict, ofGates[gates.is]];
  const verdict = compared.isIncident ? 'inconclusive' : worst(all);
  const evidence = [
    ...thresholds.evidence,
    ...(compared.sentence === '' ? [] : [compared.sentence]),
    ...(gates.is === 'open' ? [] : [gates.why]),
  ];
  return {
    ...ledger,
    ...compared.kept,
    ...counted(ledger, verdict),
    last: { at: moment.now, weight: moment.state.weight, verdict, evidence, ...figuresOf(measurements) },
  };
}

/** The counts with one verdict more. */
export function counted(
  { ticks, passed: passes, failed, silent: unknown }: Ledger,
  verdict: Verdict,
): Pick<Ledger, 'ticks' | 'passed' | 'failed' | 'silent'> {
  return {
    ticks: ticks + 1,
    passed: passes + (verdict === 'pass' ? 1 : 0),
    failed: failed + (verdict === 'fail' ? 1 : 0),
    silent: verdict === 'pass' || verdict === 'fail' ? 0 : unknown + 1,
  };
}

/** A check passed: what comes next is done unless a person, a gate or the group holds it. */
function passed(moment: Moment<Progressing>, ledger: Ledger, write: Action): Decision {
  const { plan, state } = moment;
  if (state.pause !== undefined) return goOn(moment, write);
  if (plan.spec.suspended) return heldBy(moment, 'suspended by the plan (suspend: true)', write);
  const ends = state.passed === true || isAtEnd(moment);
  const gate = said(moment, ends ? 'confirm-promotion' : 'confirm-traffic-increase');
  if (gate.is === 'closed' || gate.is === 'error') return heldBy(moment, gate.why, write);
  // The check is not lost: the gate is asked again with the next one.
  if (gate.is === 'awaited') return stay(moment, write);
  if (!ends) return advance(moment, ledger, write);
  const others = othersAwaited(moment);
  if (others === undefined) return promote(moment, ledger, write);
  return heldBy({ ...moment, state: { ...state, passed: true } }, others, write);
}

/** Stays where it is and says why, once; checks go on. */
function heldBy(moment: Moment<Progressing>, why: string, write: Action): Decision {
  const { state, now } = moment;
  const message = `weight ${state.weight} holds: ${why}`;
  if (state.phase === 'Waiting' && state.message === message) return stay(moment, write);
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryHeld', message };
  return follow(write, { ...state, phase: 'Waiting', message }, now, event);
}

/** The tick is on the record before what follows from it: a crash between the two costs an interval, never a check. */
function advance({ plan, state, seen, now }: Moment<Progressing>, ledger: Ledger, write: Action): Decision {
  const { strategy } = plan.spec.analysis;
  const weight = seen.route.kind === 'split' ? (nextWeight(plan, state.weight) ?? 0) : 0;
  const rises = weight > state.weight;
  const next: Underway = {
    ...state,
    phase: 'Progressing',
    since: rises ? now : state.since,
    weight,
    needed: neededNow({ state, seen }),
    message: '',
  };
  const how = besideNow(plan, state)?.match === undefined ? 'without traffic' : 'with requests that match';
  const copied = besideNow(plan, state)?.mirror === undefined ? how : 'with copies of requests';
  const message = rises
    ? `canary weight ${weight}`
    : `check ${ledger.passed} of ${checksOf(strategy)} passed ${copied}`;
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryAdvanced', message };
  const record: readonly Action[] = rises || state.phase === 'Waiting' ? [{ do: 'record' }] : [];
  return { state: next, actions: [write, ...record, event], wakeAt: now };
}

function promote({ plan, state, seen, now }: Moment<Progressing>, ledger: Ledger, write: Action): Decision {
  const split = seen.route.kind === 'split';
  const { passed: _, ...rest } = state;
  const from = { ...rest, since: now, needed: neededNow({ state, seen }), message: '' };
  const next: Underway = split
    ? { ...from, phase: 'Promoting.Shift' }
    : { ...from, phase: 'Promoting.Roll', ending: 'Succeeded' };
  const message = split
    ? `analysis passed${knownOdds(plan, ledger)}: moving all traffic to the canary`
    : 'analysis passed: rolling the Deployment';
  return follow(write, next, now, { do: 'event', type: 'Normal', reason: 'CanaryPromoting', message });
}

/** No answer: the weight holds. After a while people are told, and the rollout waits until there is one. */
function silent(moment: Moment<Progressing>, ledger: Judged, write: Action): Decision {
  const { plan, state, seen, now } = moment;
  const evidence = ledger.last.evidence.join('; ');
  // Without requests nothing will ever be known: what would help is said (flagger#1353).
  const isQuiet = seen.route.kind === 'split' && !hasTraffic(plan, state);
  const hint = isQuiet
    ? '. Nothing is sent to the canary: mirror requests, make load with a gate of type rollout, or check nothing (metrics: [])'
    : '';
  const message = `weight ${state.weight} holds, nothing is known: ${evidence}${hint}`;
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message };
  if (ledger.silent >= silentLimit && state.phase !== 'Waiting') {
    return follow(write, { ...state, phase: 'Waiting', message }, now, event);
  }
  return stay(moment, write, ...(ledger.silent === 1 ? [event] : []));
}

/** Stays on trial once the tick is written; an answer ends the waiting. */
function goOn(moment: Moment<Progressing>, write: Action, ...then: readonly Action[]): Decision {
  const { state, now } = moment;
  if (state.phase !== 'Waiting') return stay(moment, write, ...then);
  return follow(write, { ...state, phase: 'Progressing', message: '' }, now, ...then);
}

/**
 * Goes to the state that follows from a tick. The two are one write: after two, a conflict between them would keep from
 * people what is told only as the state is entered.
 */
function follow(write: Action, state: State, now: number, ...then: readonly Action[]): Decision {
  return { state, actions: [write, { do: 'record' }, ...then], wakeAt: now };
}
