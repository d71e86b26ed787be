// Which rollouts each receiver has heard of, until it has heard how they ended: kept in a ConfigMap, so that after a restart
// a thread goes on and no end is left out.
import type { Clock } from '../clock.ts';
import { hasCode, messageOf } from '../errors.ts';
import { hash } from '../kube/hash.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import { isObject, numberAt, objectAt, textAt } from '../routing/json.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { parseJson } from '../config/json.ts';

/** What one receiver was told of one rollout. */
export interface Conversation {
  /** Namespace of its settings, and its name. */
  readonly receiver: string;
  readonly namespace: string;
  /** Of the Deployment. */
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  /** Unix ms. */
  readonly openedAt: number;
  /** Slack's: the first message of the thread. */
  readonly root?: { readonly channel: string; readonly ts: string };
}

export interface ConversationsOptions {
  readonly kube: Pick<Kube, 'get' | 'create' | 'patch'>;
  readonly clock: Clock;
  /** Serin's own namespace. */
  readonly home: string;
  readonly warn: (fields: object, message: string) => void;
}

export const keptIn = 'serin-messages';
/** Each takes some 300 bytes, and a ConfigMap a MiB. */
const mostKept = 2_000;
const loadTries = 5;
const loadPauseMs = 2_000;

/** The conversations of all receivers. What cannot be kept is told of in the log, and holds no message up. */
export class Conversations {
  readonly #options: ConversationsOptions;
  readonly #open = new Map<string, Conversation>();
  #loading: Promise<void> | undefined;

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  get all(): readonly Conversation[] {
    return [...this.#open.values()];
  }

  /** The one that is open between the two; after `load`. */
  of(receiver: string, uid: string): Conversation | undefined {
    return this.#open.get(keyOf({ receiver, uid }));
  }

  /** Reads what the process before this one kept, once; gives up where it cannot. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async keep(conversation: Conversation): Promise<void> {
    const key = keyOf(conversation);
    this.#open.set(key, conversation);
    const [oldest] = this.#open.keys();
    const dropped = this.#open.size > mostKept && oldest !== undefined ? { [oldest]: null } : {};
    for (const each of Object.keys(dropped)) this.#open.delete(each);
    await this.#write({ ...dropped, [key]: JSON.stringify(conversation) });
  }

  async close(conversation: Conversation): Promise<void> {
    if (!this.#open.delete(keyOf(conversation))) return;
    await this.#write({ [keyOf(conversation)]: null });
  }

  async #load(): Promise<void> {
    const { kube, clock, home, warn } = this.#options;
    for (let tried = 1; tried <= loadTries; tried += 1) {
      try {
        const kept = await kube.get(resources.configMaps, home, keptIn);
        const texts = Object.values(objectAt(kept, 'data'));
        for (const read of texts.flatMap(readConversation)) this.#open.set(keyOf(read), read);
        return;
      } catch (error) {
        warn({ err: error }, `not known what was told before: ${messageOf(error)}`);
        await clock.sleep(loadPauseMs);
      }
    }
  }

  async #write(data: JsonObject): Promise<void> {
    const { kube, home, warn } = this.#options;
    const body = { data };
    try {
      await kube.patch(resources.configMaps, home, keptIn, { type: 'merge', body }).catch(async (error) => {
        if (!hasCode(error, 'KUBE_NOT_FOUND')) throw error;
        await this.#create();
        return kube.patch(resources.configMaps, home, keptIn, { type: 'merge', body });
      });
    } catch (error) {
      warn({ err: error }, `not kept what was told: ${messageOf(error)}`);
    }
  }

  async #create(): Promise<void> {
    const { kube, home } = this.#options;
    try {
      await kube.create(resources.configMaps, home, { metadata: { name: keptIn, namespace: home } });
    } catch (error) {
      if (!hasCode(error, 'KUBE_CONFLICT')) throw error;
    }
  }
}

function keyOf({ receiver, uid }: Pick<Conversation, 'receiver' | 'uid'>): string {
  return hash([receiver, uid].join('\n')).slice(0, 32);
}

/** None where it is none: whoever wrote that is not believed. */
function readConversation(text: Json): readonly Conversation[] {
  const json = typeof text === 'string' ? (parseJson(text) as Json | undefined) : undefined;
  if (!isObject(json)) return [];
  const [receiver, namespace, name, uid, revision] = ['receiver', 'namespace', 'name', 'uid', 'revision'].map(
    (key) => textAt(json, key),
  );
  const openedAt = numberAt(json, 'openedAt');
  const [channel, ts] = [textAt(json['root'], 'channel'), textAt(json['root'], 'ts')];
  if (receiver === undefined || namespace === undefined || name === undefined) return [];
  if (uid === undefined || revision === undefined || openedAt === undefined) return [];
  const root = channel === undefined || ts === undefined ? {} : { root: { channel, ts } };
  return [{ ...{ receiver, namespace, name, uid, revision, openedAt }, ...root }];
}
