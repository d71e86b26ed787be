import type { Moment, Underway } from './moves.ts';
import type { Ledger, Plan, RouteSeen, State } from './types.ts';

/** When the next check is due by the evidence so far (Unix ms). */
export function dueAt({ spec }: Plan, ledger: Ledger): number {
  return Math.max(ledger.weightAt, ledger.last?.at ?? 0) + spec.analysis.intervalMs;
}

/** True where an interval is over: what the plan measures is to be measured, and its gates are to be asked. */
export function checkDue({ plan, state, seen, now }: Moment): boolean {
  const ledger = seen.twin?.ledger;
  switch (state.phase) {
    case 'Starting':
      // The first time at once: nothing has been asked yet.
      return !isOf(ledger, state) || now >= (ledger.last?.at ?? 0) + plan.spec.analysis.intervalMs;
    case 'Progressing':
    case 'Waiting':
      return isOpen(ledger, state) && now >= dueAt(plan, ledger);
    case 'Rolling':
      return state.reached && now >= state.checks.at + plan.spec.analysis.intervalMs;
    default:
      return false;
  }
}

/** True where the weight asked for is known to be in force; told by the weight, since clocks jump. */
export function isOpen(ledger: Ledger | undefined, state: Underway): ledger is Ledger {
  return isOf(ledger, state) && ledger.weight === state.weight;
}

/** True for the evidence of this very trial. */
export function isOf(ledger: Ledger | undefined, { revision, startedAt }: Underway): ledger is Ledger {
  return ledger?.revision === revision && ledger.startedAt === startedAt;
}

/** The evidence of a trial with nothing in it yet, or what there is, with the weight in force from `at`. */
export function opened(ledger: Ledger | undefined, state: Underway, at: number): Ledger {
  const { revision, startedAt, weight } = state;
  const empty = { v: 1, revision, startedAt, ticks: 0, passed: 0, failed: 0, silent: 0 } as const;
  return { ...(isOf(ledger, state) ? ledger : empty), weight, weightAt: at };
}

/**
 * The evidence as it is now: since when the weight is in force the routes say themselves, and that is not written down
 * again.
 */
export function inForce(kept: Ledger | undefined, state: State, route: RouteSeen): Ledger | undefined {
  if (state.phase !== 'Progressing' && state.phase !== 'Waiting') return kept;
  if (route.kind === 'none' || route.since === undefined || !route.uniform) return kept;
  const isNew = route.since > (kept?.weightAt ?? 0) || kept?.weight !== state.weight;
  return route.weight === state.weight && isNew ? opened(kept, state, route.since) : kept;
}
