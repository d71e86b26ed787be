import { isSame } from '../../rollout/template.ts';
import type { JsonObject } from '../../rollout/types.ts';
import { listAt, objectAt, textAt } from '../../routing/json.ts';
import { shortHost } from './flows.ts';
import { behind, guardedService, isServing, listed, namesOf } from './guarded.ts';
import type { Rule } from './rule.ts';

/** Routes name a subset; what the subset selects is where their traffic goes. */
export const subset: Rule = {
  id: 'subset',
  effect: 'refuse',
  looksAt: [{ resource: 'networking.istio.io/destinationrules', operations: ['UPDATE', 'DELETE'] }],
  check({ name, namespace, object, oldObject }, around) {
    const host = shortHost(textAt(oldObject['spec'], 'host') ?? '', namespace);
    const guarded = guardedService(host, around);
    if (guarded === undefined || !behind(guarded, around).some(isServing)) return [];
    const now = subsetsOf(object);
    const changed = [...subsetsOf(oldObject)].filter(
      ([each, labels]) => !isSame(labels, now.get(each) ?? null) || hostOf(object) !== hostOf(oldObject),
    );
    if (changed.length === 0) return [];
    const subsets = listed(changed.map(([each]) => each));
    return [
      {
        seen: `subset ${subsets} of ${name} would select other pods of ${host}, all at once`,
        todo: `add another subset and move its weight in steps, or change the image of ${namesOf(behind(guarded, around))}`,
      },
    ];
  },
};

function hostOf(rule: JsonObject): string | undefined {
  return textAt(rule['spec'], 'host');
}

function subsetsOf(rule: JsonObject): ReadonlyMap<string, JsonObject> {
  return new Map(
    listAt(objectAt(rule, 'spec'), 'subsets').map((each) => [
      textAt(each, 'name') ?? '',
      objectAt(each, 'labels'),
    ]),
  );
}
