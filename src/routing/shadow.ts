// Policies that select main's pods by their labels do not select the twin's, whose labels differ. A shadow is the same
// policy for the twin: the canary is guarded as stable is, and reaches and is reached by whom stable is.
import type { Json, JsonObject } from '../rollout/types.ts';
import { type Owner, ownedMetadata } from './generated.ts';
import { isList, isObject, objectAt, textAt } from './json.ts';
import { labelSelector, labelsIn } from './selectors.ts';
import { disruptionBudget } from './shadow-budget.ts';
import { networkPolicies } from './shadow-network.ts';
import { leavesOut, type Shadowed, type Spec } from './shadowed.ts';
import { canaryName } from './twin-labels.ts';
import type { Hash } from './types.ts';

/** The kinds that have shadows. */
export const shadowKinds = [
  'NetworkPolicy',
  'PodDisruptionBudget',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
  'PodMonitor',
] as const;
export type ShadowKind = (typeof shadowKinds)[number];

type Shadowing = (policy: JsonObject, of: Shadowed) => readonly Spec[];

const shadowing: Readonly<Record<ShadowKind, Shadowing>> = {
  NetworkPolicy: networkPolicies,
  PodDisruptionBudget: disruptionBudget,
  AuthorizationPolicy: meshPolicy,
  PeerAuthentication: meshPolicy,
  RequestAuthentication: meshPolicy,
  PodMonitor: podMonitor,
};

/** The shadows of one object of the user's; none where it selects the twin's pods as well, or main's neither. */
export function shadowsOf(
  kind: ShadowKind,
  original: JsonObject,
  of: Shadowed,
  { owner, hash }: { readonly owner: Owner; readonly hash: Hash },
): readonly JsonObject[] {
  const metadata = objectAt(original, 'metadata');
  const [name, namespace] = [textAt(metadata, 'name') ?? '', textAt(metadata, 'namespace') ?? ''];
  // Prometheus finds monitors by their labels. Elsewhere they would have it taken for a part of somebody's release.
  const labels = kind === 'PodMonitor' ? objectAt(metadata, 'labels') : {};
  return shadowing[kind](objectAt(original, 'spec'), of).map(({ suffix, spec }) => ({
    apiVersion: textAt(original, 'apiVersion') ?? '',
    kind,
    metadata: ownedMetadata(canaryName(`${name}${suffix}`, hash), namespace, owner, labels),
    spec,
  }));
}

/** Istio's: by `selector`, or at a waypoint by the Service (`targetRefs`); with neither for the whole namespace. */
function meshPolicy(spec: JsonObject, of: Shadowed): readonly Spec[] {
  const aimed = ['targetRef', 'targetRefs'].flatMap((key): readonly (readonly [string, Json])[] => {
    const refs = retargeted(spec[key], of);
    return refs === undefined ? [] : [[key, refs]];
  });
  if (aimed.length > 0) return [{ suffix: '', spec: { ...spec, ...Object.fromEntries(aimed) } }];
  const matchLabels = labelsIn(objectAt(spec, 'selector')['matchLabels']);
  if (Object.keys(matchLabels).length === 0 || !leavesOut({ matchLabels, matchExpressions: [] }, of))
    return [];
  return [{ suffix: '', spec: { ...spec, selector: { matchLabels: of.select } } }];
}

/** The references to Services of main's, to the twin's instead, and no others; undefined where there is none. */
function retargeted(refs: Json | undefined, { services }: Shadowed): Json | undefined {
  const twins = (ref: Json): readonly JsonObject[] => {
    const name = services.get(textAt(ref, 'name') ?? '');
    return isObject(ref) && ref['kind'] === 'Service' && name !== undefined ? [{ ...ref, name }] : [];
  };
  if (!isList(refs)) return refs === undefined ? undefined : twins(refs)[0];
  const ours = refs.flatMap(twins);
  return ours.length === 0 ? undefined : ours;
}

/** A ServiceMonitor needs none: the twin's Service has the labels it selects by. */
function podMonitor(spec: JsonObject, of: Shadowed): readonly Spec[] {
  if (!leavesOut(labelSelector(objectAt(spec, 'selector')), of)) return [];
  return [{ suffix: '', spec: { ...spec, selector: { matchLabels: of.select } } }];
}
