// What both clusters share: the calls that throw where they are refused.
import type { KubeObject } from '../../src/kube/objects.ts';
import { listAt, textAt } from '../../src/routing/json.ts';
import type { Ask, Cluster, Said } from './cluster.ts';

type Shortcuts = 'create' | 'get' | 'patch' | 'list';

/** A cluster, from what is different between the simulator and a real one. */
export function clusterOn(basics: Omit<Cluster, Shortcuts>): Cluster {
  const must = async (ask: Ask): Promise<Said['body']> => {
    const { status, body } = await basics.ask(ask);
    if (status < 300) return body;
    const { verb, resource, name = '' } = ask;
    throw new Error(`cannot ${verb} ${resource.plural} ${name}: ${status} ${textAt(body, 'message') ?? ''}`);
  };
  return {
    ...basics,
    create: async (resource, body) => (await must({ verb: 'create', resource, body })) as KubeObject,
    get: async (resource, name) => (await must({ verb: 'get', resource, name })) as KubeObject,
    patch: async (resource, name, patchType, body, subresource) =>
      (await must({ verb: 'patch', resource, name, patchType, body, subresource })) as KubeObject,
    list: async (resource, labelSelector) => {
      const query: Ask['query'] = labelSelector === undefined ? {} : { labelSelector };
      return listAt(await must({ verb: 'list', resource, query }), 'items') as readonly KubeObject[];
    },
  };
}
