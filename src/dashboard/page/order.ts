import { shortPhraseOf } from '../../report/words.ts';
import type { Summary } from '../wire.ts';
import { imageName } from './format.ts';

/** Which rollouts are listed. */
export interface Filter {
  readonly text: string;
  readonly only: 'all' | 'attention' | 'trial';
}

const ended = new Set<Summary['phase']>(['Succeeded', 'Failed', 'Aborted', 'Idle', 'Unheld']);

/** True while a candidate is under way. */
export function isOnTrial({ phase }: Pick<Summary, 'phase'>): boolean {
  return !ended.has(phase);
}

/** A rollout's name for the page: its address and the key of its row. */
export function keyOf({ namespace, name }: Pick<Summary, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** Those that the filter lets through, what needs somebody first, then what is on trial, each by name. */
export function listed(rollouts: Iterable<Summary>, filter: Filter): readonly Summary[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return [...rollouts]
    .filter((each) => isWanted(each, filter.only) && words.every((word) => textOf(each).includes(word)))
    .sort((a, b) => rank(a) - rank(b) || compare(keyOf(a), keyOf(b)));
}

/** How many there are of each kind, whatever is typed. */
export function countsOf(rollouts: Iterable<Summary>): Readonly<Record<Filter['only'], number>> {
  const all = [...rollouts];
  const count = (only: Filter['only']): number => all.filter((each) => isWanted(each, only)).length;
  return { all: all.length, attention: count('attention'), trial: count('trial') };
}

function isWanted(rollout: Summary, only: Filter['only']): boolean {
  if (only === 'all') return true;
  return only === 'attention' ? rollout.attention : isOnTrial(rollout);
}

function rank(rollout: Summary): number {
  if (rollout.attention) return 0;
  if (isOnTrial(rollout)) return 1;
  return rollout.phase === 'Idle' || rollout.phase === 'Unheld' ? 3 : 2;
}

/** What can be typed to find it. */
function textOf({ namespace, name, phase, actor, stable, candidate }: Summary): string {
  const images = [...stable.images, ...(candidate?.images ?? [])].map(({ image }) => imageName(image));
  return [`${namespace}/${name}`, phase, shortPhraseOf(phase), actor ?? '', ...images]
    .join(' ')
    .toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
