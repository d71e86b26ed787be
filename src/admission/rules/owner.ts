import { isSame } from '../../rollout/template.ts';
import { nameOf } from '../deployment.ts';
import { ownersOf } from './guarded.ts';
import type { Rule } from './rule.ts';

/** Whoever is given a Deployment can have it deleted by deleting the owner: garbage collection asks nobody. */
export const owner: Rule = {
  id: 'owner',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['UPDATE'] }],
  check({ object, oldObject }) {
    if (isSame(ownersOf(object), ownersOf(oldObject)) || ownersOf(object).length === 0) return [];
    const name = nameOf(object);
    return [
      {
        seen: `${name} is given another owner, and would be deleted with it`,
        todo: `leave the ownerReferences of ${name} as they are`,
      },
    ];
  },
};
