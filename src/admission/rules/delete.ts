import { nameOf, podLabels } from '../deployment.ts';
import { isTwin, namesOf, servicesFor } from './guarded.ts';
import type { Rule } from './rule.ts';

/** To delete and to create anew is a release to everybody at once, whether or not the pods were scaled away before. */
export const deletion: Rule = {
  id: 'delete',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['DELETE'] }],
  async check({ oldObject }, around) {
    if (isTwin(oldObject)) return [];
    const known = servicesFor(around.services(), podLabels(oldObject));
    // Whoever takes an application down deletes the Service just before.
    const there = await Promise.all(known.map(({ metadata }) => around.hasService(metadata.name)));
    const leading = known.filter((_, index) => there[index] === true);
    if (leading.length === 0) return [];
    const [name, services] = [nameOf(oldObject), namesOf(leading)];
    return [
      {
        seen: `${name} is what Service ${services} leads to; one created in its place would get all the traffic at once`,
        todo: `change ${name} in place; to take it down for good, scale it to zero, delete Service ${services}, then ${name}`,
      },
    ];
  },
};
