// A server of gates and hooks that speaks what Flagger's load tester does, on a real socket: `/gate/approve|halt|check|
// open|close`, `/rollback/check|open|close` with `{"name","namespace"}`; everything else is taken down and answered 200.
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from './authority.ts';

/** A call as it came in. */
export interface Called {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** What it was answered with; absent where it was swallowed. */
  readonly status?: number;
}

type Respond = (call: Called, response: ServerResponse) => void;

export interface GateServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly calls: readonly Called[];
  /** Opens or closes the gate (or the rollback) of a Deployment; both are closed at first. */
  set(kind: 'gate' | 'rollback', namespace: string, name: string, isOpen: boolean): void;
  /** Answers calls to a path in a way of its own, until it is taken off again. */
  at(path: string, respond: Respond | undefined): void;
  close(): Promise<void>;
}

export interface GateServerOptions {
  readonly tls?: KeyPair;
  readonly host?: string;
  /** 0 for any. */
  readonly port?: number;
}

/** Starts one; whoever starts it closes it. */
export async function startGateServer(options: GateServerOptions = {}): Promise<GateServer> {
  const { tls, host = '127.0.0.1' } = options;
  const calls: Called[] = [];
  const open = new Set<string>();
  const special = new Map<string, Respond>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void textOf(request).then((body) => {
      const { pathname: path } = new URL(request.url ?? '/', 'http://gate');
      const call = { path, headers: request.headers, body };
      const respond = special.get(path);
      if (respond !== undefined) {
        calls.push(call);
        return respond(call, response);
      }
      const [status, said] = answerTo(open, path, body);
      calls.push({ ...call, status });
      response.writeHead(status).end(said);
    });
  };
  const server =
    tls === undefined
      ? createHttp(onRequest)
      : createHttps({ cert: tls.certPem, key: tls.keyPem }, onRequest);
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    calls,
    set: (kind, namespace, name, isOpen) =>
      isOpen ? open.add(`${kind} ${namespace}/${name}`) : open.delete(`${kind} ${namespace}/${name}`),
    at: (path, respond) => (respond === undefined ? special.delete(path) : special.set(path, respond)),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answerTo(open: Set<string>, path: string, body: string): readonly [status: number, said: string] {
  const [, kind = '', verb = ''] = path.split('/');
  if (kind !== 'gate' && kind !== 'rollback') return [200, ''];
  if (kind === 'gate' && verb === 'approve') return [200, 'OK'];
  if (kind === 'gate' && verb === 'halt') return [403, 'Forbidden'];
  const about = deploymentIn(body);
  if (about === undefined) return [400, 'name and namespace wanted'];
  const key = `${kind} ${about}`;
  switch (verb) {
    case 'check':
      return open.has(key) ? [200, 'Approved'] : [403, 'Forbidden'];
    case 'open':
      open.add(key);
      return [202, ''];
    case 'close':
      open.delete(key);
      return [202, ''];
    default:
      return [404, ''];
  }
}

function deploymentIn(body: string): string | undefined {
  try {
    const { name, namespace } = JSON.parse(body) as { name?: unknown; namespace?: unknown };
    return typeof name === 'string' && typeof namespace === 'string' ? `${namespace}/${name}` : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}
