// What etcd and the watch cache are to kube-apiserver: objects by kind, one count of versions for all, and the writes
// of the last minutes.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { SimTime } from '../time.ts';
import { frozen } from './frozen.ts';
import { apiVersionOf, kindKey } from './kinds.ts';
import type { Call, Write } from './types.ts';

type Listener = (write: Write) => void;

/** Something was there before; of it nothing is known. */
const firstVersion = 100;
/** kube-apiserver has etcd forget each five minutes what was five minutes ago. */
const compactEachMs = 300_000;

/** What there is of one kind. */
class Kind {
  readonly resource: Resource;
  readonly objects = new Map<string, KubeObject>();
  readonly history: Write[] = [];
  /** Lists in the order of etcd's keys, until the next write; `` is all namespaces. */
  readonly lists = new Map<string, readonly KubeObject[]>();

  constructor(resource: Resource) {
    this.resource = resource;
  }
}

/** An object as it is to be stored: all but its resourceVersion. */
export type Draft = JsonObject & { readonly metadata: JsonObject & { readonly name: string } };

export class Storage {
  readonly #time: SimTime;
  readonly #kinds = new Map<string, Kind>();
  readonly #listeners: Listener[] = [];
  readonly #untold: Write[] = [];
  #version = firstVersion;
  #forgotten = firstVersion;
  #mark: { at: number; version: number };

  constructor(time: SimTime) {
    this.#time = time;
    this.#mark = { at: time.now, version: 0 };
  }

  /** The newest version that was written. */
  get version(): number {
    return this.#version;
  }

  /** Writes up to this version are forgotten. */
  get forgotten(): number {
    this.#forget();
    return this.#forgotten;
  }

  get kinds(): readonly Resource[] {
    return [...this.#kinds.values()].map(({ resource }) => resource);
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#kind(resource).objects.get(keyOf(namespace, name));
  }

  /** In the order of their keys. */
  list(resource: Resource, namespace = ''): readonly KubeObject[] {
    const { objects, lists } = this.#kind(resource);
    const known = lists.get(namespace);
    if (known !== undefined) return known;
    const keys = [...objects.keys()].filter((key) => namespace === '' || key.startsWith(`${namespace}/`));
    const list = keys.sort().flatMap((key) => objects.get(key) ?? []);
    lists.set(namespace, list);
    return list;
  }

  /** The writes of a kind after `version`, oldest first. */
  since(resource: Resource, version: number): readonly Write[] {
    const { history } = this.#kind(resource);
    return history.slice(firstAfter(history, version));
  }

  onWrite(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Stores `draft` in place of `previous`, and tells everybody. */
  put(call: Call, draft: Draft, previous: KubeObject | undefined): KubeObject {
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    return this.#commit(call, type, draft, previous);
  }

  /** Takes `previous` out; `last` is what it was at the end. */
  remove(call: Call, last: Draft, previous: KubeObject): KubeObject {
    return this.#commit(call, 'DELETED', last, previous);
  }

  /** Forgets all writes up to now. */
  compact(): void {
    this.#forgetTo(this.#version);
  }

  #commit(
    call: Call,
    type: Write['type'],
    { kind, apiVersion, metadata, ...rest }: Draft,
    previous: KubeObject | undefined,
  ): KubeObject {
    this.#forget();
    this.#version += 1;
    const version = String(this.#version);
    const whole: JsonObject = {
      // Go's order; lists leave the first two out (see reads.ts).
      kind: kind ?? call.resource.kind,
      apiVersion: apiVersion ?? apiVersionOf(call.resource),
      metadata: { ...metadata, resourceVersion: version },
      ...rest,
    };
    const object = frozen(whole) as KubeObject;
    const { resource } = call;
    const of = this.#kind(resource);
    const { namespace, name } = object.metadata;
    if (type === 'DELETED') of.objects.delete(keyOf(namespace, name));
    else of.objects.set(keyOf(namespace, name), object);
    of.lists.delete('');
    of.lists.delete(namespace ?? '');
    const write: Write = {
      version: this.#version,
      at: this.#time.now,
      type,
      resource,
      object,
      previous,
      call,
    };
    of.history.push(write);
    this.#tell(write);
    return object;
  }

  /** A listener that writes is told of its write after everybody was told of this one. */
  #tell(write: Write): void {
    this.#untold.push(write);
    if (this.#untold.length > 1) return;
    for (let next = this.#untold[0]; next !== undefined; next = this.#untold[0]) {
      for (const listener of this.#listeners) listener(next);
      this.#untold.shift();
    }
  }

  #forget(): void {
    const { at, version } = this.#mark;
    if (this.#time.now - at < compactEachMs) return;
    this.#mark = { at: this.#time.now, version: this.#version };
    this.#forgetTo(version);
  }

  #forgetTo(version: number): void {
    this.#forgotten = Math.max(this.#forgotten, version);
    for (const { history } of this.#kinds.values()) history.splice(0, firstAfter(history, version));
  }

  #kind(resource: Resource): Kind {
    const key = kindKey(resource);
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const kind = new Kind(resource);
    this.#kinds.set(key, kind);
    return kind;
  }
}

/** etcd's key within a kind. */
function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function firstAfter(history: readonly Write[], version: number): number {
  let [low, high] = [0, history.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history[middle]?.version ?? 0) > version) high = middle;
    else low = middle + 1;
  }
  return low;
}
