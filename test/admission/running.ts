// A webhook server that runs, and clients that trust it.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { decide } from '../../src/admission/mutate.ts';
import { createWebhookServer, type WebhookOptions, type WebhookServer } from '../../src/admission/server.ts';
import { type Asked, untouched } from '../../src/admission/verdict.ts';
import { issueAuthority, issueLeaf, systemEntropy } from '../../src/tls/issue.ts';
import { controller } from './deployments.ts';

// One authority and two pairs for all servers here: real keys take a moment to make.
const now = Date.now();
const authority = await issueAuthority(now, systemEntropy);
const ca = authority.cert;
export const [pair, otherPair] = await Promise.all([
  issueLeaf(authority, ['127.0.0.1'], now, systemEntropy),
  issueLeaf(authority, ['127.0.0.1'], now, systemEntropy),
]);

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly type?: string;
  readonly agent?: Agent;
}

export interface Running {
  readonly server: WebhookServer;
  readonly port: number;
  readonly lines: string[];
  readonly seen: string[];
  send(path: string, sent?: Sent): Promise<Answer>;
}

/** The part of a test's context that is used. */
interface Ending {
  after(end: () => Promise<unknown>): void;
}

interface Wishes {
  readonly decide?: (asked: Asked) => never;
  readonly validate?: WebhookOptions['validate'];
  readonly metrics?: () => Promise<string>;
  readonly ready?: () => boolean;
  /** Runs when the server has begun to close and still listens. */
  readonly closing?: () => Promise<void>;
}

/** A webhook server on loopback with real TLS, closed when the test is over. */
export async function start(t: Ending, wishes: Wishes = {}): Promise<Running> {
  const lines: string[] = [];
  const seen: string[] = [];
  const server = createWebhookServer({
    ...pair,
    decide: wishes.decide ?? ((asked) => decide(asked, { controller })),
    validate: wishes.validate ?? (() => Promise.resolve(untouched)),
    metrics: wishes.metrics ?? (() => Promise.resolve('serin_up 1\n')),
    onReview: (outcome, seconds) => void (seconds >= 0 && seen.push(outcome)),
    ready: wishes.ready ?? (() => true),
    log: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
  });
  if (wishes.closing !== undefined) server.app.addHook('preClose', wishes.closing);
  t.after(() => server.app.close());
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.app.server.address() as AddressInfo;
  return {
    ...{ server, port, lines, seen },
    send: (path, sent = {}) => send({ port, path }, sent),
  };
}

async function send(to: { port: number; path: string }, sent: Sent): Promise<Answer> {
  const { body = '', type = 'application/json', method = body === '' ? 'GET' : 'POST' } = sent;
  const headers = method === 'GET' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
  const agent = sent.agent ?? false;
  const asking = request({ ...to, host: '127.0.0.1', ca, method, headers, agent });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return { status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body: text };
}

/** A connection and the serial it was met with; Node forgets a peer's certificate soon after the handshake. */
export async function meet({
  port,
}: Running): Promise<{ readonly socket: TLSSocket; readonly serial: string }> {
  const socket = connect({ port, host: '127.0.0.1', ca });
  await once(socket, 'secureConnect');
  return { socket, serial: socket.getPeerX509Certificate()?.serialNumber ?? '' };
}

/** The first words of the answer to a request of which only the head is sent. */
export async function say(socket: TLSSocket, head: string): Promise<string> {
  socket.write(`${head}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

/** Sends the first part of a review and, once the server has it, waits for `between` before the rest. */
export async function sendInTwo(
  { port, server }: Running,
  body: string,
  agent: Agent,
  between: () => void,
): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const to = { host: '127.0.0.1', port, ca, agent, path: '/mutate', method: 'POST', headers };
  const asking = request(to);
  asking.write(body.slice(0, 100));
  await once(server.app.server, 'request');
  between();
  asking.end(body.slice(100));
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
