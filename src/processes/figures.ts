import type { Clock } from '../clock.ts';
import type { Surroundings } from '../controller/reconcile.ts';
import { hash } from '../kube/hash.ts';
import type { Action } from '../rollout/decision.ts';
import type { Checks, Ledger, Observation, Plan, State } from '../rollout/types.ts';
import { canaryName } from '../routing/twin-labels.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RolloutSeen } from '../telemetry/rollouts.ts';

/** What decisions come to in figures. */
export function figuresOf(metrics: Metrics, clock: Clock): Surroundings['onDecision'] {
  return (key, before, { state, actions }, seen, { plan }) => {
    countChecks(metrics, actions, seen);
    if (state.phase === 'Succeeded' || state.phase === 'Failed' || state.phase === 'Aborted') {
      const { phase: outcome, startedAt, endedAt } = state;
      if (state.phase !== before.phase) metrics.endRollout(key, { outcome, startedAt, endedAt });
      if (state.phase === 'Failed') metrics.showFailed(key, endedAt);
      return;
    }
    metrics.showRollout(key, {
      ...routed(state, seen),
      revision: state.revision,
      phase: state.phase,
      ...('since' in state && state.since !== undefined ? { since: state.since } : {}),
      seenAt: clock.now(),
      twin: canaryName(key.slice(key.indexOf('/') + 1), hash),
      isPaused: 'pause' in state && state.pause !== undefined,
      ...(state.phase === 'Rolling' ? { checks: checksOf(state.checks) } : {}),
      ...checked(newestLedger(actions, seen), plan),
    });
  };
}

function countChecks(metrics: Metrics, actions: readonly Action[], seen: Observation): void {
  for (const action of actions) {
    if (action.do !== 'ledger' || action.ledger.last?.at === seen.twin?.ledger?.last?.at) continue;
    const verdict = action.ledger.last?.verdict;
    if (verdict !== undefined) metrics.ticks.inc(verdict);
    if (verdict === 'error') metrics.metricsSourceErrors.inc();
  }
}

function routed(state: State, { route }: Observation): Pick<RolloutSeen, 'weight' | 'isApplied'> {
  if (route.kind === 'none') return { weight: 0, isApplied: false };
  const asked = 'weight' in state ? state.weight : 0;
  return { weight: route.weight, isApplied: route.uniform && route.weight === asked };
}

/** In place those are counted that do not go on by themselves. */
function checksOf({ failed, silent }: Checks): NonNullable<RolloutSeen['checks']> {
  return { failed, silent };
}

function checked(
  ledger: Ledger | undefined,
  { spec }: Plan,
): Pick<RolloutSeen, 'checks' | 'verdict' | 'evidence'> {
  if (ledger === undefined) return {};
  const { passed, failed, silent, last, comparison } = ledger;
  const { compare } = spec.analysis;
  return {
    checks: { passed, failed, silent },
    ...(last === undefined ? {} : { verdict: last.verdict }),
    ...(comparison === undefined || compare === undefined ? {} : { evidence: { comparison, spec: compare } }),
  };
}

/** The one that is written now, else the one that is there. */
function newestLedger(actions: readonly Action[], seen: Observation): Ledger | undefined {
  const written = actions.findLast((action) => action.do === 'ledger');
  return written?.ledger ?? seen.twin?.ledger;
}
