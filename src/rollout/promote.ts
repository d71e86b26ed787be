import { askTwin } from './ask-twin.ts';
import { carried, givable, isRolledOut } from './capacity.ts';
import { besideNow } from './course.ts';
import { failedMember, othersShifting } from './group.ts';
import { isServed, unserved } from './served.ts';
import { endedAs, enter, isOff, type Moment, stay, toRoute, wait, waitForPods } from './moves.ts';
import { fail, failAgain } from './rollback.ts';
import type { Action, Decision } from './decision.ts';
import type { In, State } from './types.ts';

type Promoting = In<'Promoting.Roll' | 'Promoting.Return' | 'Finalising'>;

/**
 * The twin grows to carry everything and then does; main is still held, so this can be rolled back. Every proxy must have
 * heard of that weight before the first pod of main goes.
 */
export function shift(moment: Moment<In<'Promoting.Shift'>>): Decision {
  const { plan, state, seen, now } = moment;
  const { twin, route } = seen;
  if (route.kind === 'split' && route.rolledBack === state.revision) {
    return failAgain(moment);
  }
  if (twin === undefined || twin.revision !== state.revision) return fail(moment, 'the twin was deleted');
  const waits = othersShifting(moment);
  // Once another of its group rolls, or all may, there is no way back for one of them alone.
  const isBound = state.shifted === true && waits === undefined;
  if (twin.trouble !== undefined && !isBound) return fail(moment, `the canary broke: ${twin.trouble}`);
  const lost = failedMember(moment);
  if (lost !== undefined && !isBound) return fail(moment, lost);
  if (twin.replicas < state.needed)
    return isBound ? stay(moment, { do: 'twin', replicas: state.needed }) : askTwin(moment, state.needed);
  if (!isServed(moment, twin)) return unserved(moment, twin);
  const all = isRolledOut(twin, state.needed);
  const current = route.kind === 'split' ? route.weight : 0;
  const weight = all ? 100 : givable(state.weight, current, twin, state.needed);
  // Nothing new begins here: what there was stays until everything moves.
  const keeps = route.kind === 'split' && route.beside !== undefined && weight < 100 && twin.ready > 0;
  const beside = keeps && weight === state.weight ? besideNow(plan, state) : undefined;
  if (isOff(route, weight, beside)) return stay(moment, toRoute(weight, beside));
  if (!all) {
    const deadline = state.since + plan.spec.progressDeadlineMs;
    if (now < deadline) return waitForPods(moment, deadline);
    return fail(moment, `the canary could not grow to ${state.needed} pods: ${twin.available} are available`);
  }
  if (seen.group !== undefined && state.shifted !== true)
    return enter({ ...state, weight: 100, shifted: true }, now);
  if (waits !== undefined) return told(moment, waits);
  const { shifted: _, passed: __, ...rest } = state;
  const next: State = {
    ...rest,
    phase: 'Promoting.Roll',
    ending: 'Succeeded',
    since: now,
    weight: 100,
    message: '',
  };
  const known = route.kind === 'split' ? route.knownSince : undefined;
  // Where it is not known since when they give it, the next phase waits.
  if (known === undefined) return enter(next, now);
  if (now < known + plan.settleMs) return wait(state, known + plan.settleMs);
  return { state: next, actions: [{ do: 'unhold' }], wakeAt: now };
}

function told(moment: Moment<In<'Promoting.Shift'>>, message: string): Decision {
  const { state, now } = moment;
  if (state.message === message) return wait(state);
  return enter({ ...state, message }, now, { do: 'event', type: 'Normal', reason: 'CanaryHeld', message });
}

/**
 * Main rolls to the new template while the twin carries the traffic. Where main fails to, the traffic stays on the
 * healthy twin and people are told; it never goes back onto a broken main.
 */
export function roll(moment: Moment<Promoting>): Decision {
  const { plan, state, seen, now } = moment;
  if (seen.route.kind === 'split') {
    const weight = weightWhileRolling(moment);
    if (isOff(seen.route, weight)) return stay(moment, { do: 'route', weight });
    // Every proxy must have heard of the new weight before the first pod of main goes.
    if (seen.main.paused && now < state.since + plan.settleMs)
      return wait(state, state.since + plan.settleMs);
  }
  if (seen.main.paused)
    return { state: { ...state, since: now, message: '' }, actions: [{ do: 'unhold' }], wakeAt: now };
  if (isRolledOut(seen.main, 1) || (seen.main.current && seen.main.replicas === 0)) {
    const phase = seen.route.kind === 'split' ? 'Promoting.Return' : 'Finalising';
    return enter({ ...state, phase, since: now, message: '' }, now);
  }
  const deadline = state.since + plan.spec.progressDeadlineMs;
  if (now < deadline || state.message !== '') return wait(state, now < deadline ? deadline : undefined);
  const message = `promotion stuck: ${seen.main.updated} of ${seen.main.replicas} pods run the new version, ${seen.main.available} are available; traffic stays on the canary. Apply the earlier template to go back`;
  return enter({ ...state, message }, now, { do: 'event', type: 'Warning', reason: 'CanaryHeld', message });
}

/**
 * What was rolled without traffic stays without. Only a twin that cannot be reached loses it, for lack of pods or of its
 * Service, and only to a main that has a pod.
 */
function weightWhileRolling({ state, seen }: Moment<Promoting>): number {
  const { twin, main } = seen;
  if (state.weight === 0 || twin === undefined) return 0;
  const isReachable = twin.ready > 0 && twin.servedSince !== undefined;
  return isReachable || main.ready === 0 ? 100 : 0;
}

/** How much more main is given than what its scaler was content with: a load that is a fifth over one it found fine. */
export const patientFactor = 1.2;
/** A scaler looks every 15 s and at load that is a while old: content is one that left main alone this many settles. */
export const patience = 6;

/**
 * Traffic goes back to main in steps, as its available pods carry it (flagger#1600). A main that its scaler shrank is
 * asked once for the pods it had; where the scaler takes them away again, its own judgement of the load goes on from there.
 */
export function giveBack(moment: Moment<Promoting>): Decision {
  const { plan, state, seen, now } = moment;
  const { main } = seen;
  const begins = state.weight === 100;
  if (begins && now < state.since + plan.settleMs) return wait(state, state.since + plan.settleMs);
  const needed = neededByMain(moment);
  const weight = Math.max(returnWeight(moment, needed), allowedWeight(moment));
  if (weight < state.weight) {
    const asks = begins && main.scaler && main.replicas < needed;
    const then: readonly Action[] = asks ? [{ do: 'scale-main', replicas: needed }] : [];
    const next: State = { ...state, weight, since: now };
    const last: State = { ...next, phase: 'Finalising', message: '' };
    return enter(weight > 0 ? next : last, now, ...then, { do: 'route', weight });
  }
  if (isOff(seen.route, weight)) return stay(moment, { do: 'route', weight });
  if (weight === 0) return enter({ ...state, phase: 'Finalising', since: now, weight: 0, message: '' }, now);
  if (returnWeight(moment, needed) < weight) return wait(state, state.since + plan.spec.analysis.intervalMs);
  const patientUntil = state.since + patience * plan.settleMs;
  if (now < patientUntil || main.available < main.replicas)
    return wait(state, Math.max(patientUntil, now + plan.settleMs));
  return enter({ ...state, weight: afterPatience(weight), since: now }, now);
}

/** The weight that gives main as much more as its scaler may be content with too. */
export function afterPatience(weight: number): number {
  const more = Math.max(100 - weight + 1, Math.floor((100 - weight) * patientFactor));
  return Math.max(0, 100 - more);
}

/** The least weight that the plan lets the twin keep for now: the traffic goes back by its steps, one each interval. */
function allowedWeight({ plan, state, seen, now }: Moment<Promoting>): number {
  const { strategy, intervalMs } = plan.spec.analysis;
  const step = strategy.kind === 'weights' ? strategy.promotionStep : undefined;
  // A twin without pods can keep nothing.
  if (step === undefined || (seen.twin?.ready ?? 0) === 0) return 0;
  const isDue = state.weight === 100 || now >= state.since + intervalMs;
  return isDue ? Math.max(0, state.weight - step) : state.weight;
}

/** The twin's last requests end, then every trace of it is taken away. */
export function finalise(moment: Moment<Promoting>): Decision {
  const { plan, state, seen, now } = moment;
  const weight = seen.route.kind === 'split' ? returnWeight(moment, neededByMain(moment)) : 0;
  if (weight === 100) return enter({ ...state, phase: 'Promoting.Return', since: now }, now);
  // Whoever put traffic back on the twin: its requests end from now on.
  if (isOff(seen.route, 0)) return enter({ ...state, since: now }, now, { do: 'route', weight: 0 });
  const { route } = seen;
  const known = route.kind === 'split' ? (route.knownSince ?? 0) : 0;
  const drained = Math.max(state.since, known) + plan.settleMs;
  if (now < drained) return wait(state, drained);
  const { revision, ownPause, ending } = state;
  const message =
    ending === 'Succeeded'
      ? `revision ${revision} was promoted`
      : 'the stable template was applied again while promoting';
  const last = endedAs(state, ending, message, now);
  const reason = ending === 'Succeeded' ? 'CanarySucceeded' : 'CanaryAborted';
  const event: Action = { do: 'event', type: 'Normal', reason, message };
  // A pause of the owner's, which the promotion had to take off, comes back.
  const end: Action = { do: ownPause ? 'hold' : 'record' };
  return { state: last, actions: [{ do: 'unroute' }, { do: 'remove-twin' }, event, end] };
}

/** Without a scaler the replicas are what people want; with one, what served when the rollout began. */
function neededByMain({ state, seen }: Moment<Promoting>): number {
  return Math.max(1, seen.main.scaler ? Math.max(state.needed, seen.main.replicas) : seen.main.replicas);
}

function returnWeight({ state, seen }: Moment<Promoting>, needed: number): number {
  // A twin without pods can keep nothing, and who scales to zero means it.
  if ((seen.twin?.ready ?? 0) === 0 || seen.main.replicas === 0) return 0;
  if (seen.main.available === 0) return 100;
  return Math.min(state.weight, 100 - carried(seen.main.available, needed));
}
