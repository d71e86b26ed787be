import type { JsonObject } from '../rollout/types.ts';
import { objectAt } from './json.ts';
import { labelSelector } from './selectors.ts';
import { leavesOut, type Shadowed, type Spec } from './shadowed.ts';

/**
 * The twin's disruption budget. A number of pods that must stay is a number of main's: on a twin of one pod it would
 * block every drain of its node until the trial ends, and so would a percentage, which is rounded up. So the twin loses
 * one pod at a time, unless main's says that none may go, or how many may. Pods that are not ready guard nothing.
 */
export function disruptionBudget(spec: JsonObject, of: Shadowed): readonly Spec[] {
  if (!leavesOut(labelSelector(objectAt(spec, 'selector')), of)) return [];
  const maxUnavailable = spec['minAvailable'] === '100%' ? 0 : (spec['maxUnavailable'] ?? 1);
  const unhealthyPodEvictionPolicy = 'AlwaysAllow';
  return [
    {
      suffix: '',
      spec: { selector: { matchLabels: of.select }, maxUnavailable, unhealthyPodEvictionPolicy },
    },
  ];
}
