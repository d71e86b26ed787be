// The garbage collector of the controller manager: what is owned goes a moment after its last owner, by uid.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { listAt, textAt } from '../../../src/routing/json.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import type { Storage } from './storage.ts';
import type { Answer, Call, Write } from './types.ts';

const collector = {
  username: 'system:serviceaccount:kube-system:generic-garbage-collector',
  manager: 'kube-controller-manager',
};
/** From a write to when the collector acts on it, at most. */
const latestMs = 2_000;

/** Where an object is. */
interface Spot {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
}

interface Surroundings {
  readonly storage: Storage;
  readonly time: SimTime;
  readonly dice: Dice;
  readonly call: (call: Call) => Promise<Answer>;
}

/** Collects from now on. */
export class GarbageCollector {
  readonly #around: Surroundings;
  /** Who names an owner, by its uid. */
  readonly #dependents = new Map<string, Map<string, Spot>>();
  readonly #living = new Set<string>();
  /** Owners that wait for their dependents to be seen to. */
  readonly #leaving = new Map<string, Spot>();

  constructor(around: Surroundings) {
    this.#around = around;
    around.storage.onWrite((write) => this.#see(write));
  }

  #see({ type, resource, object, previous }: Write): void {
    const { uid, name, namespace } = object.metadata;
    const spot: Spot = { resource, namespace, name, uid };
    if (type === 'DELETED') {
      this.#living.delete(uid);
      this.#leaving.delete(uid);
      for (const owner of ownersOf(previous)) this.#dependents.get(owner)?.delete(uid);
      for (const each of this.#dependents.get(uid)?.values() ?? []) this.#later(() => this.#judge(each));
      for (const owner of ownersOf(previous)) this.#unblock(owner);
      return;
    }
    this.#living.add(uid);
    if (previous?.metadata['ownerReferences'] !== object.metadata['ownerReferences'])
      this.#index(spot, object, previous);
    if (object.metadata['deletionTimestamp'] === undefined || !waitsForDependents(object)) return;
    this.#leaving.set(uid, spot);
    this.#later(() => this.#release(spot));
  }

  #index(spot: Spot, object: KubeObject, previous: KubeObject | undefined): void {
    for (const owner of ownersOf(previous)) this.#dependents.get(owner)?.delete(spot.uid);
    for (const owner of ownersOf(object)) {
      const all = this.#dependents.get(owner) ?? new Map<string, Spot>();
      this.#dependents.set(owner, all.set(spot.uid, spot));
    }
    if (ownersOf(object).some((owner) => !this.#living.has(owner))) this.#later(() => this.#judge(spot));
    for (const owner of ownersOf(previous)) this.#unblock(owner);
  }

  /** A dependent whose owners have all gone is deleted; one of several that went is only struck out. */
  #judge(spot: Spot): void {
    const object = this.#there(spot);
    const owners = listAt(object?.metadata ?? null, 'ownerReferences');
    const left = owners.filter((owner) => this.#living.has(textAt(owner, 'uid') ?? ''));
    if (object === undefined || left.length === owners.length) return;
    if (left.length > 0) return this.#own(spot, left);
    const finalizers = listAt(object.metadata, 'finalizers');
    const propagationPolicy = finalizers.includes('orphan')
      ? 'Orphan'
      : finalizers.includes('foregroundDeletion')
        ? 'Foreground'
        : 'Background';
    this.#delete(spot, propagationPolicy);
  }

  /** Sees to the dependents of an owner that waits for that. */
  #release(spot: Spot): void {
    const object = this.#there(spot);
    const finalizers = listAt(object?.metadata ?? null, 'finalizers');
    const dependents = [...(this.#dependents.get(spot.uid)?.values() ?? [])];
    if (finalizers.includes('orphan')) {
      for (const each of dependents) this.#own(each, this.#othersOf(each, spot.uid));
      this.#finish(spot, 'orphan');
    } else if (finalizers.includes('foregroundDeletion')) {
      // All go whom nobody else owns (attemptToDeleteItem: an owner that waits is no solid one); the owner waits for some.
      const blocking = dependents.filter((each) => this.#blocks(each, spot.uid));
      for (const each of dependents)
        if (this.#othersOf(each, spot.uid).length === 0) this.#delete(each, 'Foreground');
      if (blocking.length === 0) this.#finish(spot, 'foregroundDeletion');
    }
  }

  #unblock(owner: string): void {
    const waiting = this.#leaving.get(owner);
    if (waiting !== undefined) this.#later(() => this.#release(waiting));
  }

  #blocks(spot: Spot, owner: string): boolean {
    const owners = listAt(this.#there(spot)?.metadata ?? null, 'ownerReferences');
    return owners.some(
      (each) => textAt(each, 'uid') === owner && (each as JsonObject)['blockOwnerDeletion'] === true,
    );
  }

  #othersOf(spot: Spot, owner: string): readonly Json[] {
    const owners = listAt(this.#there(spot)?.metadata ?? null, 'ownerReferences');
    return owners.filter((each) => textAt(each, 'uid') !== owner);
  }

  #there({ resource, namespace, name, uid }: Spot): KubeObject | undefined {
    const object = this.#around.storage.get(resource, namespace, name);
    return object?.metadata.uid === uid ? object : undefined;
  }

  #own(spot: Spot, owners: readonly Json[]): void {
    this.#patch(spot, { ownerReferences: owners.length === 0 ? null : owners });
  }

  #finish(spot: Spot, finalizer: string): void {
    const finalizers = listAt(this.#there(spot)?.metadata ?? null, 'finalizers').filter(
      (each) => each !== finalizer,
    );
    this.#patch(spot, { finalizers: finalizers.length === 0 ? null : finalizers });
  }

  #patch(spot: Spot, metadata: JsonObject): void {
    const body = { metadata: { ...metadata, uid: spot.uid } };
    const { resource, namespace, name } = spot;
    const at = { caller: collector, resource, namespace, name, subresource: undefined, query: {} };
    void this.#around.call({ ...at, verb: 'patch', patchType: 'merge', body });
  }

  #delete({ resource, namespace, name, uid }: Spot, propagationPolicy: string): void {
    const body = { propagationPolicy, preconditions: { uid } };
    const at = { caller: collector, resource, namespace, name, subresource: undefined, query: {} };
    void this.#around.call({ ...at, verb: 'delete', body });
  }

  #later(act: () => void): void {
    this.#around.time.after(this.#around.dice.between(0, latestMs), act);
  }
}

function waitsForDependents({ metadata }: KubeObject): boolean {
  const finalizers = listAt(metadata, 'finalizers');
  return finalizers.includes('orphan') || finalizers.includes('foregroundDeletion');
}

function ownersOf(object: KubeObject | undefined): readonly string[] {
  return listAt(object?.metadata ?? null, 'ownerReferences').map((owner) => textAt(owner, 'uid') ?? '');
}
