// Receivers on a real server, told as production tells them; loopback is allowed here alone.
import type { TestContext } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import { resources } from '../../src/kube/objects.ts';
import { keptIn } from '../../src/notify/conversations.ts';
import { createMessages, type Messages, type Told } from '../../src/notify/messages.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import { createHttpsFetch } from '../../src/prometheus/https-fetch.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { type GateServer, startGateServer } from '../rig/gate-server.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { hasty, until } from '../gates/rig.ts';

const real = createHttpsFetch();
const anywhere: Fetch = (url, init) => real(url, { ...init, onlyOutside: false });

export interface Rig {
  readonly kube: MemoryKube;
  readonly messages: Messages;
  readonly outcomes: string[];
  readonly troubles: string[];
  readonly log: string[];
  /** Says that another sends by now. */
  readonly leave: () => void;
  /** Waits until so many messages have come to something. */
  readonly told: (count: number) => Promise<void>;
}

/** The messages of a process; a second one with the same `kube` is that after a restart. */
export function rig({ kube = memoryKube(), clock = hasty, fetch = anywhere }: Partial<RigOptions> = {}): Rig {
  const [outcomes, troubles, log]: string[][] = [[], [], []];
  let isOver = false;
  const messages = createMessages({
    ...{ kube, clock, fetch, random: () => 0.5, home: 'serin-system' },
    isOver: () => isOver,
    warn: (_, message) => log?.push(message),
    onTold: (type, outcome) => outcomes?.push(`${type} ${outcome}`),
    onTrouble: ({ metadata }, sentence) => troubles?.push(`${metadata.name}: ${sentence}`),
  });
  return {
    ...{ kube, messages, outcomes: outcomes ?? [], troubles: troubles ?? [], log: log ?? [] },
    leave: () => {
      isOver = true;
    },
    told: (count) => until(() => (outcomes?.length ?? 0) >= count),
  };
}

interface RigOptions {
  readonly kube: MemoryKube;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

/** Settings of namespace shop, and of Serin's own. */
export function settingsOf(own: string, home?: string): Told {
  return { own: { namespace: 'shop', text: own }, home: { namespace: 'serin-system', text: home } };
}

export async function addSecret(
  kube: MemoryKube,
  name: string,
  data: Readonly<Record<string, string>>,
  namespace = 'shop',
): Promise<void> {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  await kube.create(resources.secrets, namespace, {
    metadata: { name, labels: { 'serin.dev/messages': 'true' } },
    data: Object.fromEntries(encoded) as JsonObject,
  });
}

/** What is kept of conversations, without their keys. */
export async function kept(kube: MemoryKube): Promise<readonly Json[]> {
  const map = await kube.get(resources.configMaps, 'serin-system', keptIn);
  return Object.values(objectAt(map, 'data')).flatMap((text) =>
    typeof text === 'string' ? [JSON.parse(text) as Json] : [],
  );
}

export async function serve(t: TestContext): Promise<GateServer> {
  const server = await startGateServer();
  t.after(() => server.close());
  return server;
}

/** What Slack's API was asked, and a server that answers as it does. */
export async function serveSlack(
  t: TestContext,
): Promise<{ url: string; calls: SlackCall[]; server: GateServer }> {
  const server = await serve(t);
  const calls: SlackCall[] = [];
  for (const method of ['chat.postMessage', 'chat.update'])
    server.at(`/api/${method}`, ({ body, headers }, response) => {
      const asked = JSON.parse(body) as SlackCall;
      calls.push({ ...asked, method, authorization: headers.authorization ?? '' });
      const ts = asked.ts ?? `${1000 + calls.length}.000100`;
      response.end(JSON.stringify({ ok: true, channel: 'C123', ts }));
    });
  return { url: `${server.url}/api`, calls, server };
}

export interface SlackCall {
  readonly method: string;
  readonly authorization: string;
  readonly channel: string;
  readonly text: string;
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly reply_broadcast?: boolean;
}

/** A call in one line. */
export function inShort({
  method,
  channel,
  text,
  ts,
  thread_ts: thread,
  reply_broadcast: all,
}: SlackCall): string {
  const where = [
    channel,
    ...(thread === undefined ? [] : [`in ${thread}`]),
    ...(ts === undefined ? [] : [ts]),
  ];
  return `${method} ${where.join(' ')}${all === true ? ' to all' : ''}: ${text}`;
}

/** A clock on which pauses take no time, and how long they were in all. */
export function counting() {
  let slept = 0;
  return {
    clock: {
      now: () => 1_000 + slept,
      sleep: async (ms: number, signal?: AbortSignal) => {
        if (signal === undefined) slept += ms;
        else await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    },
    minutes: () => slept / 60_000,
  };
}
