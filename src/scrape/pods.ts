import { isIP } from 'node:net';
import { selectorOf } from '../kube/deployment.ts';
import { type Kube, listAll } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import type { Arm, Arms } from '../prometheus/queries.ts';
import { listAt, textAt } from '../routing/json.ts';
import type { PodSeen } from './counted-pod.ts';

/** What Istio calls its proxy in a pod. */
const proxy = 'istio-proxy';

/** The pods of both arms as the API knows them. */
export interface PodsSeen {
  readonly pods: readonly PodSeen[];
  /** False where some pod has no proxy of Istio's in it: then not all of the requests can be heard of. */
  readonly haveProxies: boolean;
}

/** Lists the pods of both arms; selectors never change, so that they are asked for once. */
export class Pods {
  readonly #kube: Pick<Kube, 'get' | 'list'>;
  readonly #arms: Arms;
  readonly #selectors = new Map<Arm, string>();

  constructor(kube: Pick<Kube, 'get' | 'list'>, arms: Arms) {
    this.#kube = kube;
    this.#arms = arms;
  }

  /** Those that run; throws what the API server says. */
  async list(): Promise<PodsSeen> {
    const both = await Promise.all([this.#of('stable'), this.#of('canary')]);
    const all = both.flat();
    return { pods: all.flatMap(({ pod }) => pod), haveProxies: all.every(({ isHeard }) => isHeard) };
  }

  async #of(arm: Arm) {
    const labelSelector = await this.#selector(arm);
    if (labelSelector === undefined) return [];
    const { namespace } = this.#arms;
    const pods = (await listAll(this.#kube, resources.pods, { namespace, labelSelector })) ?? [];
    return pods
      .filter((pod) => textAt(pod['status'], 'phase') === 'Running')
      .map((pod) => ({ pod: seenOf(pod, arm), isHeard: hasProxy(pod) }));
  }

  async #selector(arm: Arm): Promise<string | undefined> {
    const known = this.#selectors.get(arm);
    if (known !== undefined) return known;
    const deployment = await this.#kube.get(resources.deployments, this.#arms.namespace, this.#arms[arm]);
    const selector = selectorOf(deployment ?? {});
    // By expressions alone all pods of the namespace would be asked.
    if (selector === '') return undefined;
    this.#selectors.set(arm, selector);
    return selector;
  }
}

/** None without an address yet: it answers nobody. */
function seenOf(pod: KubeObject, arm: Arm): readonly PodSeen[] {
  const status = pod['status'];
  const ip = textAt(status, 'podIP') ?? '';
  const condition = listAt(status, 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  const startedAt = Date.parse(textAt(status, 'startTime') ?? '');
  if (isIP(ip) === 0) return [];
  return [
    {
      ...{ name: pod.metadata.name, arm, ip },
      ready: textAt(condition, 'status') === 'True' && !('deletionTimestamp' in pod.metadata),
      // Of a pod that does not say it, what its first page tells is not counted.
      startedAt: Number.isNaN(startedAt) ? Number.NEGATIVE_INFINITY : startedAt,
    },
  ];
}

/** Also where it is a native sidecar, which is among the init containers. */
function hasProxy(pod: KubeObject): boolean {
  const containers = [...listAt(pod['spec'], 'containers'), ...listAt(pod['spec'], 'initContainers')];
  return containers.some((each) => textAt(each, 'name') === proxy);
}
