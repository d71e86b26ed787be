// The traffic of a candidate whose place another takes. Main takes it back at once, but where a scaler has shrunk main while
// the twin served for it: then it comes back as main's pods can carry it, as after a promotion (promote.ts).
import { carried } from './capacity.ts';
import { enter, isOff, type Moment, stay, toRoute, wait } from './moves.ts';
import { afterPatience, patience } from './promote.ts';
import type { Action, Decision } from './decision.ts';
import type { In } from './types.ts';

type Pending = In<'Pending'>;

const message = 'the canary does not begin: traffic of the one before goes back as fast as pods can carry it';

/** Takes the traffic from the twin; undefined once it has none. */
export function takeBack(moment: Moment<Pending>): Decision | undefined {
  const { state, seen, now } = moment;
  const { route, main } = seen;
  if (route.kind !== 'split' || !route.edited) return undefined;
  const isMarked = route.rolledBack !== undefined;
  if (!isOff(route, 0) && !isMarked) return undefined;
  const needed = neededByMain(moment);
  const weight = isMarked ? 0 : Math.min(route.weight, 100 - carried(main.available, needed));
  if (weight <= 0) return stay(moment, toRoute(0));
  if (state.message !== message) {
    const asks: readonly Action[] = main.replicas < needed ? [{ do: 'scale-main', replicas: needed }] : [];
    const event: Action = { do: 'event', type: 'Normal', reason: 'CanaryHeld', message };
    return enter({ ...state, since: now, message }, now, event, ...asks, toRoute(weight));
  }
  return isOff(route, weight) ? stay(moment, toRoute(weight)) : slower(moment, weight);
}

/** Where its scaler took the pods away again, its own judgement of the load goes on from what main has. */
function slower({ plan, state, seen, now }: Moment<Pending>, weight: number): Decision {
  const { main } = seen;
  const patientUntil = state.since === undefined ? now : state.since + patience * plan.settleMs;
  if (now < patientUntil || main.available < main.replicas)
    return wait(state, Math.max(patientUntil, now + plan.settleMs));
  return enter({ ...state, since: now }, now, toRoute(afterPatience(weight)));
}

/**
 * Pods of main that carry all the traffic. What it has does where no scaler sets them, where the twin cannot serve, and
 * where it is not known what was needed.
 */
function neededByMain({ state, seen }: Moment<Pending>): number {
  const { main, twin } = seen;
  const serves = twin !== undefined && twin.ready > 0 && twin.servedSince !== undefined;
  if (!main.scaler || main.replicas === 0 || !serves || state.neededBefore === undefined) return 0;
  // Together they carry it now.
  return Math.min(Math.max(state.neededBefore, main.replicas), main.replicas + twin.replicas);
}
