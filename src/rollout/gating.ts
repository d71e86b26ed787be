import type { AskedType, GateAnswer } from './gate.ts';
import { checkDue } from './due.ts';
import type { Moment } from './moves.ts';
import { isAtEnd, skipsAnalysis } from './course.ts';
import { isRolledOut } from './capacity.ts';

/** What the gates of a type come to together. */
export type Said =
  /** No gate of that type, or all are open. */
  | { readonly is: 'open' }
  /** The first that is not. */
  | { readonly is: 'closed' | 'error'; readonly why: string }
  /** Some have not answered yet. */
  | { readonly is: 'awaited' };

/**
 * The types of gates to be asked before the next `step`. What is asked and not answered yet holds the rollout where it is;
 * the traffic follows what is known all the same.
 */
export function gatesDue(moment: Moment): readonly AskedType[] {
  const configured = new Set(moment.plan.spec.analysis.gates.map(({ type }) => type));
  return typesDue(moment).filter((type) => configured.has(type));
}

function typesDue(moment: Moment): readonly AskedType[] {
  const { plan, state, seen } = moment;
  if (plan.withdrawn !== undefined) return [];
  if (skipsAnalysis(plan, state)) return [];
  switch (state.phase) {
    case 'Pending':
      return plan.spec.suspended || state.pause !== undefined
        ? ['rollback']
        : ['confirm-rollout', 'rollback'];
    case 'Starting': {
      const { twin } = seen;
      const isUp = twin !== undefined && twin.revision === state.revision && isRolledOut(twin, 1);
      return isUp && checkDue(moment) ? ['pre-rollout', 'rollback'] : [];
    }
    case 'Progressing':
    case 'Waiting':
      if (!checkDue(moment)) return [];
      return [...duringChecks, isAtEnd(moment) ? 'confirm-promotion' : 'confirm-traffic-increase'];
    case 'Rolling':
      if (!checkDue(moment)) return [];
      return [...duringChecks, state.weight >= 100 ? 'confirm-promotion' : 'confirm-traffic-increase'];
    default:
      return [];
  }
}

const duringChecks = ['rollback', 'rollout'] as const;

/** What the gates of `type` say; those that are not due say nothing against it. */
export function said(moment: Moment, type: AskedType): Said {
  const { plan, seen } = moment;
  if (!gatesDue(moment).includes(type)) return { is: 'open' };
  const gates = plan.spec.analysis.gates.filter((gate) => gate.type === type);
  const answers = gates.map(({ name }) =>
    seen.gates?.find((answer) => answer.type === type && answer.name === name),
  );
  // A rollback gate says `open` where it wants the rollback; all others where they let it on.
  const stops = answers.find((answer) => answer !== undefined && answer.says !== 'open');
  if (stops !== undefined && type !== 'rollback')
    return { is: stops.says === 'error' ? 'error' : 'closed', why: sentence(stops) };
  return answers.includes(undefined) ? { is: 'awaited' } : { is: 'open' };
}

/** The name of the gate that wants the candidate rolled back. */
export function rollbackAsked(moment: Moment): string | undefined {
  if (!gatesDue(moment).includes('rollback')) return undefined;
  return moment.seen.gates?.find(({ type, says }) => type === 'rollback' && says === 'open')?.name;
}

function sentence({ name, type, says, why }: GateAnswer): string {
  return `gate ${name} (${type}) ${says === 'error' ? 'gave no answer' : 'is closed'}: ${why}`;
}
