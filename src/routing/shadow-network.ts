import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, objectAt } from './json.ts';
import { labelSelector } from './selectors.ts';
import { leavesOut, type Shadowed, type Spec } from './shadowed.ts';

const directions = [
  { type: 'Ingress', rules: 'ingress', peers: 'from' },
  { type: 'Egress', rules: 'egress', peers: 'to' },
] as const;

/**
 * What a NetworkPolicy says of main, said of the twin. Where it selects main's pods, the same for the twin's. Where it
 * names main's pods as those that may call or be called, those rules once more with the twin's: policies add up.
 * Policies of other namespaces are left alone.
 */
export function networkPolicies(spec: JsonObject, of: Shadowed): readonly Spec[] {
  const selects = leavesOut(labelSelector(objectAt(spec, 'podSelector')), of);
  const guards: Spec = {
    suffix: '',
    spec: {
      ...spec,
      podSelector: { matchLabels: of.select },
      policyTypes: typesOf(spec),
      ...Object.fromEntries(
        directions
          .filter(({ rules }) => spec[rules] !== undefined)
          .map(({ rules, peers }) => [rules, listAt(spec, rules).map((rule) => widened(rule, peers, of))]),
      ),
    },
  };
  return [...(selects ? [guards] : []), ...peersOnly(spec, of)];
}

/** A second policy for the pods of the first, with only the rules that name main's pods, for the twin's. */
function peersOnly(spec: JsonObject, of: Shadowed): readonly Spec[] {
  const types = typesOf(spec);
  const named = directions.flatMap(({ type, rules, peers }) => {
    const wider = listAt(spec, rules).flatMap((rule): readonly JsonObject[] => {
      const twins = twinsAmong(rule, peers, of);
      return isObject(rule) && twins.length > 0 ? [{ ...rule, [peers]: twins }] : [];
    });
    // Rules of a direction the policy is not for mean nothing; ours must not give it one more.
    return wider.length > 0 && types.includes(type) ? [{ type, rules, wider }] : [];
  });
  if (named.length === 0) return [];
  const rules = Object.fromEntries(named.map(({ rules: key, wider }) => [key, wider]));
  const policyTypes = named.map(({ type }) => type);
  return [{ suffix: '-peers', spec: { podSelector: objectAt(spec, 'podSelector'), policyTypes, ...rules } }];
}

function widened(rule: Json, peers: string, of: Shadowed): Json {
  const twins = twinsAmong(rule, peers, of);
  return isObject(rule) && twins.length > 0 ? { ...rule, [peers]: [...listAt(rule, peers), ...twins] } : rule;
}

/** For each peer that is main's pods, the same with the twin's. Where it says which namespaces, it says so again. */
function twinsAmong(rule: Json, peers: string, of: Shadowed): readonly JsonObject[] {
  return listAt(rule, peers).flatMap((peer) => {
    if (!isObject(peer) || !isObject(peer['podSelector'])) return [];
    if (!leavesOut(labelSelector(peer['podSelector']), of)) return [];
    return [{ ...peer, podSelector: { matchLabels: of.select } }];
  });
}

/** As kube-apiserver defaults them: ingress always, egress where there are rules for it. */
function typesOf(spec: JsonObject): readonly Json[] {
  if (spec['policyTypes'] !== undefined) return listAt(spec, 'policyTypes');
  return spec['egress'] === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
}
