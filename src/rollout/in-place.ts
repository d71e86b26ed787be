// Promotion in place: no twin, no route. Main itself rolls until a share of its pods runs the candidate, is held there and
// judged, and rolls on. What a check measures is the whole Deployment; a bad candidate is replaced by stable again.
// It rolls with a brake on (brake.ts), so that no more than a batch of pods rolls past the share, whatever becomes of Serin.
// Of a group it waits before the last share until all others have passed, as they do before they shift; it has no traffic
// to shift, so that the others wait for it to be rolled, and fall with it where it fails until then.
import { verdictOf } from '../analysis/thresholds.ts';
import { braked, unbraked, waitedFor } from './brake.ts';
import { isRolledOut } from './capacity.ts';
import { ofGates, worst } from './check.ts';
import { isAtEnd, nextWeight } from './course.ts';
import { checkDue } from './due.ts';
import { rollbackAsked, said } from './gating.ts';
import { failedMember, othersAwaited } from './group.ts';
import { endedAs, enter, type Moment, stay, wait, waitForPods } from './moves.ts';
import { fail } from './rollback.ts';
import type { Action, Decision } from './decision.ts';
import type { Checks, In, Observation } from './types.ts';

type Rolling = In<'Rolling'>;

export function rollingInPlace(moment: Moment<Rolling>): Decision {
  const { state, seen } = moment;
  const { main } = seen;
  if (main.trouble !== undefined) return fail(moment, `the new pods broke: ${main.trouble}`);
  const lost = failedMember(moment);
  if (lost !== undefined) return fail(moment, lost);
  if (!main.current) return wait(state);
  return state.reached ? judged(moment) : moving(moment);
}

/** On the way to the share, or to all of them: what holds the weight holds no pod that is wanted already. */
function moving(moment: Moment<Rolling>): Decision {
  const { plan, state, seen, now } = moment;
  const { main } = seen;
  const isWhole = state.weight >= 100;
  if (isWhole && (isRolledOut(main, 1) || main.replicas === 0)) return succeeded(moment);
  const wanted = Math.ceil((state.weight * main.replicas) / 100);
  const hasRolled = !isWhole && main.updated >= wanted;
  if (hasRolled && !main.paused) return stay(moment, { do: 'hold' });
  if (hasRolled && serves(main, wanted))
    return enter({ ...state, reached: true, since: now, checks: { ...state.checks, at: now } }, now);
  const isBraked = isWhole && state.brake !== undefined;
  if (!hasRolled && (main.paused || isBraked)) return letGo(moment);
  const deadline = state.since + plan.spec.progressDeadlineMs + waitedFor(wanted, main);
  return now < deadline ? waitForPods(moment, deadline) : late(moment);
}

/** As many pods as main is to have are ready, and that many of the candidate's. With the brake on they are available later. */
function serves({ ready, replicas, total, updated }: Observation['main'], wanted: number): boolean {
  return ready >= Math.min(replicas, total) && ready - (total - updated) >= wanted;
}

/** Main rolls: by one batch at most, or without a brake where all of it is to roll. */
function letGo({ state, seen, now }: Moment<Rolling>): Decision {
  const next = state.weight >= 100 ? unbraked(state) : braked(state, seen.main);
  return { state: { ...next, since: now }, actions: [{ do: 'unhold' }], wakeAt: now };
}

function late(moment: Moment<Rolling>): Decision {
  const { plan, seen } = moment;
  const { updated, replicas, available } = seen.main;
  const seconds = plan.spec.progressDeadlineMs / 1000;
  return fail(
    moment,
    `${updated} of ${replicas} pods run the new version and ${available} are available after ${seconds}s (progressDeadlineSeconds)`,
  );
}

/** At the share: one check each interval, and a pass goes on. */
function judged(moment: Moment<Rolling>): Decision {
  const { plan, state, seen, now } = moment;
  const { intervalMs, threshold } = plan.spec.analysis;
  // Somebody took the hold off: the rest would roll unjudged.
  if (!seen.main.paused) return stay(moment, { do: 'hold' });
  const gate = rollbackAsked(moment);
  if (gate !== undefined) return fail(moment, `rolled back by gate ${gate}`);
  if (!checkDue(moment) || seen.measurements === undefined) return wait(state, state.checks.at + intervalMs);
  const gates = said(moment, 'rollout');
  if (gates.is === 'awaited') return wait(state, now + intervalMs);
  const measured = verdictOf(seen.measurements);
  const verdict = worst([measured.verdict, ofGates[gates.is]]);
  const why = [...measured.evidence, ...(gates.is === 'open' ? [] : [gates.why])].join('; ');
  const isKnown = verdict === 'pass' || verdict === 'fail';
  const failed = state.checks.failed + (verdict === 'fail' ? 1 : 0);
  if (failed >= threshold) return fail(moment, `failed checks threshold reached (${threshold}): ${why}`);
  const checks = { at: now, failed, silent: isKnown ? 0 : state.checks.silent + 1 };
  if (verdict === 'pass') return passed(moment, checks);
  const message = isKnown
    ? `halt at ${state.weight} % of the pods, failed check ${failed} of ${threshold}: ${why}`
    : `${state.weight} % of the pods hold, nothing is known: ${why}`;
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message };
  return enter({ ...state, checks }, now, ...(checks.silent <= 1 ? [event] : []));
}

/** A check passed: more pods roll unless a person, a gate or the group holds them. */
function passed(moment: Moment<Rolling>, checks: Checks): Decision {
  const { plan, now } = moment;
  const ends = isAtEnd(moment);
  // They are due as long as the check is not written down.
  const gate = said(moment, ends ? 'confirm-promotion' : 'confirm-traffic-increase');
  const state = { ...moment.state, checks };
  if (state.pause !== undefined) return heldBy(state, `paused by ${state.pause.actor}`, now);
  if (plan.spec.suspended) return heldBy(state, 'suspended by the plan (suspend: true)', now);
  // The check is not lost: the gate is asked again with the next one.
  if (gate.is === 'awaited') return enter(state, now);
  if (gate.is !== 'open') return heldBy(state, gate.why, now);
  const others = ends ? othersAwaited(moment) : undefined;
  if (others !== undefined) return heldBy({ ...state, passed: true }, others, now);
  const weight = ends ? 100 : (nextWeight(plan, state.weight) ?? 100);
  const message = ends ? 'analysis passed: rolling the rest' : `${weight} % of the pods`;
  const reason = ends ? 'CanaryPromoting' : 'CanaryAdvanced';
  const next = {
    ...state,
    weight,
    reached: false,
    since: now,
    message: '',
    ...(ends ? { passed: true as const } : {}),
  };
  return enter(next, now, { do: 'event', type: 'Normal', reason, message });
}

/** Stays at the share and says why, once; checks go on. */
function heldBy(state: Rolling, why: string, now: number): Decision {
  const message = `${state.weight} % of the pods hold: ${why}`;
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryHeld', message };
  return enter({ ...state, message }, now, ...(message === state.message ? [] : [event]));
}

/** More pods than were asked for may have rolled before the hold was seen, so main may end up whole and still held. */
function succeeded({ state, seen, now }: Moment<Rolling>): Decision {
  const message = `revision ${state.revision} was promoted`;
  const last = endedAs(state, 'Succeeded', message, now);
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanarySucceeded', message };
  const end: Action = { do: state.ownPause ? 'hold' : seen.main.paused ? 'unhold' : 'record' };
  return { state: last, actions: [event, end] };
}
