// The API server as the rig's own parts speak to it. Not Serin's client: the rig must not prove Serin with itself.
import { type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Credentials {
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
}

/** The parts of any object that the rig reads; the rest is the caller's to know. */
export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface Listener<T> {
  /** Everything there is, at the start and whenever the watch had to begin anew. */
  list(items: readonly T[]): void;
  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
}

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid: string };
}

export interface Api {
  get<T = ApiObject>(path: string): Promise<T>;
  create<T = ApiObject>(path: string, body: object): Promise<T>;
  /** Merge patch of an object, or JSON Patch where `body` is an array. */
  patch<T = ApiObject>(path: string, body: object): Promise<T>;
  replace<T = ApiObject>(path: string, body: object): Promise<T>;
  /** Fine where it is gone already. */
  delete(path: string, options?: DeleteOptions): Promise<void>;
  /** Lists and watches a collection until aborted, over any break. */
  follow<T extends ApiObject>(path: string, listener: Listener<T>, signal: AbortSignal): void;
  /** The answer as it came: health checks, metrics. */
  text(path: string): Promise<string>;
  close(): void;
}

export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Send = (method: string, path: string, body?: object, signal?: AbortSignal) => Promise<IncomingMessage>;

/** A client of the API server at 127.0.0.1:`port`. */
export function createApi(port: number, { caPem, certPem, keyPem, token }: Credentials): Api {
  const agent = new Agent({ keepAlive: true, ca: caPem, cert: certPem, key: keyPem });
  const send: Send = (method, path, body, signal) =>
    new Promise((resolve, reject) => {
      const type = method !== 'PATCH' ? 'json' : Array.isArray(body) ? 'json-patch+json' : 'merge-patch+json';
      const content = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        // Node sends a body with DELETE but does not say how long it is, and so it is not read.
        ...(content === undefined ? {} : { 'content-length': Buffer.byteLength(content) }),
        'content-type': `application/${type}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const sent = request({ agent, host: '127.0.0.1', port, method, path, headers, signal }, resolve);
      sent.on('error', reject);
      sent.end(content);
    });
  const askText = async (method: string, path: string, body?: object): Promise<string> => {
    const response = await send(method, path, body);
    const answer = await text(response);
    const status = response.statusCode ?? 0;
    if (status >= 400) throw new ApiError(status, `${method} ${path}: ${status} ${answer}`);
    return answer;
  };
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> =>
    JSON.parse(await askText(method, path, body)) as T;
  return {
    get: (path) => ask('GET', path),
    create: (path, body) => ask('POST', path, body),
    patch: (path, body) => ask('PATCH', path, body),
    replace: (path, body) => ask('PUT', path, body),
    delete: async (path, options) => {
      await ask('DELETE', path, options ?? {}).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
    },
    text: (path) => askText('GET', path),
    follow: (path, listener, signal) => void follow(send, path, listener, signal),
    close: () => agent.destroy(),
  };
}

async function follow<T extends ApiObject>(
  send: Send,
  path: string,
  listener: Listener<T>,
  signal: AbortSignal,
): Promise<void> {
  const url = (query: string): string => `${path}${path.includes('?') ? '&' : '?'}${query}`;
  while (!signal.aborted) {
    try {
      const response = await send('GET', path, undefined, signal);
      const list = JSON.parse(await text(response)) as { items: T[]; metadata: { resourceVersion: string } };
      listener.list(list.items);
      const from = list.metadata.resourceVersion;
      await readWatch(
        await send('GET', url(`watch=true&resourceVersion=${from}`), undefined, signal),
        listener,
      );
    } catch (error: unknown) {
      // A broken connection or a line cut short: the API server is restarting or we are stopping, which the loop knows.
      // Anything else is the listener's fault and must be seen.
      if (!(error instanceof SyntaxError) && !(error instanceof Error && 'code' in error)) throw error;
    }
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
}

async function readWatch<T extends ApiObject>(
  response: IncomingMessage,
  listener: Listener<T>,
): Promise<void> {
  for await (const line of createInterface({ input: response })) {
    const event = JSON.parse(line) as { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR'; object: T };
    if (event.type === 'ERROR') return;
    listener.change(event.type, event.object);
  }
}
