import type { KubeObject } from './objects.ts';

/** `namespace/name`, or `name` where the kind has no namespaces. */
export function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** What became of a key: what it was, what it is. */
export interface Change {
  readonly key: string;
  readonly object: KubeObject | undefined;
  readonly previous: KubeObject | undefined;
}

/** What a reflector knows of a kind. */
export interface StoreView {
  get(namespace: string | undefined, name: string): KubeObject | undefined;
  list(): readonly KubeObject[];
  inNamespace(namespace: string): readonly KubeObject[];
}

type Namespaces = Map<string, Map<string, KubeObject>>;

/** The objects of one kind by namespace. Each write answers with what it changed, and does so once it is all in. */
export class Store implements StoreView {
  #namespaces: Namespaces = new Map();

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#namespaces.get(namespace ?? '')?.get(name);
  }

  list(): readonly KubeObject[] {
    return [...this.#namespaces.values()].flatMap((objects) => [...objects.values()]);
  }

  inNamespace(namespace: string): readonly KubeObject[] {
    return [...(this.#namespaces.get(namespace)?.values() ?? [])];
  }

  /** Takes the object in; one of the same name that is another (uid) is told to be gone first. */
  put(object: KubeObject): readonly Change[] {
    const { namespace, name } = object.metadata;
    const previous = this.get(namespace, name);
    put(this.#namespaces, object);
    return changesOf(previous, object);
  }

  /** Takes the object out, if it is that very one. */
  remove({ metadata: { namespace = '', name, uid } }: KubeObject): readonly Change[] {
    const objects = this.#namespaces.get(namespace);
    const previous = objects?.get(name);
    if (objects === undefined || previous?.metadata.uid !== uid) return [];
    objects.delete(name);
    if (objects.size === 0) this.#namespaces.delete(namespace);
    return changesOf(previous, undefined);
  }

  /** Holds exactly these from now on; who reads sees all of the old or all of the new. */
  replace(objects: readonly KubeObject[]): readonly Change[] {
    const before = this.#namespaces;
    const after: Namespaces = new Map();
    for (const object of objects) put(after, object);
    this.#namespaces = after;
    const old = [...before.values()].flatMap((each) => [...each.values()]);
    const gone = old.filter(({ metadata: { namespace, name } }) => this.get(namespace, name) === undefined);
    const there = objects.map((object): readonly [KubeObject | undefined, KubeObject] => {
      const { namespace = '', name } = object.metadata;
      return [before.get(namespace)?.get(name), object];
    });
    return [
      ...gone.flatMap((object) => changesOf(object, undefined)),
      ...there.flatMap(([previous, object]) => changesOf(previous, object)),
    ];
  }
}

function put(namespaces: Namespaces, object: KubeObject): void {
  const { namespace = '', name } = object.metadata;
  const objects = namespaces.get(namespace) ?? new Map<string, KubeObject>();
  namespaces.set(namespace, objects.set(name, object));
}

/** A resourceVersion is only ever compared for being the same: what it looks like is the server's matter. */
function changesOf(previous: KubeObject | undefined, object: KubeObject | undefined): readonly Change[] {
  const known = object ?? previous;
  if (known === undefined) return [];
  const key = keyOf(known);
  if (previous === undefined || object === undefined) return [{ key, object, previous }];
  if (previous.metadata.uid !== object.metadata.uid)
    return [
      { key, object: undefined, previous },
      { key, object, previous: undefined },
    ];
  const isSame = previous.metadata.resourceVersion === object.metadata.resourceVersion;
  return isSame ? [] : [{ key, object, previous }];
}
