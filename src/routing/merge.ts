import type { RouteSeen } from '../rollout/types.ts';
import { isSameBeside } from './beside.ts';

type SplitSeen = Extract<RouteSeen, { kind: 'split' }>;

/**
 * What is seen of several ways to one workload, each split alike: the twin has the lowest weight that any gives it, and all
 * is as asked for where it is so in each. Where none can be split, why the first cannot.
 */
export function mergeSeen(all: readonly [RouteSeen, ...RouteSeen[]]): RouteSeen {
  const splits = all.filter((each): each is SplitSeen => each.kind === 'split');
  const [first] = splits;
  if (first === undefined) return all[0];
  const mark = splits.flatMap(({ rolledBack }) => rolledBack ?? [])[0];
  const since = Math.max(...splits.map((each) => each.since ?? Number.NaN));
  return {
    kind: 'split',
    weight: Math.min(...splits.map(({ weight }) => weight)),
    uniform: splits.every((each) => each.uniform && isAlike(each, first)),
    edited: splits.some(({ edited }) => edited),
    ...(first.beside === undefined ? {} : { beside: first.beside }),
    ...(mark === undefined ? {} : { rolledBack: mark }),
    ...(Number.isNaN(since) ? {} : { since }),
  };
}

function isAlike(a: SplitSeen, b: SplitSeen): boolean {
  return a.weight === b.weight && a.rolledBack === b.rolledBack && isSameBeside(a.beside, b.beside);
}
