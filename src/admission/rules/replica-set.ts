import { isSame } from '../../rollout/template.ts';
import type { Json, JsonObject } from '../../rollout/types.ts';
import { numberAt, objectAt } from '../../routing/json.ts';
import { controllerOf, ownersOf } from './guarded.ts';
import type { Around, Attempt, Rule } from './rule.ts';

/** ReplicaSets are the Deployment controller's: an old one scaled up, or one with another template, serves at once. */
export const replicaSet: Rule = {
  id: 'replica-set',
  effect: 'refuse',
  looksAt: [
    { resource: 'apps/replicasets', operations: ['UPDATE', 'DELETE'] },
    { resource: 'apps/replicasets/scale', operations: ['UPDATE'] },
  ],
  async check(attempt, around) {
    const deployment = await deploymentOf(attempt, around);
    if (deployment === undefined || !matters(attempt)) return [];
    return [
      {
        seen: `ReplicaSet ${attempt.name} of ${deployment} is ${attempt.operation === 'DELETE' ? 'deleted' : 'changed'} by hand`,
        todo: `change or scale ${deployment} instead; to restart its pods, kubectl rollout restart deployment/${deployment}`,
      },
    ];
  },
};

/** A scale says nothing of owners. */
async function deploymentOf(
  { resource, name, oldObject }: Attempt,
  around: Around,
): Promise<string | undefined> {
  if (resource === 'apps/replicasets') return controllerOf(oldObject, 'Deployment');
  const set = (await around.replicaSets()).find(({ metadata }) => metadata.name === name);
  return set === undefined ? undefined : controllerOf(set, 'Deployment');
}

/** An old ReplicaSet without pods may be tidied away. */
function matters({ operation, object, oldObject }: Attempt): boolean {
  if (operation === 'DELETE') return (numberAt(oldObject['spec'], 'replicas') ?? 1) > 0;
  return !isSame(essence(object), essence(oldObject));
}

function essence(set: JsonObject): Json {
  return [set['spec'] ?? null, objectAt(objectAt(set, 'metadata'), 'labels'), ownersOf(set)];
}
