import { Counter, type Registry } from 'prom-client';
import { type ReceiverType, receiverTypes } from '../config/messages.ts';
import { named } from './named.ts';

const outcomes = ['told', 'failed', 'dropped'] as const;

/** Counts what became of messages. */
export interface MessageCount {
  inc(kind: ReceiverType, outcome: (typeof outcomes)[number]): void;
}

/** Each published from the start, at 0, so that the first is an increase. */
export function messagesIn(registry: Registry): MessageCount {
  const counter = new Counter({
    ...named(registry, 'messages_total', 'Messages by kind of receiver, and what became of them.'),
    labelNames: ['kind', 'outcome'],
  });
  for (const kind of receiverTypes) for (const outcome of outcomes) counter.inc({ kind, outcome }, 0);
  return { inc: (kind, outcome) => counter.inc({ kind, outcome }) };
}
