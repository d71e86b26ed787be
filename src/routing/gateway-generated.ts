import type { JsonObject, RolloutSpec } from '../rollout/types.ts';
import { type Owner, ownedMetadata } from './generated.ts';
import type { Split } from './types.ts';

/**
 * An HTTPRoute for a Service that none routes to, with all traffic on stable: at the Gateways that the plan names, or for
 * the Service itself, whose port a mesh then routes by it (GAMMA). All in it is said that the API server would fill in.
 */
export function generated(target: Split, owner: Owner, wanted: RolloutSpec['service']): JsonObject {
  const { name, namespace, ports } = target.service;
  const parents = wanted.gatewayRefs ?? [];
  const streams = ports.filter(({ protocol }) => protocol === undefined || protocol === 'TCP');
  const port = (streams.find((one) => one.port === wanted.port) ?? streams[0])?.port;
  const service = { group: '', kind: 'Service', name, ...(port === undefined ? {} : { port }) };
  const hosts = parents.length === 0 ? [] : (wanted.hosts ?? []).filter((host) => host !== '*');
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: ownedMetadata(`${name}-serin`, namespace, owner, {}),
    spec: {
      parentRefs: parents.length === 0 ? [service] : parents.map(parentOf),
      ...(hosts.length === 0 ? {} : { hostnames: hosts }),
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ ...service, weight: 1 }],
        },
      ],
    },
  };
}

function parentOf(parent: JsonObject): JsonObject {
  return { group: 'gateway.networking.k8s.io', kind: 'Gateway', ...parent };
}
