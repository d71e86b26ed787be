import { keysOf, type Selector, selectorMatches } from './selectors.ts';
import type { Hash, Labels } from './types.ts';

export type TwinLabels =
  | {
      readonly ok: true;
      /** All labels of the twin's pods. */
      readonly labels: Labels;
      /** Those whose values are not the candidate's own: they tell the twin's pods from every other. */
      readonly changed: Labels;
    }
  | { readonly ok: false; readonly why: string };

/** Kubernetes' limit for label values and Service names. */
const longest = 63;

/** Subsets of more keys than this are not tried one by one: 2^12 of them take milliseconds. */
const mostKeys = 12;

/** `<text>-canary`, cut where it would be too long; then it carries a hash, so that two long texts stay two. */
export function canaryName(text: string, hash: Hash): string {
  if (text === '') return 'canary';
  const whole = `${text}-canary`;
  if (whole.length <= longest) return whole;
  const end = `-${hash(text).slice(0, 8)}-canary`;
  return `${text.slice(0, longest - end.length).replace(/[-_.]+$/, '')}${end}`;
}

/**
 * The labels of the twin's pods: the candidate's, with as few values changed as will do so that none of `selectors`
 * (those that select the stable pods) selects a twin pod. Among equally few, the keys that most selectors look at come
 * first, then the alphabet, so that the same input gives the same labels.
 */
export function twinLabels(candidate: Labels, selectors: readonly Selector[], hash: Hash): TwinLabels {
  const keys = keysByUse(candidate, selectors);
  const sets = keys.length <= mostKeys ? subsets(keys) : [keys];
  for (const set of sets) {
    const twin = changing(candidate, set, hash);
    if (!selectors.some((selector) => selectorMatches(selector, twin.labels))) return { ok: true, ...twin };
  }
  const { labels } = changing(candidate, keys, hash);
  return { ok: false, why: whyNot(selectors.find((selector) => selectorMatches(selector, labels))) };
}

function changing(
  candidate: Labels,
  keys: readonly string[],
  hash: Hash,
): { readonly labels: Labels; readonly changed: Labels } {
  const changed = Object.fromEntries(keys.map((key) => [key, canaryName(candidate[key] ?? '', hash)]));
  return { labels: { ...candidate, ...changed }, changed };
}

/** The labels that some selector looks at: changing any other cannot help. */
function keysByUse(candidate: Labels, selectors: readonly Selector[]): readonly string[] {
  const uses = (key: string): number => selectors.filter((selector) => keysOf(selector).has(key)).length;
  return Object.keys(candidate)
    .filter((key) => uses(key) > 0)
    .sort((a, b) => uses(b) - uses(a) || (a < b ? -1 : 1));
}

/** Every subset with at least one key, smaller ones first, each in the order of `keys`: a twin must differ somewhere. */
function* subsets(keys: readonly string[]): Generator<readonly string[]> {
  for (let size = 1; size <= keys.length; size += 1) yield* choose(keys, size);
}

function* choose(keys: readonly string[], size: number): Generator<readonly string[]> {
  if (size === 0) yield [];
  for (const [index, key] of keys.entries()) {
    for (const rest of size > 0 ? choose(keys.slice(index + 1), size - 1) : []) yield [key, ...rest];
  }
}

function whyNot(stuck: Selector | undefined): string {
  if (stuck === undefined)
    return 'no selector looks at a label of the candidate, so nothing tells its pods apart';
  const keys = [...keysOf(stuck)];
  if (keys.length === 0) return 'an empty selector selects every pod, so also the pods of the twin';
  return `the selector on ${keys.join(', ')} selects the twin's pods whatever values their labels have`;
}
