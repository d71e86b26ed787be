// Messages of all rollouts of a process. Nothing here holds a rollout up, and nothing throws.
import type { ReceiverType } from '../config/messages.ts';
import { messageOf } from '../errors.ts';
import { Lanes } from '../gates/lanes.ts';
import type { KubeObject } from '../kube/objects.ts';
import { keyOf as keyOfObject } from '../kube/store.ts';
import { analysisOf, compose, isMuted, type News, supersededBy } from './compose.ts';
import { type Conversation, Conversations, type ConversationsOptions } from './conversations.ts';
import { deliver, type Delivered, type Delivery, type Sending } from './deliver.ts';
import { type Opened, openDoor } from './door.ts';
import { endingOf, type Said, saidOf, superseded } from './kind.ts';
import { isLast, type Message } from './message.ts';
import { type Chosen, chosen, hears, keyOf, type Listener, type Settings } from './receivers.ts';

type Outcome = 'told' | 'failed' | 'dropped';

export interface MessagesOptions extends Omit<Sending, 'clock'>, ConversationsOptions {
  /** Told what became of each message. */
  readonly onTold?: (type: ReceiverType, outcome: Outcome) => void;
  /** Told what keeps messages from being heard, once for each Deployment and sentence; nothing secret is in it. */
  readonly onTrouble: (main: KubeObject, sentence: string) => void;
}

/** Whose settings say who hears of a Deployment: its own namespace's, and those of Serin's. */
export interface Told {
  readonly own: Settings;
  readonly home: Settings;
}

export interface Messages {
  /** Tells whoever is to hear of it. */
  tell(news: News, settings: Told): void;
  /** Tells the ends that the process before this one did not; `newsOf` says how a Deployment is now. */
  resume(
    newsOf: (namespace: string, name: string) => { news: News; settings: Told } | undefined,
  ): Promise<void>;
}

/** More than are told in hours. */
const mostRemembered = 1_000;
const doorTries = 6;
const doorPauseMs = 10_000;

/** Makes the messages of a process that leads. */
export function createMessages(options: MessagesOptions): Messages {
  const post = new Post(options);
  return {
    tell: (news, settings) => {
      try {
        const said = saidOf(news.telling, news.state, analysisOf(news));
        if (said !== undefined && !isMuted(news, said)) post.take(news, said, settings);
      } catch (error) {
        options.warn({ err: error, deployment: keyOfObject(news.main) }, `not told: ${messageOf(error)}`);
      }
    },
    resume: async (newsOf) => {
      await post.conversations.load();
      for (const conversation of post.conversations.all) await post.resume(conversation, newsOf);
    },
  };
}

class Post {
  readonly conversations: Conversations;
  readonly #options: MessagesOptions;
  /** Of each receiver, so that one that is dead takes no other's room. */
  readonly #lanes = new Map<string, Lanes>();
  /** Of each conversation that is over, the messages that ended it, by their ids: none is told twice. */
  readonly #ended = new Map<string, readonly string[]>();
  readonly #troubles = new Set<string>();
  /** Of each Deployment, the message that is newest. */
  readonly #newest = new Map<string, string>();

  constructor(options: MessagesOptions) {
    this.#options = options;
    this.conversations = new Conversations(options);
  }

  take(news: News, said: Said, settings: Told): void {
    const { listeners } = this.#chosen(news, settings);
    for (const listener of listeners)
      this.#enqueue(news.main, listener, compose(news, said, listener.settings));
  }

  async resume(
    conversation: Conversation,
    newsOf: (namespace: string, name: string) => { news: News; settings: Told } | undefined,
  ): Promise<void> {
    const now = newsOf(conversation.namespace, conversation.name);
    const isThere = now?.news.main.metadata.uid === conversation.uid;
    const listener = now && this.#chosen(now.news, now.settings).listeners.find(isOf(conversation));
    if (now === undefined || !isThere || listener === undefined)
      return this.conversations.close(conversation);
    const { news } = now;
    const isNewer = news.state.revision !== conversation.revision;
    const said = isNewer ? undefined : endingOf(news.state);
    if (said === undefined && !isNewer) return;
    const message = compose(news, said ?? superseded, listener.settings);
    this.#enqueue(news.main, listener, isNewer ? supersededBy(message, superseded, conversation) : message);
  }

  /** Who hears of it; what is wrong is told of, and the rest goes on. */
  #chosen({ main, spec }: News, { own, home }: Told): Chosen {
    const found = chosen(own, home, spec.analysis.alerts);
    for (const each of found.mistakes) this.#trouble(main, each);
    return found;
  }

  #enqueue(main: KubeObject, listener: Listener, message: Message): void {
    const { onTold, warn } = this.#options;
    const deployment = `${message.namespace}/${message.name}`;
    this.#newest.delete(deployment);
    this.#newest.set(deployment, message.id);
    cut(this.#newest);
    const work = (): Promise<void> =>
      this.#work(main, listener, message).catch((error: unknown) => {
        onTold?.(listener.receiver.type, 'failed');
        warn({ err: error, deployment }, `not told: ${messageOf(error)}`);
      });
    const lanes = this.#lanes.get(keyOf(listener)) ?? new Lanes();
    this.#lanes.set(keyOf(listener), lanes);
    if (lanes.add(deployment, work)) return;
    onTold?.(listener.receiver.type, 'dropped');
    this.#trouble(main, `${listener.receiver.name} was not told: too much waits to be told`);
  }

  async #work(main: KubeObject, listener: Listener, message: Message): Promise<void> {
    await this.conversations.load();
    const key = keyOf(listener);
    const { uid } = main.metadata;
    const of = [key, uid, message.revision].join(' ');
    const ends = this.#ended.get(of) ?? [];
    if (this.#options.isOver() || ends.includes(message.id)) return;
    const open = this.conversations.of(key, uid);
    // The newer one was told meanwhile, and that this one made room.
    if (message.kind === 'superseded' && open?.revision !== message.revision) return;
    if (open !== undefined && open.revision !== message.revision)
      await this.#send(main, listener, supersededBy(message, superseded, open), open);
    const { namespace, name, revision, at: openedAt } = message;
    const known = open?.revision === revision ? open : undefined;
    const conversation = known ?? { receiver: key, namespace, name, uid, revision, openedAt };
    if (known === undefined) await this.conversations.keep(conversation);
    await this.#send(main, listener, message, conversation);
    // Another trial of the same candidate may end as the one before.
    if (!isLast(message)) return void this.#ended.delete(of);
    this.#ended.set(of, [...ends, message.id]);
    cut(this.#ended);
    if (!this.#options.isOver()) await this.conversations.close(conversation);
  }

  async #send(
    main: KubeObject,
    listener: Listener,
    message: Message,
    conversation: Conversation,
  ): Promise<void> {
    // What is too small to be told changes what the first message of a thread says all the same.
    const isQuiet = !hears(listener.severity, message.severity);
    if (isQuiet && conversation.root === undefined) return;
    const delivered = await this.#deliver(listener, message, { conversation, isQuiet });
    if (delivered.kind === 'passed over' || this.#options.isOver()) return;
    this.#options.onTold?.(listener.receiver.type, delivered.kind);
    if (delivered.kind === 'failed') return this.#trouble(main, `not told: ${delivered.why}`);
    if (delivered.root !== undefined)
      await this.conversations.keep({ ...conversation, root: delivered.root });
  }

  async #deliver(
    { namespace, receiver }: Listener,
    message: Message,
    how: Pick<Delivery, 'conversation' | 'isQuiet'>,
  ): Promise<Delivered> {
    const { clock, kube, isOver } = this.#options;
    const open = (): Promise<Opened> => openDoor(kube, namespace, receiver);
    let door = await open();
    // The API server may be away for a moment, and an end is told but once.
    for (
      let tried = 1;
      door.kind === 'none' && isLast(message) && tried < doorTries && !isOver();
      tried += 1
    ) {
      await clock.sleep(doorPauseMs);
      door = await open();
    }
    if (door.kind === 'none') return { kind: 'failed', why: door.why };
    const isOutdated = (): boolean =>
      !isLast(message) && this.#newest.get(`${message.namespace}/${message.name}`) !== message.id;
    return deliver(this.#options, { door, receiver, message, ...how, isOutdated });
  }

  /** Once: whoever looks has read it, and an Event counts for an hour. */
  #trouble(main: KubeObject, sentence: string): void {
    const key = `${main.metadata.uid} ${sentence}`;
    if (this.#troubles.has(key)) return;
    this.#troubles.add(key);
    cut(this.#troubles);
    this.#options.onTrouble(main, sentence);
  }
}

function isOf({ receiver }: Conversation): (listener: Listener) => boolean {
  return (listener) => keyOf(listener) === receiver;
}

/** The oldest goes. */
function cut(kept: Set<string> | Map<string, unknown>): void {
  const [oldest] = kept.keys();
  if (kept.size > mostRemembered && oldest !== undefined) kept.delete(oldest);
}
