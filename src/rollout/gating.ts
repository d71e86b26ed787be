import type { AskedType, GateAnswer } from './gate.ts';
import { checkDue, isOf } from './due.ts';
import type { Moment, Underway } from './moves.ts';
import { entryWeight, isAtEnd, skipsAnalysis } from './course.ts';
import { isRolledOut } from './capacity.ts';
import type { Observation, Plan } from './types.ts';

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
      if (plan.spec.suspended || state.pause !== undefined) return ['rollback'];
      return [...beforeTrial(plan), 'rollback'];
    case 'Starting': {
      const { twin } = seen;
      const isUp = twin !== undefined && twin.revision === state.revision && isRolledOut(twin, 1);
      if (!isUp || !checkDue(moment)) return [];
      return [...beforeFirst(plan, state, seen), 'rollback'];
    }
    case 'Progressing':
    case 'Waiting':
    case 'Rolling':
      if (!checkDue(moment)) return [];
      return [...duringChecks, isAtEnd(moment) ? 'confirm-promotion' : 'confirm-traffic-increase'];
    default:
      return [];
  }
}

const beforeWeight = ['pre-rollout', 'confirm-traffic-increase'] as const;
const duringChecks = ['rollback', 'rollout'] as const;

/** The gates that all have to be open before a trial begins. In place, the first pod that rolls has traffic at once. */
export function beforeTrial({ spec }: Plan): readonly AskedType[] {
  return spec.promotion === 'inPlace' ? ['confirm-rollout', ...beforeWeight] : ['confirm-rollout'];
}

/** Before the first weight. Once what comes before it is open, the weight alone is to be confirmed (flagger#1248). */
function beforeFirst(plan: Plan, state: Underway, seen: Observation): readonly AskedType[] {
  const rises = seen.route.kind === 'split' && entryWeight(plan) > 0;
  const ledger = seen.twin?.ledger;
  // The evidence of another candidate says nothing of this one's gates.
  if (rises && isOf(ledger, state) && ledger.last?.verdict === unconfirmed)
    return ['confirm-traffic-increase'];
  return rises ? beforeWeight : ['pre-rollout'];
}

/** What a check comes to while nobody confirms the first weight: nothing against the candidate. */
export const unconfirmed = 'inconclusive';

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
