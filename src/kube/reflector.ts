import type { Clock, Random } from '../clock.ts';
import { hasCode, messageOf, SerinError } from '../errors.ts';
import type { Kube, KubeList, Scope, WatchEvent } from './kube.ts';
import type { KubeObject, Resource } from './objects.ts';
import { retryInMs } from './retry.ts';
import { type Change, keyOf, Store, type StoreView } from './store.ts';

export interface ReflectorOptions {
  readonly kube: Kube;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Told of each change, in order, once the store has it; for putting the key on a queue and no more. Never awaited;
   * what it throws is reported and changes nothing.
   */
  readonly onChange: (key: string, object: KubeObject | undefined, previous: KubeObject | undefined) => void;
  /** Told of each failure; the reflector goes on by itself. */
  readonly onFailure?: (error: unknown) => void;
  /** Told of each list that is in the store now, before its changes, and of when it was begun. */
  readonly onList?: (begunAt: number) => void;
  /** What is kept of an object, where that is not all of it. */
  readonly project?: (object: KubeObject) => KubeObject;
  /** How long after one list the next one asks whether a kind that was not installed is by now. */
  readonly absentAgainMs?: number;
}

interface ReflectorStats {
  /** When the API server last told us anything (Unix ms). */
  readonly lastSeen: number | undefined;
  /** Full lists after the first. */
  readonly relists: number;
  /** Failures after which it started over. */
  readonly restarts: number;
  /** Why it does not follow the API server just now. */
  readonly trouble: string | undefined;
}

/** Keeps a copy of all objects of a kind, and says what changes, until told to stop. */
export interface Reflector {
  readonly store: StoreView;
  /** True once the store has held everything there was. */
  readonly synced: boolean;
  /** False where the API server has no such kind, as of the last list. */
  readonly isInstalled: boolean;
  readonly stats: ReflectorStats;
  /** Runs until `signal` aborts; never rejects for what the API server does. May be called once. */
  run(signal: AbortSignal): Promise<void>;
  /** Tells `onChange` of every object again, as unchanged: for a full look now and then. */
  announceAll(): void;
}

const pageSize = 500;
// etcd keeps what a list needs for five minutes; one that is overtaken again and again needs a pause, not haste.
const mostListRestarts = 3;
const usualAbsentAgainMs = 30_000;
// A stream that lived so long was no failure to connect; one that ended so soon must not be opened again at once.
const livedMs = 30_000;
const stillbornMs = 1_000;
// Then our version may be one the server will never reach (etcd restored from a backup); a new list tells.
const mostFailuresOfAVersion = 3;

/** A reflector of what `scope` holds; it does nothing before `run`. */
export function createReflector(options: ReflectorOptions): Reflector {
  return new ListAndWatch(options);
}

class ListAndWatch implements Reflector {
  readonly store = new Store();
  readonly #options: ReflectorOptions;
  #isStarted = false;
  #synced = false;
  #isInstalled = false;
  #lists = 0;
  #restarts = 0;
  #lastSeen: number | undefined;
  #trouble: string | undefined;
  /** Where the next watch begins: as the server wrote it, never computed. Undefined: a list must come first. */
  #version: string | undefined;
  #failuresInARow = 0;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  get synced(): boolean {
    return this.#synced;
  }

  get isInstalled(): boolean {
    return this.#isInstalled;
  }

  get stats(): ReflectorStats {
    const relists = Math.max(this.#lists - 1, 0);
    return { lastSeen: this.#lastSeen, relists, restarts: this.#restarts, trouble: this.#trouble };
  }

  announceAll(): void {
    this.#announce(this.store.list().map((object) => ({ key: keyOf(object), object, previous: object })));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, resource, absentAgainMs = usualAbsentAgainMs } = this.#options;
    if (this.#isStarted) throw new Error(`the reflector of ${resource.plural} was started before`);
    this.#isStarted = true;
    while (!signal.aborted) {
      try {
        if (this.#version !== undefined) await this.#watch(this.#version, signal);
        else if (!(await this.#list(signal))) await clock.sleep(absentAgainMs, signal);
      } catch (error) {
        await clock.sleep(this.#failed(error), signal);
      }
    }
  }

  /** Makes the store what the server has; false where the kind is not installed, which is a store of nothing. */
  async #list(signal: AbortSignal): Promise<boolean> {
    const { clock, project, onList } = this.#options;
    const begunAt = clock.now();
    const list = await this.#wholeList(signal);
    if (signal.aborted) return true;
    this.#version = list?.resourceVersion;
    this.#isInstalled = list !== undefined;
    this.#lists += 1;
    this.#heard();
    const items = list?.items ?? [];
    const changes = this.store.replace(project === undefined ? items : items.map(project));
    this.#synced = true;
    onList?.(begunAt);
    this.#announce(changes);
    return list !== undefined;
  }

  /** All pages; a list that is overtaken (410 on a page) begins again, a few times. */
  async #wholeList(signal: AbortSignal): Promise<KubeList | undefined> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        return await this.#pages(signal);
      } catch (error) {
        if (!hasCode(error, 'KUBE_GONE') || restarts === mostListRestarts) throw error;
      }
    }
  }

  async #pages(signal: AbortSignal): Promise<KubeList | undefined> {
    const { kube, resource, scope } = this.#options;
    const first = await kube.list(resource, { ...scope, limit: pageSize });
    const items = [...(first?.items ?? [])];
    for (let next = first?.continue; next !== undefined && !signal.aborted; ) {
      const page = await kube.list(resource, { ...scope, limit: pageSize, continue: next });
      items.push(...(page?.items ?? []));
      next = page?.continue;
    }
    return first === undefined ? undefined : { items, resourceVersion: first.resourceVersion };
  }

  /** Follows one stream to its end. */
  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const { kube, resource, scope, clock, random } = this.#options;
    const openedAt = clock.now();
    // The server ends each stream after a time of its own, so that they do not all come back together.
    const asked = { ...scope, resourceVersion: version, timeoutSeconds: 300 + Math.floor(random() * 301) };
    try {
      for await (const event of kube.watch(resource, asked, signal)) {
        this.#take(event);
        this.#failuresInARow = 0;
      }
    } finally {
      if (clock.now() - openedAt >= livedMs) this.#failuresInARow = 0;
    }
    if (!signal.aborted && clock.now() - openedAt < stillbornMs)
      throw new SerinError(
        'KUBE_UNREACHABLE',
        `cannot watch ${resource.plural}: the stream ended as it began`,
      );
  }

  #take(event: WatchEvent): void {
    this.#heard();
    if (event.type === 'BOOKMARK') {
      this.#version = event.resourceVersion;
      return;
    }
    this.#version = event.object.metadata.resourceVersion;
    if (event.type === 'DELETED') return this.#announce(this.store.remove(event.object));
    this.#announce(this.store.put(this.#options.project?.(event.object) ?? event.object));
  }

  #announce(changes: readonly Change[]): void {
    for (const { key, object, previous } of changes) {
      try {
        this.#options.onChange(key, object, previous);
      } catch (error) {
        this.#options.onFailure?.(error);
      }
    }
  }

  #heard(): void {
    this.#lastSeen = this.#options.clock.now();
    this.#trouble = undefined;
  }

  /** Takes note of a failure; answers how long to wait. */
  #failed(error: unknown): number {
    this.#restarts += 1;
    this.#failuresInARow += 1;
    this.#trouble = messageOf(error);
    const isOvertaken = hasCode(error, 'KUBE_GONE') || hasCode(error, 'KUBE_NOT_FOUND');
    if (isOvertaken || this.#failuresInARow >= mostFailuresOfAVersion) this.#version = undefined;
    this.#options.onFailure?.(error);
    return retryInMs(error, this.#failuresInARow, this.#options.random);
  }
}
