// The horizontal pod autoscaler: as many pods as the rate of requests wants, looked at every 15 s while there is one.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { kinds } from '../api/kinds.ts';
import type { SimApi, Write } from '../api/types.ts';
import type { SimTime } from '../time.ts';
import { controllerNamed, Hand } from './hand.ts';
import { type Deployment, keyOf, objectOf, stamp } from './objects.ts';
import { Refused } from './work-queue.ts';

const everyMs = 15_000;
/** A recommendation below what is there is only followed when it was the highest for so long. */
const stabilizationMs = 300_000;
const tolerance = 0.1;

interface Recommendation {
  readonly at: number;
  readonly replicas: number;
}

export class Autoscaler {
  readonly #time: SimTime;
  readonly #api: SimApi;
  readonly #hand: Hand;
  /** By key: what was recommended of late. */
  readonly #past = new Map<string, readonly Recommendation[]>();
  /** Requests per second that a Deployment (`namespace/name`) answers; undefined where nobody measures. */
  rateOf: (workload: string) => number | undefined = () => undefined;

  constructor(time: SimTime, api: SimApi) {
    this.#time = time;
    this.#api = api;
    this.#hand = new Hand(api, controllerNamed('horizontal-pod-autoscaler'));
  }

  /** Told of every write. */
  see({ resource, object, type }: Write): void {
    if (resource.plural !== kinds.horizontalPodAutoscalers.plural || type === 'DELETED') return;
    const key = keyOf(object);
    if (this.#past.has(key)) return;
    this.#past.set(key, []);
    this.#time.after(everyMs, () => this.#tick(key));
  }

  #tick(key: string): void {
    const scaler = objectOf(this.#api, 'horizontalPodAutoscalers', key);
    if (scaler === undefined) {
      this.#past.delete(key);
      return;
    }
    this.#time.after(everyMs, () => this.#tick(key));
    this.#look(scaler).catch((error: unknown) => {
      // The next tick comes anyway.
      if (!(error instanceof Refused)) throw error;
    });
  }

  async #look(scaler: KubeObject): Promise<void> {
    const { namespace = '' } = scaler.metadata;
    const workload = `${namespace}/${textAt(objectAt(scaler['spec'], 'scaleTargetRef'), 'name') ?? ''}`;
    const deployment = objectOf(this.#api, 'deployments', workload);
    const current = deployment?.spec.replicas ?? 1;
    const rate = this.rateOf(workload);
    if (deployment === undefined || rate === undefined || current === 0) return;
    const desired = this.#stabilised(keyOf(scaler), wanted(scaler, rate, current), current);
    if (desired !== current) await this.#scale(deployment, desired);
    await this.#tell(scaler, current, desired);
  }

  /** Within the bounds, up at most to the double (or by four), down only after the stabilisation. */
  #stabilised(key: string, recommended: number, current: number): number {
    const now = this.#time.now;
    const fresh = (this.#past.get(key) ?? []).filter(({ at }) => at > now - stabilizationMs);
    // What there is when it begins counts as recommended then.
    const begun = this.#past.get(key)?.length === 0 ? [{ at: now, replicas: current }] : [];
    const past = [...begun, ...fresh, { at: now, replicas: recommended }];
    this.#past.set(key, past);
    if (recommended >= current) return Math.min(recommended, Math.max(current * 2, current + 4));
    const highest = Math.max(...past.map(({ replicas }) => replicas));
    return Math.min(current, highest);
  }

  async #scale({ metadata }: Deployment, replicas: number): Promise<void> {
    const { namespace, name } = metadata;
    const answer = await this.#hand.ask({
      ...{ verb: 'patch', patchType: 'merge', resource: kinds.deployments, namespace, name },
      ...{ subresource: 'scale', body: { spec: { replicas } } },
    });
    if (answer.status >= 300) throw new Refused(answer.status, 'scale');
  }

  async #tell(scaler: KubeObject, current: number, desired: number): Promise<void> {
    const status = objectAt(scaler, 'status');
    if (status['currentReplicas'] === current && status['desiredReplicas'] === desired) return;
    const said = { currentReplicas: current, desiredReplicas: desired };
    const scaled = desired === current ? {} : { lastScaleTime: stamp(this.#time.now) };
    const newest = { ...scaler, status: { ...status, ...said, ...scaled } };
    await this.#hand.update(kinds.horizontalPodAutoscalers, newest, 'status');
  }
}

function wanted(scaler: KubeObject, rate: number, current: number): number {
  const { minReplicas = 1, maxReplicas = 1 } = objectAt(scaler, 'spec');
  const [metric] = listAt(scaler['spec'], 'metrics');
  const target = Number(objectAt(objectAt(metric, 'pods'), 'target')['averageValue'] ?? 0);
  const ratio = target === 0 ? 1 : rate / (target * current);
  const sized = Math.abs(ratio - 1) <= tolerance ? current : Math.ceil(ratio * current);
  return Math.min(Number(maxReplicas), Math.max(Number(minReplicas), sized));
}
