import { dueAt } from '../rollout/due.ts';
import { checksOf, weightsOf } from '../rollout/strategy.ts';
import type { In, Ledger, RolloutSpec, State } from '../rollout/types.ts';
import type { Scene } from './objects.ts';
import type { Next } from './report.ts';

type OnTrial = In<'Progressing' | 'Waiting'>;

/** What happens next if nothing else does; undefined where nothing will. */
export function nextOf({ state, spec, ledger, objects }: Scene, isSplit: boolean): Next | undefined {
  const { name } = objects.main.metadata;
  switch (state.phase) {
    case 'Pending':
      if (state.pause !== undefined) return resumes(name);
      return {
        what:
          state.message === undefined || state.message === ''
            ? 'the canary is brought up'
            : 'it is tried again until it may begin',
      };
    case 'Starting':
      if (state.pause !== undefined) return resumes(name);
      return { what: 'its first traffic, once its pods are ready' };
    case 'Progressing':
    case 'Waiting':
      return spec === undefined ? undefined : onTrial({ state, spec, ledger, name, isSplit });
    case 'Rolling':
      return spec === undefined ? undefined : rolling(state, spec);
    default:
      return later(state.phase, name);
  }
}

interface Trial {
  readonly state: OnTrial;
  readonly spec: RolloutSpec;
  readonly ledger: Ledger | undefined;
  readonly name: string;
  readonly isSplit: boolean;
}

function onTrial(trial: Trial): Next {
  const { state, spec, ledger, name } = trial;
  if (state.pause !== undefined)
    return { what: `the weight holds until somebody says: kubectl canary resume ${name}` };
  const isOpen = ledger !== undefined && ledger.weight === state.weight;
  if (!isOpen) return { what: `a check, once its ${state.weight} % are in force` };
  return { what: `a check; a pass ${passMeans(trial)}`, at: dueAt({ spec, settleMs: 0 }, ledger) };
}

function passMeans({ state, spec, ledger, isSplit }: Trial): string {
  if (state.passed === true) return 'is waited for by its group, and then it is promoted';
  const { strategy } = spec.analysis;
  if (strategy.kind === 'weights' && isSplit) {
    const next = weightsOf(strategy).find((each) => each > state.weight);
    return next === undefined ? 'promotes it' : `gives it ${next} %`;
  }
  const left = checksOf(strategy) - (ledger?.passed ?? 0) - 1;
  return left <= 0 ? 'promotes it' : `leaves ${left} more`;
}

function rolling(state: In<'Rolling'>, spec: RolloutSpec): Next {
  if (!state.reached) return { what: `${state.weight} % of the pods run it, and are ready` };
  const next = weightsOf(spec.analysis.strategy).find((each) => each > state.weight);
  const what = next === undefined ? 'rolls the rest' : `rolls ${next} % of the pods`;
  return { what: `a check; a pass ${what}`, at: state.checks.at + spec.analysis.intervalMs };
}

function resumes(name: string): Next {
  return { what: `nothing until somebody says: kubectl canary resume ${name}` };
}

function later(phase: State['phase'], name: string): Next | undefined {
  switch (phase) {
    case 'Promoting.Shift':
      return { what: 'the canary takes all traffic, once it has the pods for it' };
    case 'Promoting.Roll':
      return { what: "the Deployment's own pods take the traffic back, once they run it" };
    case 'Promoting.Return':
      return { what: 'the traffic returns to them as they carry it' };
    case 'Finalising':
    case 'RollingBack':
      return { what: 'the canary goes, once its last requests are answered' };
    case 'Failed':
      return {
        what: `nothing until somebody applies another template, or the stable one, or says: kubectl canary retry ${name}`,
      };
    default:
      return undefined;
  }
}
