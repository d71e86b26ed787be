// Promotion in place: no twin, no route. Main itself rolls until a share of its pods runs the candidate, is held there and
// judged, and rolls on. What a check measures is the whole Deployment; a bad candidate is replaced by stable again.
import { verdictOf } from '../analysis/thresholds.ts';
import { isRolledOut } from './capacity.ts';
import { nextWeight, skipsAnalysis } from './course.ts';
import { checkDue } from './due.ts';
import { rollbackAsked, said } from './gating.ts';
import { enter, type Moment, stay, wait, waitForPods } from './moves.ts';
import { fail } from './rollback.ts';
import type { Action, Decision } from './decision.ts';
import type { In, State } from './types.ts';

type Rolling = In<'Rolling'>;

export function rollingInPlace(moment: Moment<Rolling>): Decision {
  const { state, seen } = moment;
  const { main } = seen;
  if (main.trouble !== undefined) return fail(moment, `the new pods broke: ${main.trouble}`);
  if (!main.current) return wait(state);
  return state.reached ? judged(moment) : moving(moment);
}

/** On the way to the share. */
function moving(moment: Moment<Rolling>): Decision {
  const { plan, state, seen, now } = moment;
  const { main } = seen;
  const wanted = Math.ceil((state.weight * main.replicas) / 100);
  const isThere = main.updated >= wanted && main.available >= Math.min(main.replicas, main.total);
  const isWhole = state.weight >= 100;
  if (isWhole ? isRolledOut(main, 1) || main.replicas === 0 : main.updated >= wanted) {
    if (!isWhole && !main.paused) return stay(moment, { do: 'hold' });
    if (!isThere) return late(moment) ?? waitForPods(moment, state.since + plan.spec.progressDeadlineMs);
    if (isWhole && (skipsAnalysis(plan, state) || state.pause === undefined)) return succeeded(moment);
    return enter({ ...state, reached: true, since: now, checks: { ...state.checks, at: now } }, now);
  }
  if (main.paused) return { state: { ...state, since: now }, actions: [{ do: 'unhold' }], wakeAt: now };
  return late(moment) ?? waitForPods(moment, state.since + plan.spec.progressDeadlineMs);
}

function late(moment: Moment<Rolling>): Decision | undefined {
  const { plan, state, seen, now } = moment;
  if (now < state.since + plan.spec.progressDeadlineMs) return undefined;
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
  const rollout = said(moment, 'rollout');
  if (rollout.is === 'awaited') return wait(state, now + intervalMs);
  const { verdict: measured, evidence } = verdictOf(seen.measurements);
  const verdict =
    rollout.is === 'open'
      ? measured
      : rollout.is === 'closed'
        ? 'fail'
        : measured === 'fail'
          ? 'fail'
          : 'error';
  const why = [...evidence, ...(rollout.is === 'open' ? [] : [rollout.why])].join('; ');
  const failed = state.checks.failed + (verdict === 'fail' ? 1 : 0);
  if (failed >= threshold) return fail(moment, `failed checks threshold reached (${threshold}): ${why}`);
  const isSilent = verdict === 'inconclusive' || verdict === 'error';
  const checks = { at: now, failed, silent: isSilent ? state.checks.silent + 1 : 0 };
  if (verdict === 'pass') return passed({ ...moment, state: { ...state, checks } });
  const message =
    verdict === 'fail'
      ? `halt at ${state.weight} % of the pods, failed check ${failed} of ${threshold}: ${why}`
      : `${state.weight} % of the pods hold, nothing is known: ${why}`;
  const tells = verdict === 'fail' || checks.silent === 1;
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message };
  return enter({ ...state, checks }, now, ...(tells ? [event] : []));
}

function passed(moment: Moment<Rolling>): Decision {
  const { plan, state, now } = moment;
  const next = nextWeight(plan, state.weight) ?? 100;
  const gate = said(moment, next === 100 ? 'confirm-promotion' : 'confirm-traffic-increase');
  const holds =
    state.pause !== undefined
      ? `paused by ${state.pause.actor}`
      : plan.spec.suspended
        ? 'suspended by the plan (suspend: true)'
        : gate.is === 'open'
          ? undefined
          : gate.is === 'awaited'
            ? ''
            : gate.why;
  if (holds !== undefined) {
    const message = holds === '' ? state.message : `${state.weight} % of the pods hold: ${holds}`;
    const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryHeld', message };
    return enter({ ...state, message }, now, ...(message === state.message ? [] : [event]));
  }
  const message = next === 100 ? 'analysis passed: rolling the rest' : `${next} % of the pods`;
  const reason = next === 100 ? 'CanaryPromoting' : 'CanaryAdvanced';
  return enter({ ...state, weight: next, reached: false, since: now, message: '' }, now, {
    ...{ do: 'event', type: 'Normal', reason, message },
  });
}

/** More pods than were asked for may have rolled before the hold was seen, so main may end up whole and still held. */
function succeeded({ state, seen, now }: Moment<Rolling>): Decision {
  const { v, revision, stableRevision, actor, ownPause, startedAt } = state;
  const message = `revision ${revision} was promoted`;
  const last: State = {
    v,
    revision,
    stableRevision,
    actor,
    ownPause,
    startedAt,
    message,
    phase: 'Succeeded',
    endedAt: now,
  };
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanarySucceeded', message };
  const end: Action = { do: ownPause ? 'hold' : seen.main.paused ? 'unhold' : 'record' };
  return { state: last, actions: [event, end] };
}
