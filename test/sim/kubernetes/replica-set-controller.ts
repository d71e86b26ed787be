// The ReplicaSet controller of kube-controller-manager: as many pods as are asked for, and how they do.
import type { JsonObject } from '../../../src/rollout/types.ts';
import { isSame } from '../api/frozen.ts';
import { kinds } from '../api/kinds.ts';
import type { SimApi, Write } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { controllerNamed, Hand, messageIn } from './hand.ts';
import {
  controlledBy,
  controllerOf,
  isLeaving,
  keyOf,
  neighbours,
  objectOf,
  type Pod,
  type ReplicaSet,
  stamp,
} from './objects.ts';
import { isActive, isNews, isReady, readySince } from './readiness.ts';
import { toDelete } from './deletion-order.ts';
import { selects } from './selecting.ts';
import { Refused, WorkQueue } from './work-queue.ts';

type Status = NonNullable<ReplicaSet['status']>;

export class ReplicaSetController {
  readonly #time: SimTime;
  readonly #api: SimApi;
  readonly #hand: Hand;
  readonly #queue: WorkQueue;
  /** Where the scheduler puts a pod, beside these others of its set. */
  readonly #place: (others: readonly Pod[]) => string;

  constructor(time: SimTime, dice: Dice, api: SimApi, place: (others: readonly Pod[]) => string) {
    this.#time = time;
    this.#api = api;
    this.#place = place;
    this.#hand = new Hand(api, controllerNamed('replicaset-controller'));
    this.#queue = new WorkQueue(time, dice, (key) => this.#look(key));
  }

  /** Told of every write. */
  see(write: Write): void {
    const { resource, object, previous, type } = write;
    if (resource.plural === 'replicasets') {
      const isOwnStatus = previous !== undefined && previous['spec'] === object['spec'];
      if (type !== 'DELETED' && !isOwnStatus) this.#queue.add(keyOf(object));
    } else if (resource.plural === 'pods' && isNews(write)) {
      this.#seePod(object);
      if (previous !== undefined && controllerOf(object) === undefined) this.#seePod(previous);
    }
  }

  #seePod(pod: Write['object']): void {
    const owner = controllerOf(pod);
    if (owner?.kind === 'ReplicaSet') this.#queue.add(`${pod.metadata.namespace ?? ''}/${owner.name}`);
    if (owner !== undefined) return;
    for (const set of neighbours(this.#api, 'replicaSets', keyOf(pod))) {
      if (selects(set, pod)) this.#queue.add(keyOf(set));
    }
  }

  async #look(key: string): Promise<number | undefined> {
    const set = objectOf(this.#api, 'replicaSets', key);
    if (set === undefined) return undefined;
    await this.#claim(set);
    const before = this.#podsOf(set);
    const failure = isLeaving(set) ? undefined : await this.#manage(set, before.filter(isActive));
    const pods = this.#podsOf(set);
    const nowMs = this.#time.now;
    const status = statusOf(set, pods, failure, nowMs);
    if (set.status === undefined || !isSame(set.status, status)) {
      await this.#hand.update(kinds.replicaSets, { ...set, status }, 'status');
    }
    if (failure !== undefined) throw failure;
    return nextAvailable(set, pods, nowMs);
  }

  /** Takes in orphans it selects, lets go of pods it selects no longer. */
  async #claim(set: ReplicaSet): Promise<void> {
    if (isLeaving(set)) return;
    for (const pod of neighbours(this.#api, 'pods', keyOf(set))) {
      const owner = controllerOf(pod);
      const isMine = owner?.uid === set.metadata.uid;
      if (!isActive(pod) || (owner !== undefined && !isMine) || isMine === selects(set, pod)) continue;
      const ownerReferences = isMine ? [] : [controlledBy(set)];
      await this.#hand.update(kinds.pods, { ...pod, metadata: { ...pod.metadata, ownerReferences } });
    }
  }

  #podsOf({ metadata }: ReplicaSet): readonly Pod[] {
    const all = this.#api.list(kinds.pods, metadata.namespace) as readonly Pod[];
    return all.filter((pod) => controllerOf(pod)?.uid === metadata.uid);
  }

  /** Makes or deletes pods; answers what kept it from that. */
  async #manage(set: ReplicaSet, active: readonly Pod[]): Promise<Refused | undefined> {
    const missing = (set.spec.replicas ?? 1) - active.length;
    if (missing < 0) {
      for (const pod of toDelete(active, -missing, this.#time.now)) await this.#hand.delete(kinds.pods, pod);
    }
    for (let made = 0; made < missing; made += 1) {
      const refusal = await this.#make(set);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async #make(set: ReplicaSet): Promise<Refused | undefined> {
    const { name, namespace = '' } = set.metadata;
    const { template } = set.spec;
    const body: JsonObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template.metadata, generateName: `${name}-`, ownerReferences: [controlledBy(set)] },
      spec: { ...template.spec, nodeName: this.#place(this.#podsOf(set)) },
    };
    const answer = await this.#hand.ask({
      ...{ verb: 'create', resource: kinds.pods, namespace, body },
      ...{ name: undefined, subresource: undefined },
    });
    if (answer.status < 300) return undefined;
    const message = messageIn(answer);
    // Nothing is made in a namespace that goes; that is no failure of the set.
    return message.includes('because it is being terminated')
      ? undefined
      : new Refused(answer.status, message);
  }
}

function statusOf(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: Refused | undefined,
  nowMs: number,
): Status {
  const active = pods.filter(isActive);
  const waitMs = (set.spec.minReadySeconds ?? 0) * 1000;
  const ready = active.filter(isReady);
  const isAvailable = (pod: Pod): boolean => waitMs === 0 || (readySince(pod) ?? nowMs) + waitMs <= nowMs;
  const available = ready.filter(isAvailable).length;
  const conditions = conditionsOf(set, active.length, failure, nowMs);
  return {
    replicas: active.length,
    ...(active.length === 0 ? {} : { fullyLabeledReplicas: active.length }),
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    terminatingReplicas: pods.filter(isLeaving).length,
    observedGeneration: set.metadata.generation ?? 1,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** ReplicaFailure keeps the words of the first failure until one look succeeds. */
function conditionsOf(set: ReplicaSet, count: number, failure: Refused | undefined, nowMs: number) {
  const current = set.status?.conditions ?? [];
  const hasFailed = current.some(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) return current.filter(({ type }) => type !== 'ReplicaFailure');
  if (hasFailed) return current;
  const reason = count < (set.spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete';
  const said = { type: 'ReplicaFailure', status: 'True', lastTransitionTime: stamp(nowMs), reason };
  return [...current, { ...said, message: failure.message }];
}

/** How long until the next pod has been ready for long enough. */
function nextAvailable({ spec }: ReplicaSet, pods: readonly Pod[], nowMs: number): number | undefined {
  const { minReadySeconds = 0 } = spec;
  if (minReadySeconds === 0) return undefined;
  const left = pods
    .filter(isActive)
    .map((pod) => (readySince(pod) ?? 0) + minReadySeconds * 1000 - nowMs)
    .filter((ms) => ms > 0);
  return left.length === 0 ? undefined : Math.min(...left);
}
