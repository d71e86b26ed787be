import type { KubeObject } from '../../kube/objects.ts';
import type { JsonObject } from '../../rollout/types.ts';
import { objectAt } from '../../routing/json.ts';
import { behind, namesOf, selects } from './guarded.ts';
import type { Around, Attempt, Rule } from './rule.ts';

const operations = ['CREATE', 'UPDATE'] as const;

/** What is selected beside a Deployment gets a share of its traffic, or all of it, without a canary. */
export const secondWorkload: Rule = {
  id: 'second-workload',
  effect: 'refuse',
  looksAt: [
    { resource: 'apps/deployments', operations },
    { resource: 'apps/replicasets', operations },
    { resource: 'apps/statefulsets', operations },
    { resource: 'apps/daemonsets', operations },
    { resource: 'batch/jobs', operations },
    { resource: 'batch/cronjobs', operations },
    { resource: 'replicationcontrollers', operations },
    { resource: 'pods', operations },
  ],
  check(attempt, around) {
    const joined = around.services().filter((service) => joins(attempt, service));
    return joined.flatMap((service) => {
      const others = othersBehind(service, attempt, around);
      if (others.length === 0) return [];
      const { name } = service.metadata;
      return [
        {
          seen: `Service ${name} would give the pods of ${attempt.name || 'a new pod'} traffic of ${namesOf(others)}`,
          todo: `change ${namesOf(others)} instead, or give these pods labels that Service ${name} does not select`,
        },
      ];
    });
  },
};

/** True where the Service selects the new labels and did not select the old ones. */
function joins({ resource, object, oldObject }: Attempt, service: KubeObject): boolean {
  return selects(service, labelsOf(resource, object)) && !selects(service, labelsOf(resource, oldObject));
}

function othersBehind(
  service: KubeObject,
  { resource, name }: Attempt,
  around: Around,
): readonly KubeObject[] {
  const isItself = (each: KubeObject): boolean =>
    resource === 'apps/deployments' && each.metadata.name === name;
  return behind(service, around).filter((each) => !isItself(each));
}

function labelsOf(resource: string, object: JsonObject): JsonObject {
  if (resource === 'pods') return objectAt(objectAt(object, 'metadata'), 'labels');
  const spec = objectAt(object, 'spec');
  const holder = resource === 'batch/cronjobs' ? objectAt(objectAt(spec, 'jobTemplate'), 'spec') : spec;
  return objectAt(objectAt(objectAt(holder, 'template'), 'metadata'), 'labels');
}
