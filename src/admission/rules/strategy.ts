import { isSame } from '../../rollout/template.ts';
import type { JsonObject } from '../../rollout/types.ts';
import { objectAt } from '../../routing/json.ts';
import { isRelease } from './guarded.ts';
import type { Rule } from './rule.ts';

/** A promotion rolls main; it must never take all of its pods at once. */
export const strategy: Rule = {
  id: 'strategy',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['CREATE', 'UPDATE'] }],
  check(attempt) {
    const [before, after] = [attempt.oldObject, attempt.object].map(strategyOf);
    const isNew = !isSame(before ?? {}, after ?? {});
    const what = isNew || isRelease(attempt) ? stops(attempt.object) : undefined;
    if (what === undefined) return [];
    return [
      {
        seen: `${what} stops every pod before a new one is ready`,
        todo: 'use strategy RollingUpdate with a maxUnavailable below the number of replicas, such as 25%',
      },
    ];
  },
};

function strategyOf(deployment: JsonObject): JsonObject {
  return objectAt(objectAt(deployment, 'spec'), 'strategy');
}

function stops(deployment: JsonObject): string | undefined {
  const { type } = strategyOf(deployment);
  if (type === 'Recreate') return 'strategy Recreate';
  const { maxUnavailable } = objectAt(strategyOf(deployment), 'rollingUpdate');
  const { replicas = 1 } = objectAt(deployment, 'spec');
  if (typeof maxUnavailable === 'string' && Number.parseInt(maxUnavailable, 10) >= 100)
    return `maxUnavailable ${maxUnavailable}`;
  if (typeof maxUnavailable !== 'number' || typeof replicas !== 'number') return undefined;
  // At zero replicas there is nothing to stop, and any number would do.
  return replicas > 0 && maxUnavailable >= replicas
    ? `maxUnavailable ${maxUnavailable} of ${replicas}`
    : undefined;
}
