import { endedAs, isOff, type Moment, stay, toRoute, type Underway, wait } from './moves.ts';
import type { Action, Decision } from './decision.ts';
import type { In, State, Tick } from './types.ts';

type RollingBack = In<'RollingBack'>;

/**
 * Gives the candidate up. The weight goes first and waits for no other write; the route carries the revision it was
 * taken from, so that a crash before the record cannot let the candidate back in.
 */
export function fail(
  { state, seen, now }: Moment<Underway>,
  why: string,
  ...evidence: readonly Action[]
): Decision {
  const next = givenUp(state, why, 'Failed');
  const actions: Action[] = [];
  if (seen.route.kind === 'split' && seen.route.edited && !isBlind(seen)) {
    actions.push({ do: 'route', weight: 0, rolledBack: state.revision });
  }
  actions.push(...evidence, written(next), {
    do: 'event',
    type: 'Warning',
    reason: 'CanaryFailed',
    message: why,
  });
  return { state: next, actions, wakeAt: now };
}

/** Where pods of main may run a candidate, stable is put back in the write that says so, and only those pods roll. */
function written({ mixed }: RollingBack): Action {
  return { do: mixed === true ? 'restore' : 'record' };
}

function givenUp(state: State, message: string, ending: RollingBack['ending']): RollingBack {
  const { v, revision, stableRevision, actor, ownPause } = state;
  const begun = 'startedAt' in state && state.startedAt !== undefined ? { startedAt: state.startedAt } : {};
  const mixed = state.mixed === true || state.phase === 'Rolling' ? { mixed: true as const } : {};
  const identity = { v, revision, stableRevision, actor, ownPause, ...mixed };
  return { ...identity, phase: 'RollingBack', ending, message, ...begun };
}

/**
 * Ends the rollout without a verdict: nobody wants a canary here any more, and it ends at stable. A candidate that somebody
 * gives up before its trial began has failed.
 */
export function withdraw(
  { state, seen, now }: Moment,
  why: string,
  ending: RollingBack['ending'] = 'Aborted',
): Decision {
  const next = givenUp(state, why, ending);
  const off: readonly Action[] = isOff(seen.route, 0) && !isBlind(seen) ? [toRoute(0)] : [];
  const event: Action = { do: 'event', type: 'Warning', reason: 'CanaryFailed', message: why };
  const told = ending === 'Failed' ? [event] : [];
  return { state: next, actions: [...off, written(next), ...told], wakeAt: now };
}

/** The weight was taken away and the record did not get through: the same decision, by what is still seen of its reason. */
export function failAgain(moment: Moment<Underway>): Decision {
  const { plan, seen } = moment;
  const { trouble, ledger } = seen.twin ?? {};
  if (trouble !== undefined) return fail(moment, `the canary broke: ${trouble}`);
  const { threshold } = plan.spec.analysis;
  if (ledger?.last !== undefined && ledger.failed >= threshold) {
    return fail(moment, thresholdReached(threshold, ledger.last));
  }
  return fail(moment, 'the canary had failed, and its reason was lost with the process that saw it');
}

/** The sentence for a candidate that failed too many checks. */
export function thresholdReached(threshold: number, { evidence }: Tick): string {
  return `failed checks threshold reached (${threshold}): ${evidence.join('; ')}`;
}

/** Traffic back to stable, then the twin's last requests, then the twin. */
export function rollingBack(moment: Moment<RollingBack>): Decision {
  const { plan, state, seen, now } = moment;
  if (isBlind(seen) && isOff(seen.route, 0)) return wait(state, now + plan.settleMs);
  if (isOff(seen.route, 0)) {
    const mark = state.ending === 'Failed' ? { rolledBack: state.revision } : {};
    return stay(moment, { do: 'route', weight: 0, ...mark });
  }
  const rolls = rollsToStable(moment);
  if (rolls !== undefined) return rolls;
  if (state.since === undefined) {
    return { state: { ...state, since: now }, actions: [{ do: 'record' }], wakeAt: now };
  }
  const drained = state.since + plan.settleMs;
  if (now < drained) return wait(state, drained);
  return ended(moment);
}

/**
 * Where pods of main run a candidate still, stable rolls over them; undefined once none does. A pause of the owner's came
 * back with stable, and would keep them where they are.
 */
function rollsToStable(moment: Moment<RollingBack>): Decision | undefined {
  const { state, seen } = moment;
  const { current, paused, updated, total } = seen.main;
  if (state.mixed !== true || (current && updated >= total)) return undefined;
  return paused ? stay(moment, { do: 'unhold' }) : wait(state);
}

function ended({ plan, state, seen, now }: Moment<RollingBack>): Decision {
  const { ownPause, message, ending } = state;
  const last: State = endedAs(state, ending, message, now);
  const isWanted = plan.withdrawn === undefined;
  const keeps = ending === 'Failed' && isWanted && plan.spec.onFailure === 'hold';
  const restores = seen.main.restorable && !keeps;
  // Another template than the candidate was applied where nobody holds it any more: it is to roll as without us.
  const releases = !isWanted && seen.main.paused && !ownPause;
  const cleared: Action[] = [{ do: 'unroute' }, { do: 'remove-twin' }];
  if (ending === 'Aborted') {
    cleared.push({ do: 'event', type: 'Normal', reason: 'CanaryAborted', message });
  }
  // A Deployment that already runs what it says has nothing left to fail.
  // The pause that the pods of a candidate could not roll back under.
  const pausesAgain = state.mixed === true && ownPause && !seen.main.paused;
  const hold: Action = { do: releases ? 'unhold' : pausesAgain ? 'hold' : 'record' };
  cleared.push(restores ? { do: 'restore' } : hold);
  if (ending === 'Failed' && !restores && !releases && seen.main.paused && state.mixed !== true)
    cleared.push(failedCondition(message));
  return { state: last, actions: cleared };
}

/** Makes a failure that everybody's tools see: `kubectl rollout status`, kstatus and CI read this condition. */
export function failedCondition(message: string): Action {
  return {
    do: 'condition',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `canary failed: ${message}`,
  };
}

/** True while stable has no pod to take the traffic and the twin has: then the twin keeps it (flagger#1898). */
function isBlind(seen: Moment['seen']): boolean {
  return seen.main.ready === 0 && (seen.twin?.ready ?? 0) > 0;
}
