import { isSame } from '../../rollout/template.ts';
import { objectAt } from '../../routing/json.ts';
import { controllerOf, imagesOf, namesOf, servicesFor } from './guarded.ts';
import type { Rule } from './rule.ts';

/** A pod is replaced, never changed: what was put into it by hand had no canary. */
export const podImage: Rule = {
  id: 'pod-image',
  effect: 'refuse',
  looksAt: [
    { resource: 'pods', operations: ['UPDATE'] },
    { resource: 'pods/ephemeralcontainers', operations: ['UPDATE'] },
  ],
  check({ name, object, oldObject }, around) {
    const [before, after] = [oldObject, object].map((each) => imagesOf(objectAt(each, 'spec')));
    if (isSame(before ?? [], after ?? [])) return [];
    const labels = objectAt(objectAt(oldObject, 'metadata'), 'labels');
    const services = servicesFor(around.services(), labels);
    const set = controllerOf(oldObject, 'ReplicaSet');
    if (services.length === 0 && set === undefined) return [];
    const whose =
      services.length === 0 ? `is of ReplicaSet ${set}` : `serves behind Service ${namesOf(services)}`;
    return [
      {
        seen: `another image is put into pod ${name}, which ${whose}`,
        todo: 'change the image in its Deployment; to look into a pod, kubectl debug --copy-to=NAME --image=IMAGE makes a copy that serves nobody',
      },
    ];
  },
};
