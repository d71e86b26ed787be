import { numberAt } from '../../routing/json.ts';
import { nameOf } from '../deployment.ts';
import { isRelease } from './guarded.ts';
import type { Rule } from './rule.ts';

/** To scale to zero, change the template and scale back is a release to everybody at once. */
export const zeroReplicas: Rule = {
  id: 'zero-replicas',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['UPDATE'] }],
  check(attempt) {
    const { object, oldObject } = attempt;
    const isAtZero = [object, oldObject].some((each) => numberAt(each['spec'], 'replicas') === 0);
    if (!isAtZero || !isRelease(attempt)) return [];
    const name = nameOf(object);
    return [
      {
        seen: `the template of ${name} changes while ${name} is scaled to zero, so all its pods would be new ones`,
        todo: `scale ${name} up with the template it has, then apply the change`,
      },
    ];
  },
};
