// A controller's looks at an API server in memory that has no Istio: what the tests of single looks share.
import { Turns } from '../../src/controller/group.ts';
import { Refusals } from '../../src/controller/refusals.ts';
import { type Surroundings, reconcile } from '../../src/controller/reconcile.ts';
import { type KubeObject, type Resource, resources } from '../../src/kube/objects.ts';
import { Store } from '../../src/kube/store.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { numberAt, objectAt, textAt, without } from '../../src/routing/json.ts';
import { noGates } from '../gates/rig.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { type VirtualClock, virtualClock } from '../rig/virtual-clock.ts';

export interface Looks {
  readonly kube: MemoryKube;
  readonly clock: VirtualClock;
  /** Keys that were told to have no rollout. */
  readonly idle: string[];
  /** Puts a Deployment there, as Kubernetes would. */
  readonly add: (deployment: JsonObject) => Promise<KubeObject>;
  /** The Deployment of that name as it is. */
  readonly main: (name?: string) => Promise<KubeObject>;
  /** One look at the key, with a copy that is up to date but for what `unseen` names. */
  readonly look: (key: string, unseen?: readonly string[]) => Promise<void>;
  /** All Events as `type reason xCount: message`. */
  readonly events: () => Promise<readonly string[]>;
}

/** An API server with a labelled namespace `shop`, or an unlabelled one. */
export async function looks(labels: JsonObject = { 'serin.dev/mode': 'canary' }): Promise<Looks> {
  const kube = memoryKube();
  const clock = virtualClock();
  const idle: string[] = [];
  const refusals = new Refusals();
  await kube.create(resources.namespaces, undefined, { metadata: { name: 'shop', labels } });
  const look: Looks['look'] = async (key, unseen = []) => {
    const copyOf = async (resource: Resource, namespace?: string): Promise<Store> => {
      const store = new Store();
      for (const object of (await kube.list(resource, namespace === undefined ? {} : { namespace }))?.items ??
        [])
        if (!unseen.includes(object.metadata.name)) store.put(object);
      return store;
    };
    const around: Surroundings = {
      ...{ kube, clock, settleMs: 1_000, routeKinds: [] },
      deployments: await copyOf(resources.deployments, 'shop'),
      services: await copyOf(resources.services, 'shop'),
      scalers: await copyOf(resources.horizontalPodAutoscalers, 'shop'),
      settings: await copyOf(resources.configMaps, 'shop'),
      namespaces: await copyOf(resources.namespaces),
      areCurrent: async () => true,
      turns: new Turns(),
      refusals,
      ...noGates,
      metricSource: {
        measure: async () => [],
        count: async () => ({ kind: 'absent', why: 'no Prometheus here' }),
        incoming: async () => undefined,
      },
      warn: (_, message) => {
        throw new Error(message);
      },
      onDecision: () => undefined,
      onIdle: (each) => idle.push(each),
    };
    await reconcile(around, key);
  };
  return {
    ...{ kube, clock, idle, look },
    add: (deployment) => {
      const metadata = without(objectAt(deployment, 'metadata'), 'resourceVersion');
      return kube.create(resources.deployments, 'shop', { ...deployment, metadata });
    },
    main: async (name = 'web') => {
      const found = await kube.get(resources.deployments, 'shop', name);
      if (found === undefined) throw new Error(`no Deployment ${name}`);
      return found;
    },
    events: async () => {
      const items = (await kube.list(resources.events, { namespace: 'shop' }))?.items ?? [];
      return items.map(
        (each) =>
          `${textAt(each, 'type')} ${textAt(each, 'reason')} x${numberAt(each, 'count')}: ${textAt(each, 'message')}`,
      );
    },
  };
}
