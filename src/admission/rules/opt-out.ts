import { parseCanary } from '../../config/canary.ts';
import { names } from '../../kube/objects.ts';
import { annotationsOf, nameOf } from '../deployment.ts';
import { annotationChanges, isRelease } from './guarded.ts';
import type { Rule } from './rule.ts';

/** In an enforced namespace no Deployment leaves the canary. */
export const optOut: Rule = {
  id: 'opt-out',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['CREATE', 'UPDATE'] }],
  check(attempt) {
    const text = annotationsOf(attempt.object)[names.canary];
    if (typeof text !== 'string' || parseCanary(text).ok !== 'disabled') return [];
    if (!annotationChanges(attempt, names.canary) && !isRelease(attempt)) return [];
    return [
      {
        seen: `${names.canary} switches the canary of ${nameOf(attempt.object)} off`,
        todo: `take ${names.canary} away, or write a plan in it`,
      },
    ];
  },
};
