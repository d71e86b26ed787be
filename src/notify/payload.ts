import type { Receiver } from '../config/messages.ts';
import { cloudevent } from './cloudevents.ts';
import { discord } from './discord.ts';
import { googleChat } from './googlechat.ts';
import type { Message } from './message.ts';
import { msteams } from './msteams.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

/** A message as a service takes it. */
export interface Payload {
  readonly body: string;
  /** Beside those that every call has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the address is to ask for, too. */
  readonly query?: Readonly<Record<string, string>>;
}

/** The message for one that is posted to its address; `thread` tells this rollout from others. */
export function payloadOf({ type, mode }: Receiver, message: Message, thread: string): Payload {
  switch (type) {
    case 'slack':
      return { body: JSON.stringify(slack(message)) };
    case 'msteams':
      return { body: JSON.stringify(msteams(message)) };
    case 'discord':
      return { body: JSON.stringify(discord(message)) };
    case 'googlechat':
      return {
        body: JSON.stringify(googleChat(message, thread)),
        query: { messageReplyOption: 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD' },
      };
    case 'webhook':
      return { body: JSON.stringify(webhook(message)) };
    case 'cloudevents':
      return cloudevent(message, mode);
  }
}

/** True for those that are told of every step; to people each would be one message more. */
export function hearsProgress({ type }: Receiver): boolean {
  return type === 'webhook' || type === 'cloudevents';
}
