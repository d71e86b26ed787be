// The namespace controller: a namespace that is being deleted is emptied, in no order to rely on, and then goes.
import type { Resource } from '../../../src/kube/objects.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { kindKey, kinds } from './kinds.ts';
import type { Storage } from './storage.ts';
import type { Answer, Call, Write } from './types.ts';

const controller = {
  username: 'system:serviceaccount:kube-system:namespace-controller',
  manager: 'kube-controller-manager',
};
const [soonestMs, latestMs] = [500, 5_000];

interface Surroundings {
  readonly storage: Storage;
  readonly time: SimTime;
  readonly dice: Dice;
  readonly call: (call: Call) => Promise<Answer>;
}

/** Empties namespaces that are to go. */
export class NamespaceController {
  readonly #around: Surroundings;
  readonly #due = new Set<string>();

  constructor(around: Surroundings) {
    this.#around = around;
    around.storage.onWrite((write) => this.#see(write));
  }

  #see({ type, resource, object }: Write): void {
    const isNamespace = kindKey(resource) === 'namespaces.';
    const name = isNamespace ? object.metadata.name : object.metadata.namespace;
    if (name === undefined || (!isNamespace && type !== 'DELETED')) return;
    if (this.#isLeaving(name)) this.#later(name);
  }

  #isLeaving(name: string): boolean {
    const namespace = this.#around.storage.get(kinds.namespaces, undefined, name);
    return namespace?.metadata['deletionTimestamp'] !== undefined;
  }

  #later(name: string): void {
    if (this.#due.has(name)) return;
    this.#due.add(name);
    this.#around.time.after(this.#around.dice.between(soonestMs, latestMs), () => {
      this.#due.delete(name);
      if (this.#isLeaving(name)) this.#empty(name);
    });
  }

  #empty(name: string): void {
    const { storage, dice } = this.#around;
    const kindsIn = storage.kinds.filter(({ namespaced }) => namespaced);
    const inside = kindsIn.flatMap((resource) =>
      storage.list(resource, name).map((object) => ({ resource, object })),
    );
    const shuffled = inside
      .map((each) => ({ ...each, at: dice.next() }))
      .sort((a, b) => a.at - b.at)
      .filter(({ object }) => object.metadata['deletionTimestamp'] === undefined);
    for (const { resource, object } of shuffled) this.#delete(resource, name, object.metadata.name);
    if (kindsIn.every((resource) => storage.list(resource, name).length === 0)) this.#finish(name);
  }

  #delete(resource: Resource, namespace: string | undefined, name: string): void {
    const at = { caller: controller, resource, namespace, name, subresource: undefined, query: {} };
    void this.#around.call({ ...at, verb: 'delete', body: { propagationPolicy: 'Background' } });
  }

  /** What removing the finalizer `kubernetes` from its spec does. */
  #finish(name: string): void {
    const { storage } = this.#around;
    const namespace = storage.get(kinds.namespaces, undefined, name);
    if (namespace === undefined) return;
    const at = {
      caller: controller,
      resource: kinds.namespaces,
      namespace: undefined,
      name,
      subresource: undefined,
    };
    storage.remove({ ...at, verb: 'delete', query: {} }, namespace, namespace);
  }
}
