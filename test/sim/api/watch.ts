// Watches, as kube-apiserver's watch cache serves them: what was written after a version, what is written from now on,
// a bookmark each minute, and an end.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { textOf } from './frozen.ts';
import { apiVersionOf } from './kinds.ts';
import { failure } from './refusal.ts';
import { type Matcher, matcherOf } from './selectors.ts';
import type { Storage } from './storage.ts';
import type { Call, Write } from './types.ts';

const bookmarkEachMs = 60_000;
/** Before the end of a watch that has one. */
const lastBookmarkMs = 2_000;
/** --min-request-timeout: a watch that names no end gets one between this and twice this. */
const leastSeconds = 1_800;

type EventType = Write['type'];

/** Where the lines of a watch go. */
export interface Sink {
  line(bytes: Uint8Array, write?: Write): void;
  end(): void;
}

export class Watches {
  readonly #storage: Storage;
  readonly #time: SimTime;
  readonly #dice: Dice;
  readonly #open = new Set<(write: Write) => void>();

  constructor(storage: Storage, time: SimTime, dice: Dice) {
    this.#storage = storage;
    this.#time = time;
    this.#dice = dice;
    storage.onWrite((write) => {
      for (const take of this.#open) take(write);
    });
  }

  /** Sends lines until the watch ends or is closed by what this answers. */
  open(call: Call, sink: Sink): () => void {
    const { resource, namespace, query } = call;
    const matches = matcherOf(query['labelSelector'], query['fieldSelector']);
    const asked = query['resourceVersion'] ?? '';
    const from = asked === '' || asked === '0' ? undefined : Number(asked);
    if (from !== undefined && from < this.#storage.forgotten) {
      sink.line(errorLine(`too old resource version: ${asked} (${this.#storage.forgotten})`));
      sink.end();
      return () => {};
    }
    const send = (write: Write): void => {
      const isOurs = write.resource.plural === resource.plural && write.resource.group === resource.group;
      if (!isOurs || (namespace !== undefined && write.object.metadata.namespace !== namespace)) return;
      const event = eventFor(write, matches);
      if (event !== undefined) sink.line(event, write);
    };
    if (from === undefined)
      for (const object of this.#storage.list(resource, namespace).filter(matches))
        sink.line(eventLine('ADDED', object));
    else for (const write of this.#storage.since(resource, from)) send(write);
    this.#open.add(send);
    const timers = this.#timers(call, sink, () => this.#open.delete(send));
    return () => {
      this.#open.delete(send);
      timers();
    };
  }

  #timers({ resource, query }: Call, sink: Sink, close: () => void): () => void {
    const seconds =
      Number(query['timeoutSeconds'] ?? 0) || Math.floor(leastSeconds * (1 + this.#dice.next()));
    const bookmark = (): void => sink.line(bookmarkLine(resource, this.#storage.version));
    const cancels: (() => void)[] = [];
    if (query['allowWatchBookmarks'] === 'true') {
      cancels.push(this.#time.every(bookmarkEachMs, bookmark));
      cancels.push(this.#time.after(seconds * 1_000 - lastBookmarkMs, bookmark));
    }
    const stop = (): void => {
      for (const cancel of cancels) cancel();
    };
    const end = (): void => {
      close();
      stop();
      sink.end();
    };
    cancels.push(this.#time.after(seconds * 1_000, end));
    return stop;
  }
}

const lines = new WeakMap<KubeObject, Map<EventType, Uint8Array>>();

/** What a write is to a watch that selects: who comes into it is added, who leaves it is deleted, as it was before. */
function eventFor({ type, object, previous }: Write, matches: Matcher): Uint8Array | undefined {
  const isIn = matches(object);
  if (type === 'DELETED')
    return previous !== undefined && matches(previous) ? eventLine(type, object) : undefined;
  const wasIn = previous !== undefined && matches(previous);
  if (isIn) return eventLine(wasIn ? 'MODIFIED' : 'ADDED', object);
  if (!wasIn) return undefined;
  // The version is that of the event, so that the watch goes on after it.
  const { resourceVersion } = object.metadata;
  return eventLine('DELETED', { ...previous, metadata: { ...previous.metadata, resourceVersion } });
}

function eventLine(type: EventType, object: KubeObject): Uint8Array {
  const known = lines.get(object) ?? new Map<EventType, Uint8Array>();
  lines.set(object, known);
  const bytes = known.get(type) ?? Buffer.from(`{"type":"${type}","object":${textOf(object)}}\n`);
  known.set(type, bytes);
  return bytes;
}

function bookmarkLine(resource: Call['resource'], version: number): Uint8Array {
  const metadata: JsonObject = { resourceVersion: String(version) };
  const object = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata };
  return Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
}

function errorLine(message: string): Uint8Array {
  const { body } = failure(410, 'Expired', message);
  return Buffer.from(`${JSON.stringify({ type: 'ERROR', object: body })}\n`);
}
