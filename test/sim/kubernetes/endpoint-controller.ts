// The EndpointSlice controller: which pods a Service has, and which of them are to be sent to.
import { listAt, numberAt, textAt } from '../../../src/routing/json.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { isSame } from '../api/frozen.ts';
import { kinds } from '../api/kinds.ts';
import type { SimApi, Write } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { controllerNamed, Hand } from './hand.ts';
import { controlledBy, isLeaving, keyOf, neighbours, objectOf, type Pod } from './objects.ts';
import { isNews, isOver, isReady } from './readiness.ts';
import { selectorOf, selects } from './selecting.ts';
import { WorkQueue } from './work-queue.ts';

const serviceLabel = 'kubernetes.io/service-name';
const managedBy = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };

export class EndpointController {
  readonly #api: SimApi;
  readonly #hand: Hand;
  readonly #queue: WorkQueue;

  constructor(time: SimTime, dice: Dice, api: SimApi) {
    this.#api = api;
    this.#hand = new Hand(api, controllerNamed('endpointslice-controller'));
    this.#queue = new WorkQueue(time, dice, (key) => this.#look(key));
  }

  /** Told of every write. */
  see(write: Write): void {
    const { resource, object, previous, type } = write;
    if (resource.plural === 'services' && type !== 'DELETED') this.#queue.add(keyOf(object));
    if (resource.plural === 'endpointslices') this.#seeSlice(write);
    if (resource.plural !== 'pods' || !isNews(write)) return;
    for (const service of neighbours(this.#api, 'services', keyOf(object))) {
      const isItsPod = selects(service, object) || (previous !== undefined && selects(service, previous));
      if (isItsPod) this.#queue.add(keyOf(service));
    }
  }

  /** Somebody else's change is put right. */
  #seeSlice({ object, call }: Write): void {
    const service = object.metadata.labels?.[serviceLabel];
    if (call.caller.username === controllerNamed('endpointslice-controller').username) return;
    if (service !== undefined) this.#queue.add(`${object.metadata.namespace ?? ''}/${service}`);
  }

  async #look(key: string): Promise<undefined> {
    const service = objectOf(this.#api, 'services', key);
    if (service === undefined || isLeaving(service) || selectorOf(service) === undefined) return;
    const pods = neighbours(this.#api, 'pods', key).filter((pod) => selects(service, pod));
    const endpoints = pods.flatMap(endpointOf);
    const ports = portsOf(service, pods[0]);
    const slice = neighbours(this.#api, 'endpointSlices', key).find(
      ({ metadata }) => metadata.labels?.[serviceLabel] === service.metadata.name,
    );
    if (slice === undefined) {
      await this.#hand.create(kinds.endpointSlices, service.metadata.namespace ?? '', {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${service.metadata.name}-`,
          labels: { ...service.metadata.labels, ...managedBy, [serviceLabel]: service.metadata.name },
          ownerReferences: [controlledBy(service)],
        },
        addressType: 'IPv4',
        endpoints,
        ports,
      });
    } else if (!isSame(slice['endpoints'], endpoints) || !isSame(slice['ports'], ports)) {
      await this.#hand.update(kinds.endpointSlices, { ...slice, endpoints, ports });
    }
  }
}

/** None before it has an address, none once its containers have ended. */
function endpointOf(pod: Pod): readonly JsonObject[] {
  const { podIP } = pod.status ?? {};
  if (podIP === undefined || isOver(pod)) return [];
  const { name, namespace = '', uid } = pod.metadata;
  const [serving, terminating] = [isReady(pod), isLeaving(pod)];
  return [
    {
      addresses: [podIP],
      conditions: { ready: serving && !terminating, serving, terminating },
      targetRef: { kind: 'Pod', namespace, name, uid },
      nodeName: pod.spec.nodeName ?? '',
    },
  ];
}

function portsOf(service: KubeObject, pod: Pod | undefined): Json {
  return listAt(service['spec'], 'ports').map((port) => ({
    name: textAt(port, 'name') ?? '',
    protocol: textAt(port, 'protocol') ?? 'TCP',
    port: targetOf(port, pod),
  }));
}

function targetOf(port: Json, pod: Pod | undefined): number {
  const name = textAt(port, 'targetPort');
  if (name === undefined) return numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? 0;
  const named = (pod?.spec.containers ?? [])
    .flatMap((container) => listAt(container, 'ports'))
    .find((each) => textAt(each, 'name') === name);
  return numberAt(named, 'containerPort') ?? 0;
}
