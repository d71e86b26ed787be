// How many pods of each Deployment were ready of late: by the pods themselves, and by what the Deployment says of them.
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import { listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { World } from '../types.ts';
import { Lately } from './lately.ts';
import { isOf, keyOf, replicaSets, replicasOf } from './reading.ts';

/** The pods of Deployments, by the uid of the Deployment. */
export class Capacity {
  readonly #ready: Lately<number>;
  readonly #said: Lately<number>;
  readonly #replicas: Lately<number>;
  readonly #pods = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** Of each ReplicaSet, the Deployment. */
  readonly #owners = new Map<string, string>();

  constructor(world: World) {
    this.#ready = new Lately(world.time);
    this.#said = new Lately(world.time);
    this.#replicas = new Lately(world.time);
    world.api.onWrite((write) => this.#take(write));
  }

  /** The most pods that were ready at once, as anybody could have seen it of late. */
  mostReady(uid: string): number {
    return Math.max(0, ...this.#ready.of(uid), ...this.#said.of(uid));
  }

  /** The fewest that were. */
  leastReady(uid: string): number {
    return Math.min(...this.#ready.of(uid), ...this.#said.of(uid), Number.MAX_SAFE_INTEGER);
  }

  /** Pods that are ready now. */
  readyNow(uid: string): number {
    return this.#counts.get(uid) ?? 0;
  }

  /** The fewest pods that a Deployment asked for of late. */
  leastReplicas(uid: string): number {
    return Math.min(...this.#replicas.of(uid), Number.MAX_SAFE_INTEGER);
  }

  #take(write: Write): void {
    const { object, type } = write;
    if (isOf(write, replicaSets)) this.#owners.set(object.metadata.uid, ownerOf(object) ?? '');
    else if (isOf(write, resources.pods)) this.#takePod(object, type !== 'DELETED' && isReady(object));
    else if (isOf(write, resources.deployments)) this.#takeDeployment(object, type === 'DELETED');
  }

  #takeDeployment(deployment: KubeObject, isGone: boolean): void {
    const { uid } = deployment.metadata;
    this.#said.set(uid, isGone ? 0 : (numberAt(deployment['status'], 'readyReplicas') ?? 0));
    if (!isGone) this.#replicas.set(uid, replicasOf(deployment));
  }

  #takePod(pod: KubeObject, ready: boolean): void {
    const key = keyOf(pod);
    const before = this.#pods.get(key);
    const owner = this.#owners.get(ownerOf(pod) ?? '');
    const now = ready ? owner : undefined;
    if (before === now) return;
    if (before !== undefined) this.#count(before, -1);
    if (now === undefined) this.#pods.delete(key);
    else {
      this.#pods.set(key, now);
      this.#count(now, 1);
    }
  }

  #count(uid: string, change: number): void {
    const count = (this.#counts.get(uid) ?? 0) + change;
    this.#counts.set(uid, count);
    this.#ready.set(uid, count);
  }
}

function ownerOf(object: KubeObject): string | undefined {
  return textAt(listAt(object.metadata, 'ownerReferences')[0], 'uid');
}

/** As EndpointSlices have it: a pod that goes takes no new connections. */
function isReady(pod: KubeObject): boolean {
  if ('deletionTimestamp' in pod.metadata) return false;
  return listAt(pod['status'], 'conditions').some(
    (each) => textAt(each, 'type') === 'Ready' && objectAt({ each }, 'each')['status'] === 'True',
  );
}
