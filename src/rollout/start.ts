import { foreseen } from './foresight.ts';
import { isRolledOut, podsFor } from './capacity.ts';
import { enter, isOff, type Moment, stay, type Underway, waitForPods } from './moves.ts';
import { fail } from './rollback.ts';
import { weightsOf } from './strategy.ts';
import type { Action, Decision } from './decision.ts';
import type { In } from './types.ts';

/** A candidate is held. Where another one was on trial its traffic goes first, and its evidence with its twin. */
export function pending(moment: Moment<In<'Pending'>>): Decision {
  const { plan, state, seen, now } = moment;
  if (seen.route.kind === 'split' && seen.route.edited && isOff(seen.route, 0))
    return stay(moment, { do: 'route', weight: 0 });
  const needed = Math.max(1, seen.main.replicas);
  const next: In<'Starting'> = {
    ...state,
    phase: 'Starting',
    startedAt: now,
    since: now,
    needed,
    weight: 0,
    message: 'bringing the canary up',
  };
  const how =
    seen.route.kind === 'split'
      ? `weights ${weightsOf(plan.spec.analysis.strategy).join(', ')}${foreseen(plan, seen.traffic)}`
      : `without traffic: ${seen.route.why}`;
  const actions: Action[] = [
    {
      do: 'event',
      type: 'Normal',
      reason: 'CanaryStarted',
      message: `revision ${state.revision} asked for by ${state.actor} is on trial, ${how}`,
    },
    { do: 'twin', replicas: podsFor(weightsOf(plan.spec.analysis.strategy)[0] ?? 1, needed) },
  ];
  if (seen.main.progressing.reason === 'ProgressDeadlineExceeded') actions.unshift(freshCondition());
  return enter(next, now, ...actions);
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
  const first = weightsOf(plan.spec.analysis.strategy)[0] ?? 1;
  const pods = podsFor(first, state.needed);
  const { twin } = seen;
  if (twin === undefined || twin.revision !== state.revision || twin.replicas < pods) {
    return stay(moment, { do: 'twin', replicas: pods });
  }
  if (twin.trouble !== undefined) return fail(moment, `the canary cannot start: ${twin.trouble}`);
  if (!isRolledOut(twin, pods)) {
    const deadline = state.since + plan.spec.progressDeadlineMs;
    return now < deadline
      ? waitForPods(moment, deadline)
      : fail(moment, neverReady(plan.spec.progressDeadlineMs, twin));
  }
  const weight = seen.route.kind === 'split' ? first : 0;
  const next: Underway = { ...state, phase: 'Progressing', since: now, weight, message: '' };
  const message =
    weight === 0 ? 'the canary is ready and checked without traffic' : `canary weight ${weight}`;
  return enter(next, now, { do: 'event', type: 'Normal', reason: 'CanaryAdvanced', message });
}

/** The sentence for a workload that was not ready in time. */
export function neverReady(
  deadlineMs: number,
  seen: { readonly available: number; readonly replicas: number },
): string {
  return `the canary is not ready: ${seen.available} of ${seen.replicas} pods are available after ${deadlineMs / 1000}s (progressDeadlineSeconds)`;
}
