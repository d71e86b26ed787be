import { askTwin } from './ask-twin.ts';
import { counted, ofGates } from './check.ts';
import { entryWeight, podsWanted, skipsAnalysis } from './course.ts';
import { isRolledOut } from './capacity.ts';
import { checkDue, isOf, opened } from './due.ts';
import { beforeTrial, rollbackAsked, said, type Said, unconfirmed } from './gating.ts';
import { enter, type Moment, stay, type Underway, wait, waitForPods } from './moves.ts';
import { fail, thresholdReached, withdraw } from './rollback.ts';
import { checksOf, weightsOf } from './strategy.ts';
import { takeBack } from './superseded.ts';
import type { Action, Decision } from './decision.ts';
import type { In, Ledger, Observation, Plan } from './types.ts';

type Pending = In<'Pending'>;

/** A candidate is held. Where another one was on trial its traffic goes first, and its evidence with its twin. */
export function pending(moment: Moment<Pending>): Decision {
  const { plan, state, now } = moment;
  const back = takeBack(moment);
  if (back !== undefined) return back;
  if (state.pause !== undefined) return wait(state);
  const gate = rollbackAsked(moment);
  if (gate !== undefined) return withdraw(moment, `rolled back by gate ${gate}`, 'Failed');
  if (plan.spec.suspended) return notYet(moment, 'suspended by the plan (suspend: true)');
  for (const type of beforeTrial(plan)) {
    const gates = said(moment, type);
    if (gates.is === 'awaited') return wait(state, now + plan.spec.analysis.intervalMs);
    if (gates.is !== 'open') return notYet(moment, gates.why);
  }
  return plan.spec.promotion === 'inPlace' ? rollInPlace(moment) : begin(moment);
}

/** Nothing is made yet; why is told once, and it is asked again an interval later. */
function notYet(moment: Moment<Pending>, why: string): Decision {
  const { plan, state, now } = moment;
  const message = `the canary does not begin: ${why}`;
  const wakeAt = now + plan.spec.analysis.intervalMs;
  if (state.message === message) return wait(state, wakeAt);
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryHeld', message };
  const next = { ...state, since: state.since ?? now, message };
  return { ...enter(next, now, event), wakeAt };
}

function begin({ plan, state, seen, now }: Moment<Pending>): Decision {
  const { pause: _, neededBefore: __, ...rest } = state;
  const needed = Math.max(1, seen.main.replicas);
  const next: In<'Starting'> = {
    ...rest,
    phase: 'Starting',
    startedAt: now,
    since: now,
    needed,
    weight: 0,
    message: 'bringing the canary up',
  };
  const actions: Action[] = [
    started(next, how(plan, next, seen)),
    { do: 'twin', replicas: podsWanted(plan, next, needed) },
  ];
  if (seen.main.progressing.reason === 'ProgressDeadlineExceeded') actions.unshift(freshCondition());
  return enter(next, now, ...actions);
}

/** Main itself rolls in steps: there is no twin, and no route changes. */
function rollInPlace({ plan, state, seen, now }: Moment<Pending>): Decision {
  const { pause: _, neededBefore: __, ...rest } = state;
  const weights = weightsOf(plan.spec.analysis.strategy);
  const next: In<'Rolling'> = {
    ...rest,
    mixed: true,
    phase: 'Rolling',
    startedAt: now,
    since: now,
    needed: Math.max(1, seen.main.replicas),
    weight: skipsAnalysis(plan, state) ? 100 : (weights[0] ?? 100),
    checks: { at: now, failed: 0, silent: 0 },
    reached: false,
    message: '',
  };
  const actions = [started(next, `in place, with ${weights.join(', ')} percent of the pods`)];
  if (seen.main.progressing.reason === 'ProgressDeadlineExceeded') actions.unshift(freshCondition());
  return enter(next, now, ...actions);
}

function started({ revision, actor }: Underway, way: string): Action {
  const message = `revision ${revision} asked for by ${actor} is on trial, ${way}`;
  return { do: 'event', type: 'Normal', reason: 'CanaryStarted', message, foretells: true };
}

function how(plan: Plan, state: Underway, { route }: Observation): string {
  const { strategy } = plan.spec.analysis;
  if (skipsAnalysis(plan, state))
    return state.known === true ? 'its analysis skipped: it is known' : 'its analysis skipped by the plan';
  if (route.kind === 'none') return `without traffic: ${route.why}`;
  const copies = strategy.mirror === undefined ? '' : `copies of ${strategy.mirror} % of the requests, `;
  const kept =
    route.noAffinity === undefined ? '' : `; not all who come to it can be kept with it: ${route.noAffinity}`;
  if (strategy.kind === 'weights') return `${copies}weights ${strategy.weights.join(', ')}${kept}`;
  const which = strategy.match === undefined ? 'no requests until then' : 'requests that match';
  return `${copies}${which}, ${checksOf(strategy)} checks${kept}`;
}

/** The last rollout's failure must not be read as this one's. */
function freshCondition(): Action {
  return {
    do: 'condition',
    status: 'Unknown',
    reason: 'DeploymentPaused',
    message: 'held: a canary is on trial',
  };
}

/** Waits for the twin's first pods; gives up at the deadline, or at once where no pod can ever come up. */
export function starting(moment: Moment<In<'Starting'>>): Decision {
  const { plan, state, seen, now } = moment;
  const pods = podsWanted(plan, state, state.needed);
  const { twin } = seen;
  // They are made side by side: where this ended in the middle, there is the one without the other.
  const isMade = twin?.revision === state.revision && twin.servedSince !== undefined;
  if (!isMade || twin.replicas < pods) return askTwin(moment, pods);
  if (twin.trouble !== undefined) return fail(moment, `the canary cannot start: ${twin.trouble}`);
  if (!isRolledOut(twin, pods)) {
    // While the first weight is held, by a gate or a person, no time runs out.
    const from = Math.max(state.since, isOf(twin.ledger, state) ? (twin.ledger.last?.at ?? 0) : 0);
    const deadline =
      state.pause === undefined ? from + plan.spec.progressDeadlineMs : Number.POSITIVE_INFINITY;
    if (now >= deadline) return fail(moment, neverReady(plan.spec.progressDeadlineMs, twin));
    return tellRefusal(moment, twin.refused) ?? waitForPods(moment, deadline);
  }
  // What is held gets no more than it has: nothing.
  if (state.pause !== undefined) return unbegun(moment, `paused by ${state.pause.actor}`);
  if (plan.spec.suspended) return unbegun(moment, 'suspended by the plan (suspend: true)');
  if (skipsAnalysis(plan, state)) return skip(moment);
  return prepared(moment, twin.ledger) ?? enterTrial(moment);
}

/** The canary is there and somebody holds it: that is told once, and looked at again an interval later. */
function unbegun({ plan, state, now }: Moment<In<'Starting'>>, why: string): Decision {
  const message = `no traffic yet: ${why}`;
  const wakeAt = now + plan.spec.analysis.intervalMs;
  if (state.message === message) return wait(state, wakeAt);
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryHeld', message };
  return { ...enter({ ...state, message }, now, event), wakeAt };
}

/** What keeps pods from being made is for somebody to mend, and passes then: it is told once, at once. */
function tellRefusal(
  { state, now }: Moment<In<'Starting'>>,
  refused: string | undefined,
): Decision | undefined {
  const message = `the canary cannot start: ${refused}`;
  if (refused === undefined || state.message === message) return undefined;
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message };
  return enter({ ...state, message }, now, event);
}

/** The gates before the first traffic; undefined where nothing of them keeps it. */
function prepared(moment: Moment<In<'Starting'>>, ledger: Ledger | undefined): Decision | undefined {
  const { plan, state, now } = moment;
  const { threshold, intervalMs, gates } = plan.spec.analysis;
  const own = isOf(ledger, state) ? ledger : undefined;
  if (own?.last !== undefined && own.failed >= threshold)
    return fail(moment, thresholdReached(threshold, own.last));
  const hasGates = gates.some(({ type }) => type === 'pre-rollout' || type === 'confirm-traffic-increase');
  if (hasGates && !checkDue(moment)) return wait(state, (own?.last?.at ?? now) + intervalMs);
  const gate = rollbackAsked(moment);
  if (gate !== undefined) return fail(moment, `rolled back by gate ${gate}`);
  const ready = said(moment, 'pre-rollout');
  const confirmed = said(moment, 'confirm-traffic-increase');
  if (ready.is === 'closed' || ready.is === 'error') return notReady(moment, own, ready);
  if (ready.is === 'awaited' || confirmed.is === 'awaited') return wait(state, now + intervalMs);
  return confirmed.is === 'open' ? undefined : notConfirmed(moment, own, confirmed.why);
}

/** A closed gate is a failed check, and is asked again an interval later. */
function notReady(
  moment: Moment<In<'Starting'>>,
  own: Ledger | undefined,
  { is, why }: Extract<Said, { readonly why: string }>,
): Decision {
  const { plan, state, now } = moment;
  const verdict = ofGates[is];
  const before = opened(own, state, now);
  const last = { at: now, weight: 0, verdict, evidence: [why] };
  const next: Ledger = { ...before, ...counted(before, verdict), last };
  const message = `no traffic yet, failed check ${next.failed} of ${plan.spec.analysis.threshold}: ${why}`;
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryHeld', message };
  return stay(moment, { do: 'ledger', ledger: next }, event);
}

/** Nobody confirms the first weight: that says nothing against the candidate, and is asked again an interval later. */
function notConfirmed(moment: Moment<In<'Starting'>>, own: Ledger | undefined, why: string): Decision {
  const { state, now } = moment;
  const last = { at: now, weight: 0, verdict: unconfirmed, evidence: [why] } as const;
  const before = opened(own, state, now);
  const write: Action = { do: 'ledger', ledger: { ...before, ...counted(before, unconfirmed), last } };
  const message = `no traffic yet: ${why}`;
  if (state.message === message) return stay(moment, write);
  const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryHeld', message };
  return { state: { ...state, message }, actions: [write, { do: 'record' }, event], wakeAt: now };
}

function enterTrial({ plan, state, seen, now }: Moment<In<'Starting'>>): Decision {
  const weight = seen.route.kind === 'split' ? entryWeight(plan) : 0;
  const next: Underway = { ...state, phase: 'Progressing', since: now, weight, message: '' };
  const message =
    weight === 0 ? 'the canary is ready and checked before it gets a weight' : `canary weight ${weight}`;
  return enter(next, now, { do: 'event', type: 'Normal', reason: 'CanaryAdvanced', message });
}

/** All pods are there, and nobody wants checks. */
export function skip(
  { state, seen, now }: Moment<In<'Starting' | 'Progressing' | 'Waiting'>>,
  why = 'analysis skipped',
): Decision {
  const { pause: _, passed: __, ...rest } = state;
  const split = seen.route.kind === 'split';
  const next: Underway = split
    ? { ...rest, phase: 'Promoting.Shift', since: now, message: '' }
    : { ...rest, phase: 'Promoting.Roll', since: now, message: '', ending: 'Succeeded' };
  const message = split ? `${why}: moving all traffic to the canary` : `${why}: rolling the Deployment`;
  return enter(next, now, { do: 'event', type: 'Normal', reason: 'CanaryPromoting', message });
}

/** The sentence for a workload that was not ready in time. */
export function neverReady(
  deadlineMs: number,
  seen: { readonly available: number; readonly replicas: number; readonly refused?: string },
): string {
  const why = seen.refused === undefined ? '' : `: ${seen.refused}`;
  return `the canary is not ready: ${seen.available} of ${seen.replicas} pods are available after ${deadlineMs / 1000}s (progressDeadlineSeconds)${why}`;
}
