import { objectAt, textAt } from '../../routing/json.ts';
import { behind, guardedService, namesOf } from './guarded.ts';
import type { Rule } from './rule.ts';

/** Endpoints written by hand lead the traffic of a Service to any pod, whatever its selector says. */
export const endpoints: Rule = {
  id: 'endpoints',
  effect: 'refuse',
  looksAt: [
    { resource: 'endpoints', operations: ['CREATE', 'UPDATE'] },
    { resource: 'discovery.k8s.io/endpointslices', operations: ['CREATE', 'UPDATE'] },
  ],
  check({ resource, name, object, oldObject }, around) {
    const services =
      resource === 'endpoints'
        ? [name]
        : [object, oldObject].map((slice) => textAt(objectAt(slice, 'metadata')['labels'], serviceName));
    const found = [...new Set(services)].flatMap((each) => guardedService(each ?? '', around) ?? []);
    return found.map((service) => ({
      seen: `endpoints of Service ${service.metadata.name} are written by hand`,
      todo: `leave them to Kubernetes, and change the image of ${namesOf(behind(service, around))}`,
    }));
  },
};

const serviceName = 'kubernetes.io/service-name';
