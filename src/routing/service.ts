import type { Json, JsonObject } from '../rollout/types.ts';
import { type Owner, ownedMetadata } from './generated.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from './json.ts';
import { canaryName } from './twin-labels.ts';
import type { Hash, Labels, ServicePort } from './types.ts';

/** The name of the Service that selects the twin. */
export function twinServiceName(service: string, hash: Hash): string {
  return canaryName(service, hash);
}

/** The ports of a Service. */
export function servicePorts(service: JsonObject): readonly ServicePort[] {
  return listAt(objectAt(service, 'spec'), 'ports').flatMap((raw) => {
    const port = numberAt(raw, 'port');
    if (port === undefined) return [];
    const said = ['name', 'protocol', 'appProtocol'].map((key) => [key, textAt(raw, key)] as const);
    return [{ port, ...Object.fromEntries(said.filter(([, text]) => text !== undefined)) }];
  });
}

/**
 * The Service that selects the twin's pods and nothing else. It is the user's Service with what belongs to one Service
 * alone left out (addresses, node ports, load balancer). It is never headless and never publishes pods that are not
 * ready. Its labels are kept, so that what scrapes the user's Service by them scrapes the twin too.
 */
export function twinService(service: JsonObject, name: string, changed: Labels, owner: Owner): JsonObject {
  const metadata = objectAt(service, 'metadata');
  const spec = objectAt(service, 'spec');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(name, textAt(metadata, 'namespace') ?? '', owner, objectAt(metadata, 'labels')),
    spec: {
      type: 'ClusterIP',
      selector: { ...objectAt(spec, 'selector'), ...changed },
      ports: listAt(spec, 'ports').map((port): Json => (isObject(port) ? without(port, 'nodePort') : port)),
      ...pick(spec, ['sessionAffinity', 'sessionAffinityConfig', 'internalTrafficPolicy']),
      ...pick(spec, ['trafficDistribution', 'ipFamilies', 'ipFamilyPolicy']),
    },
  };
}

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}
