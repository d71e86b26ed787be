// An API server on loopback that answers what a test wrote down, step by step: for what goes wrong on the wire.
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request; the connection is its own to end, keep open or destroy. */
export type Step = (response: http.ServerResponse, seen: Seen) => void | Promise<void>;

export interface ScriptedApi {
  /** A kubeconfig that leads here, with `token` for credentials. */
  readonly config: KubeConfig;
  /** Every request, in the order they came. */
  readonly seen: readonly Seen[];
  /** Connections that are open now. */
  readonly connections: ReadonlySet<Socket>;
  /** Adds steps; each request takes the next one, and hangs once there is none. */
  readonly script: (...steps: readonly Step[]) => void;
  readonly close: () => Promise<void>;
}

interface Options {
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly token?: string;
}

export async function scriptedApi({ tls, token = 'secret-token' }: Options = {}): Promise<ScriptedApi> {
  const seen: Seen[] = [];
  const steps: Step[] = [];
  const connections = new Set<Socket>();
  const serve = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
    const entry = {
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: Buffer.concat(parts).toString('utf8'),
    };
    seen.push(entry);
    await steps.shift()?.(response, entry);
  };
  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  const server = tls === undefined ? http.createServer(onRequest) : https.createServer(tls, onRequest);
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    config: configFor(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, token, tls?.ca),
    seen,
    connections,
    script: (...more) => void steps.push(...more),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function configFor(server: string, token: string, ca: string | undefined): KubeConfig {
  const config = new KubeConfig();
  const trust = ca === undefined ? { skipTLSVerify: true } : { caData: Buffer.from(ca).toString('base64') };
  config.loadFromClusterAndUser({ name: 'api', server, ...trust } as never, { name: 'serin', token });
  return config;
}

/** An answer in one piece. */
export function answer(status: number, body: unknown, headers: http.OutgoingHttpHeaders = {}): Step {
  return (response) => {
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
    response.end(isText ? body : JSON.stringify(body));
  };
}

/** The error answer of an API server. */
export function refusal(
  code: number,
  reason: string,
  message: string,
  headers: http.OutgoingHttpHeaders = {},
): Step {
  return answer(
    code,
    { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message },
    headers,
  );
}

/** A watch that sends these pieces, then does `then`: ends, breaks, or stays open (the default). */
export function stream(
  pieces: readonly (string | Uint8Array | object)[],
  then: 'stay' | 'end' | 'break' = 'stay',
): Step {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const piece of pieces) {
      const isRaw = typeof piece === 'string' || piece instanceof Uint8Array;
      response.write(isRaw ? piece : `${JSON.stringify(piece)}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (then === 'end') response.end();
    // What was written leaves first: destroying at once would drop it.
    if (then === 'break') response.write('', () => setTimeout(() => response.destroy(), 10));
  };
}

/** The connection is cut before any answer. */
export const cut: Step = (response) => void response.socket?.destroy();

/** Waits, in real time, until `condition` holds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 2_000) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
