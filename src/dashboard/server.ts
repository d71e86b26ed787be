import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock.ts';
import { objectName } from '../config/provider.ts';
import { messageOf, SerinError } from '../errors.ts';
import { type Asked, readAsked } from './asked.ts';
import type { Assets } from './assets.ts';
import { admit, headersOfAll, type Keys } from './door.ts';
import type { Hub } from './hub.ts';
import { streamNews } from './stream.ts';
import type { Answered, Detail } from './wire.ts';

/** What the server shows, and does where it may. */
export interface Board {
  readonly hub: Hub;
  /** All there is to one rollout; undefined where there is no such Deployment. */
  detail(namespace: string, name: string): Promise<Detail | undefined>;
  /** Does it as the user; throws with what the API server said where it refuses. */
  act(asked: Asked): Promise<void>;
}

interface ServerOptions {
  readonly board: Board;
  readonly assets: Assets;
  readonly clock: Clock;
  readonly keys: Omit<Keys, 'port'>;
  /** 0: any that is free. */
  readonly port: number;
}

export interface RunningServer {
  /** The one address that lets somebody in. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** An action is a few hundred bytes. */
const mostBytes = 8 * 1024;

/** Serves the page on 127.0.0.1 until closed; rejects where the port is taken. */
export async function serve(options: ServerOptions): Promise<RunningServer> {
  const stop = new AbortController();
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 });
  const port = await listening(server, options.port);
  const keys = { ...options.keys, port };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, { ...options, keys, signal: stop.signal }).catch((error: unknown) => {
      // The API server could not be asked, or refused: the page tells.
      if (response.headersSent) response.destroy();
      else sendJson(response, 502, { ok: false, why: messageOf(error) });
    });
  });
  return {
    url: `http://127.0.0.1:${port}/?token=${keys.token}`,
    port,
    close: () =>
      new Promise((resolve) => {
        stop.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const why = `cannot serve at 127.0.0.1:${port} (${messageOf(cause)}): choose another --port`;
      reject(new SerinError('CONFIG_INVALID', why, { cause }));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

interface House extends Omit<ServerOptions, 'keys' | 'port'> {
  readonly keys: Keys;
  readonly signal: AbortSignal;
}

async function answer(request: IncomingMessage, response: ServerResponse, house: House): Promise<void> {
  const { method = '', url = '', headers } = request;
  for (const [name, value] of Object.entries(headersOfAll)) response.setHeader(name, value);
  const admission = admit({ method, url, headers }, house.keys);
  switch (admission.kind) {
    case 'keep':
      response.writeHead(303, { 'set-cookie': admission.cookie, location: '/' }).end();
      return;
    case 'refused':
      // What was sent with it is not read.
      response.setHeader('connection', 'close');
      sendJson(response, admission.status, { ok: false, why: admission.why });
      return;
    case 'in':
      await show(admission, { request, response }, house);
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function show(
  { path, query }: { readonly path: string; readonly query: URLSearchParams },
  { request, response }: Exchange,
  { board, assets, clock, signal }: House,
): Promise<void> {
  const asset = assets.get(path);
  if (path === '/api/act') return act(request, response, board);
  if (path === '/api/stream' && request.method === 'GET') {
    const resumed = request.headers['last-event-id'] ?? query.get('last') ?? undefined;
    return streamNews(response, board.hub, { clock, signal, lastId: resumed?.toString() });
  }
  if (path === '/api/rollout') {
    const [namespace, name] = [query.get('namespace') ?? '', query.get('name') ?? ''];
    const isNamed = [namespace, name].every((each) => objectName.test(each));
    const detail = isNamed ? await board.detail(namespace, name) : undefined;
    return detail === undefined
      ? sendJson(response, 404, { ok: false, why: 'there is no such Deployment' })
      : sendJson(response, 200, detail);
  }
  if (asset === undefined) return sendJson(response, 404, { ok: false, why: 'nothing is here' });
  response.writeHead(200, { 'content-type': asset.type });
  response.end(request.method === 'HEAD' ? undefined : asset.body);
}

async function act(request: IncomingMessage, response: ServerResponse, board: Board): Promise<void> {
  if (request.method !== 'POST') return sendJson(response, 405, { ok: false, why: 'only by POST' });
  const text = await bodyOf(request);
  if (text === undefined) {
    response.setHeader('connection', 'close');
    return sendJson(response, 413, { ok: false, why: `more than ${mostBytes} bytes` });
  }
  const read = readAsked(text);
  if ('problem' in read) return sendJson(response, 400, { ok: false, why: read.problem });
  try {
    await board.act(read);
  } catch (error: unknown) {
    return sendJson(response, 409, { ok: false, why: messageOf(error) });
  }
  sendJson(response, 200, { ok: true });
}

/** The whole body; undefined where it is longer than any that we send. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Not destroyed by the early end: the answer still goes out by this connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: Answered | Detail): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
