import { isSame } from '../rollout/template.ts';
import type { JsonObject } from '../rollout/types.ts';
import { roleOf, withHost } from './destinations.ts';
import { type Owner, ownedMetadata } from './generated.ts';
import { isObject, listAt, objectAt, textAt, without } from './json.ts';
import { stageOf } from './stage.ts';
import { canaryName } from './twin-labels.ts';
import type { Hash, Split } from './types.ts';

interface Wanted {
  readonly owner: Owner;
  readonly hash: Hash;
  /** The subsets that stable's destinations name (`subsetsOf`). */
  readonly subsets: readonly string[];
}

/**
 * The DestinationRule of the twin's Service that goes with one of the user's: how main is called (TLS, pools, outliers) is
 * how the twin is called. Undefined for a rule that is not of the Service's host alone, or stands in another namespace,
 * where main cannot own one. The twin's destinations name no subset, so the rule defines none; the policy of the subset
 * that stands for stable goes over the rule's own, field by field, as Istio lays it.
 */
export function twinDestinationRule(
  rule: JsonObject,
  target: Split,
  { owner, hash, subsets }: Wanted,
): JsonObject | undefined {
  const [metadata, spec] = [objectAt(rule, 'metadata'), objectAt(rule, 'spec')];
  const namespace = textAt(metadata, 'namespace') ?? '';
  const destination = { host: textAt(spec, 'host') ?? '' };
  if (namespace !== target.service.namespace) return undefined;
  if (roleOf({ destination }, target, namespace) !== 'stable') return undefined;
  const name = canaryName(textAt(metadata, 'name') ?? '', hash);
  const policy = { ...objectAt(spec, 'trafficPolicy'), ...policyOf(spec, subsets) };
  return {
    apiVersion: textAt(rule, 'apiVersion') ?? '',
    kind: 'DestinationRule',
    metadata: ownedMetadata(name, namespace, owner, {}),
    spec: {
      ...without(without(spec, 'subsets'), 'trafficPolicy'),
      ...objectAt(withHost({ destination }, target.twinService), 'destination'),
      ...(Object.keys(policy).length === 0 ? {} : { trafficPolicy: policy }),
    },
  };
}

/** The subsets that the Service's destinations with traffic name in these VirtualServices. */
export function subsetsOf(virtualServices: readonly JsonObject[], target: Split): readonly string[] {
  const named = virtualServices.flatMap((virtualService) => {
    const { routes, role } = stageOf(virtualService, target);
    const entries = routes.flatMap(({ cleared }) => listAt(cleared, 'route'));
    const stable = entries.filter((entry) => role(entry) === 'stable');
    return stable.flatMap((entry) => textAt(objectAt(entry, 'destination'), 'subset') ?? []);
  });
  return [...new Set(named)];
}

/** The policy of these subsets where all have the same; where they differ, none of them is the twin's. */
function policyOf(spec: JsonObject, subsets: readonly string[]): JsonObject {
  const rules = listAt(spec, 'subsets').filter((subset) => subsets.includes(textAt(subset, 'name') ?? ''));
  const [first, ...others] = rules.map((subset) => objectAt(subset, 'trafficPolicy'));
  if (!isObject(first)) return {};
  return others.every((other) => isSame(other, first)) ? first : {};
}
