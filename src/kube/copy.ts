import type { KubeObject } from './objects.ts';
import { keyOf, type StoreView } from './store.ts';

/** A call on one object that is under way. */
export interface Flight {
  readonly key: string;
  readonly sentAt: number;
  /** Versions that the watch has told of meanwhile. */
  readonly told: Set<string>;
  /** True where all was listed anew meanwhile: whether that list has the call in it is not known. */
  isOvertaken: boolean;
}

/** What an answer said of an object, that the watch has not told yet. */
type Answer = { readonly sentAt: number } & (
  | { readonly object: KubeObject }
  /** It is gone; the watch may still tell of what became of it before. */
  | { readonly goneUid: string }
);

/**
 * What a watch keeps of one kind, with the answers to our own calls in it from the moment they come. A watch tells of every
 * version in order, so an answer stands until that very version is told; versions are compared for being the same alone.
 */
export class Copy implements StoreView {
  readonly #store: StoreView;
  readonly #project: (object: KubeObject) => KubeObject;
  readonly #answers = new Map<string, Answer>();
  readonly #flights = new Set<Flight>();
  readonly #now: (() => number) | undefined;
  /** Of each key, the version that is shown and since when. */
  readonly #known = new Map<string, { readonly version: string; readonly at: number }>();
  #provenAt = Number.NEGATIVE_INFINITY;

  /** With `now` it keeps since when each version is known. */
  constructor(
    store: StoreView,
    project: (object: KubeObject) => KubeObject = (object) => object,
    now?: () => number,
  ) {
    this.#store = store;
    this.#project = project;
    this.#now = now;
  }

  /** What was written before this (Unix ms) has been told. */
  get provenAt(): number {
    return this.#provenAt;
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#shown(nameKey(namespace, name), this.#store.get(namespace, name));
  }

  list(): readonly KubeObject[] {
    return this.#with(this.#store.list(), () => true);
  }

  inNamespace(namespace: string): readonly KubeObject[] {
    return this.#with(this.#store.inNamespace(namespace), ({ metadata }) => metadata.namespace === namespace);
  }

  /**
   * Since when (Unix ms) this process has known that very version: by then it was written, which the server itself tells in
   * whole seconds alone.
   */
  knownSince({ metadata }: KubeObject): number | undefined {
    const known = this.#known.get(nameKey(metadata.namespace, metadata.name));
    return known?.version === metadata.resourceVersion ? known.at : undefined;
  }

  /** The watch has told of the object. */
  heard(key: string, object: KubeObject | undefined, previous: KubeObject | undefined): void {
    const version = object?.metadata.resourceVersion;
    this.#note(key, version);
    if (version !== undefined)
      for (const flight of this.#flights) if (flight.key === key) flight.told.add(version);
    const answer = this.#answers.get(key);
    if (answer === undefined || !isTold(answer, object, previous)) return;
    this.#answers.delete(key);
    if (object !== undefined) this.#provenAt = answer.sentAt;
  }

  /** The watch has told of something that was written then, by the server's clock: all before it has been told. */
  toldUntil(at: number): void {
    if (at > this.#provenAt) this.#provenAt = at;
  }

  /** All was listed anew; what was answered before that began is in it. */
  listed(begunAt: number): void {
    for (const flight of this.#flights) flight.isOvertaken = true;
    for (const [key, { sentAt }] of this.#answers) if (sentAt < begunAt) this.#answers.delete(key);
    this.#provenAt = begunAt;
  }

  /** A call on the object is sent. */
  begin(namespace: string | undefined, name: string, sentAt: number): Flight {
    const flight = { key: nameKey(namespace, name), sentAt, told: new Set<string>(), isOvertaken: false };
    this.#flights.add(flight);
    return flight;
  }

  /** The call has failed. */
  fail(flight: Flight): void {
    this.#flights.delete(flight);
  }

  /** The call was answered with the object. */
  answer(flight: Flight, object: KubeObject): void {
    this.#flights.delete(flight);
    const { metadata } = object;
    const shown = this.get(metadata.namespace, metadata.name);
    // A write that changed nothing, or a read of what is known.
    if (shown?.metadata.resourceVersion === metadata.resourceVersion) return;
    if (flight.told.has(metadata.resourceVersion)) this.#provenAt = flight.sentAt;
    else this.#take(flight, { object: this.#project(object), sentAt: flight.sentAt });
  }

  /** The call was answered: that very object is gone. */
  answerGone(flight: Flight, uid: string): void {
    this.#flights.delete(flight);
    this.#take(flight, { goneUid: uid, sentAt: flight.sentAt });
  }

  #note(key: string, version: string | undefined): void {
    if (this.#now === undefined || this.#known.get(key)?.version === version) return;
    if (version === undefined) this.#known.delete(key);
    else this.#known.set(key, { version, at: this.#now() });
  }

  #take({ key, isOvertaken }: Flight, answer: Answer): void {
    const known = this.#answers.get(key);
    if (isOvertaken || (known !== undefined && known.sentAt > answer.sentAt)) return;
    this.#answers.set(key, answer);
    if ('object' in answer) this.#note(key, answer.object.metadata.resourceVersion);
  }

  #shown(key: string, told: KubeObject | undefined): KubeObject | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return told;
    return 'object' in answer ? answer.object : told?.metadata.uid === answer.goneUid ? undefined : told;
  }

  #with(told: readonly KubeObject[], isAsked: (object: KubeObject) => boolean): readonly KubeObject[] {
    if (this.#answers.size === 0) return told;
    const keys = new Set(told.map(keyOf));
    const made = [...this.#answers].flatMap(([key, answer]) =>
      'object' in answer && !keys.has(key) && isAsked(answer.object) ? [answer.object] : [],
    );
    return [...told.flatMap((object) => this.#shown(keyOf(object), object) ?? []), ...made];
  }
}

function nameKey(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** True where the watch has come to what was answered, or past it. */
function isTold(answer: Answer, object: KubeObject | undefined, previous: KubeObject | undefined): boolean {
  if ('object' in answer) {
    const { uid, resourceVersion } = answer.object.metadata;
    return object === undefined
      ? previous?.metadata.uid === uid
      : object.metadata.resourceVersion === resourceVersion;
  }
  // What is not gone at once is told of: it waits for somebody's finalizer.
  return object?.metadata.uid !== answer.goneUid || 'deletionTimestamp' in object.metadata;
}
