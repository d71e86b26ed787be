import type { Clock, Random } from '../clock.ts';
import type { Receiver } from '../config/messages.ts';
import { parseJson } from '../config/json.ts';
import { again, type Heard, post, type Wire } from '../gates/post.ts';
import { hash } from '../kube/hash.ts';
import { isObject, textAt } from '../routing/json.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import type { Conversation } from './conversations.ts';
import type { Door } from './door.ts';
import { isLast, type Message } from './message.ts';
import { hearsProgress, type Payload, payloadOf } from './payload.ts';
import { slack } from './slack.ts';

/** What messages are sent with. */
export interface Sending extends Wire {
  readonly clock: Clock;
  readonly random: Random;
  /** True once another may send: then nothing is sent any more. */
  readonly isOver: () => boolean;
}

/** A message on its way to one receiver. */
export interface Delivery {
  readonly door: Door;
  readonly receiver: Receiver;
  readonly message: Message;
  readonly conversation: Conversation;
  /** True where it is told nobody, and only shown in the first message of its thread. */
  readonly isQuiet: boolean;
  /** True where a newer one shows how the rollout stands. */
  readonly isOutdated: () => boolean;
}

export type Delivered =
  | { readonly kind: 'told'; readonly root?: Conversation['root'] }
  /** Not for this receiver. */
  | { readonly kind: 'passed over' }
  | { readonly kind: 'failed'; readonly why: string };

/** With pauses of up to 30 s: about a quarter of an hour, and about a minute. */
const triesOfLast = 45;
const triesOfOthers = 7;

/** Sends a message; never throws. */
export async function deliver(by: Sending, delivery: Delivery): Promise<Delivered> {
  const { door, receiver, message, conversation } = delivery;
  if (door.isThreaded) return inThread(by, delivery);
  if (message.kind === 'progress' && !hearsProgress(receiver)) return { kind: 'passed over' };
  const thread = hash([conversation.uid, conversation.revision, conversation.openedAt].join('/')).slice(
    0,
    32,
  );
  const heard = await send(by, delivery, payloadOf(receiver, message, thread));
  const isTold = heard.kind === 'answer' && heard.status >= 200 && heard.status <= 299;
  return isTold ? { kind: 'told' } : { kind: 'failed', why: heard.why };
}

/** Slack's thread: the first message says how the rollout stands, and each that follows answers it. */
async function inThread(by: Sending, delivery: Delivery): Promise<Delivered> {
  const { receiver, message, conversation, isQuiet, isOutdated } = delivery;
  const { channel = '' } = receiver;
  const { root } = conversation;
  const isStep = isQuiet || message.kind === 'progress';
  if (root === undefined) {
    if (isStep) return { kind: 'passed over' };
    const posted = await callSlack(by, delivery, 'chat.postMessage', { channel, ...slack(message, true) });
    if ('why' in posted) return { kind: 'failed', why: posted.why };
    const { channel: where = channel, ts } = posted;
    return { kind: 'told', ...(ts === undefined ? {} : { root: { channel: where, ts } }) };
  }
  if (!isStep) {
    // What went wrong is shown to the whole channel, too.
    const shown = message.severity === 'error' ? { reply_broadcast: true } : {};
    const reply = { channel: root.channel, thread_ts: root.ts, ...shown, ...slack(message) };
    const posted = await callSlack(by, delivery, 'chat.postMessage', reply);
    if ('why' in posted) return { kind: 'failed', why: posted.why };
  }
  if (isOutdated()) return { kind: isStep ? 'passed over' : 'told' };
  const now = { channel: root.channel, ts: root.ts, ...slack(message, true) };
  const changed = await callSlack(by, delivery, 'chat.update', now);
  return 'why' in changed ? { kind: 'failed', why: changed.why } : { kind: 'told' };
}

interface Posted {
  readonly channel?: string;
  readonly ts?: string;
}

async function callSlack(
  by: Sending,
  delivery: Delivery,
  method: string,
  body: JsonObject,
): Promise<Posted | { readonly why: string }> {
  const payload = {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  };
  const heard = await send(by, delivery, payload, method);
  if (heard.kind === 'none' || heard.status !== 200) return { why: heard.why };
  const answer = parseJson(heard.body) as Json | undefined;
  if (!isObject(answer)) return { why: heard.why };
  // A code as `channel_not_found` (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
  if (answer['ok'] !== true) return { why: `${delivery.door.where}: ${method} says ${codeIn(answer)}` };
  const [channel, ts] = [textAt(answer, 'channel'), textAt(answer, 'ts')];
  return { ...(channel === undefined ? {} : { channel }), ...(ts === undefined ? {} : { ts }) };
}

function codeIn(answer: JsonObject): string {
  const code = textAt(answer, 'error') ?? '';
  return /^[a-z_]{1,60}$/.test(code) ? code : 'no';
}

/** Slack's own failures, which pass. */
const passing =
  /^(?:ratelimited|rate_limited|internal_error|fatal_error|service_unavailable|request_timeout)$/;

function send(by: Sending, { door, message }: Delivery, payload: Payload, path?: string): Promise<Heard> {
  const tries = isLast(message) ? triesOfLast : triesOfOthers;
  const isFinal = (heard: Heard): boolean => {
    if (by.isOver()) return true;
    if (heard.kind === 'none' || heard.status === 429 || heard.status >= 500) return false;
    return path === undefined || !passing.test(codeIn(asObject(heard.body)));
  };
  return again(by, { tries, isFinal }, () =>
    by.isOver()
      ? Promise.resolve({ kind: 'none', why: `${door.where}: another sends by now` })
      : post(by, door.posting(payload, by.clock.now(), path)),
  );
}

function asObject(body: string): JsonObject {
  const json = parseJson(body) as Json | undefined;
  return isObject(json) ? json : {};
}
