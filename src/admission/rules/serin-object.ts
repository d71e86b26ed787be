import { names } from '../../kube/objects.ts';
import type { JsonObject } from '../../rollout/types.ts';
import { objectAt, textAt } from '../../routing/json.ts';
import { splitAnnotation } from '../../routing/types.ts';
import { annotationsOf } from '../deployment.ts';
import type { Rule } from './rule.ts';

const operations = ['UPDATE', 'DELETE'] as const;

/** The twin, what was generated for it, and what Serin remembers are written by Serin alone. */
export const serinObject: Rule = {
  id: 'serin-object',
  effect: 'refuse',
  looksAt: [
    { resource: 'apps/deployments', operations },
    { resource: 'services', operations },
    { resource: 'networking.istio.io/virtualservices', operations },
  ],
  check({ name, operation, object, oldObject }) {
    if (isOurs(oldObject)) {
      const todo = 'change the Deployment it stands for; applying its stable template takes the twin away';
      return [{ seen: `${name} is Serin's own, and lives as long as its rollout`, todo }];
    }
    const [before, after] = [oldObject, object].map((each) => annotationsOf(each)[splitAnnotation]);
    if (operation === 'DELETE' || before === after) return [];
    const todo = `leave it as it is: kubectl apply does, kubectl replace does not`;
    return [
      {
        seen: `${splitAnnotation} of ${name} says how traffic is split, and is written by Serin alone`,
        todo,
      },
    ];
  },
};

function isOurs(object: JsonObject): boolean {
  const labels = objectAt(object, 'metadata')['labels'];
  return names.twinOf in annotationsOf(object) || textAt(labels, 'app.kubernetes.io/managed-by') === 'serin';
}
