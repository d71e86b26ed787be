import type { KubeObject } from '../../kube/objects.ts';
import type { JsonObject } from '../../rollout/types.ts';
import { objectAt } from '../../routing/json.ts';
import { behind, isServing, namesOf } from './guarded.ts';
import type { Around, Attempt, Finding, Rule } from './rule.ts';

/** Another selector sends all of a Service's traffic to other pods at once. */
export const service: Rule = {
  id: 'service',
  effect: 'refuse',
  looksAt: [{ resource: 'services', operations: ['UPDATE', 'DELETE'] }],
  check(attempt, around) {
    const before = behind(attempt.oldObject, around);
    if (before.length === 0) return [];
    return attempt.operation === 'DELETE' ? onDelete(attempt, before) : onUpdate(attempt, before, around);
  },
};

/** A Service that comes back under the same name can lead anywhere. */
function onDelete({ name }: Attempt, before: readonly KubeObject[]): readonly Finding[] {
  const serving = before.filter(isServing);
  if (serving.length === 0) return [];
  const deployments = namesOf(serving);
  return [
    {
      seen: `${deployments} serves behind Service ${name}`,
      todo: `change Service ${name} in place; to take it down for good, scale ${deployments} to zero first`,
    },
  ];
}

function onUpdate(
  { name, object, oldObject }: Attempt,
  before: readonly KubeObject[],
  around: Around,
): readonly Finding[] {
  if (leadsAsBefore(object, oldObject, before, behind(object, around))) return [];
  return [
    {
      seen: `Service ${name} would no longer lead to just the pods of ${namesOf(before)}`,
      todo: `leave its selector as it is and change the image of ${namesOf(before)}: its canary moves the traffic in steps`,
    },
  ];
}

/** A selector may grow narrower as long as the same Deployments match: what else it would let in is not known here. */
function leadsAsBefore(
  object: JsonObject,
  oldObject: JsonObject,
  before: readonly KubeObject[],
  after: readonly KubeObject[],
): boolean {
  const [old, now] = [oldObject, object].map((each) => objectAt(objectAt(each, 'spec'), 'selector'));
  const isKept = Object.entries(old ?? {}).every(([key, value]) => now?.[key] === value);
  const isExternal = objectAt(object, 'spec')['type'] === 'ExternalName';
  return isKept && !isExternal && namesOf(before) === namesOf(after);
}
