import type { Json, JsonObject } from '../rollout/types.ts';
import { type Owner, ownedMetadata } from './generated.ts';
import { isObject, listAt, objectAt, textAt, without } from './json.ts';
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

/** The name of the Service that selects the twin. */
export function twinServiceName(service: string, hash: Hash): string {
  return canaryName(service, hash);
}

/** True when a pod with these labels is selected; an empty selector selects every pod. */
export function selectorMatches(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/**
 * The labels of the twin's pods: the candidate's, with as few values changed as will do so that none of `selectors`
 * (those that select the stable pods) selects a twin pod. Among equally few, the keys that most selectors have come
 * first, then the alphabet, so that the same input gives the same labels. Of a selector with matchExpressions give the
 * matchLabels: what these do not select, the whole does not.
 */
export function twinLabels(candidate: Labels, selectors: readonly Labels[], hash: Hash): TwinLabels {
  if (selectors.some((selector) => Object.keys(selector).length === 0)) {
    return { ok: false, why: 'an empty selector selects every pod, so also the pods of the twin' };
  }
  const keys = keysByUse(candidate, selectors);
  const sets = keys.length <= mostKeys ? subsets(keys) : [keys];
  for (const set of sets) {
    const changed = Object.fromEntries(set.map((key) => [key, canaryName(candidate[key] ?? '', hash)]));
    const labels = { ...candidate, ...changed };
    if (!selectors.some((selector) => selectorMatches(selector, labels)))
      return { ok: true, labels, changed };
  }
  return { ok: false, why: 'no selector has a label of the candidate, so nothing tells its pods apart' };
}

/**
 * The Service that selects the twin's pods and nothing else. It is the user's Service with what belongs to one Service
 * alone left out (addresses, node ports, load balancer). It is never headless and never publishes pods that are not
 * ready. Its labels are kept, so that what scrapes the user's Service by them scrapes the twin too.
 */
export function twinService(service: JsonObject, name: string, changed: Labels, owner: Owner): JsonObject {
  const metadata = objectAt(service, 'metadata');
  const spec = objectAt(service, 'spec');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(name, textAt(metadata, 'namespace') ?? '', owner, objectAt(metadata, 'labels')),
    spec: {
      type: 'ClusterIP',
      selector: { ...objectAt(spec, 'selector'), ...changed },
      ports: listAt(spec, 'ports').map((port): Json => (isObject(port) ? without(port, 'nodePort') : port)),
      ...pick(spec, ['sessionAffinity', 'sessionAffinityConfig', 'internalTrafficPolicy']),
      ...pick(spec, ['trafficDistribution', 'ipFamilies', 'ipFamilyPolicy']),
    },
  };
}

/** `<text>-canary`, cut where it would be too long; then it carries a hash, so that two long texts stay two. */
function canaryName(text: string, hash: Hash): string {
  if (text === '') return 'canary';
  const whole = `${text}-canary`;
  if (whole.length <= longest) return whole;
  const end = `-${hash(text).slice(0, 8)}-canary`;
  return `${text.slice(0, longest - end.length).replace(/[-_.]+$/, '')}${end}`;
}

/** The labels that some selector has: changing any other cannot help. */
function keysByUse(candidate: Labels, selectors: readonly Labels[]): readonly string[] {
  const uses = (key: string): number => selectors.filter((selector) => key in selector).length;
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

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}
