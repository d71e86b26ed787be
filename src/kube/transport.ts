import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { SerinError, messageOf } from '../errors.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** A name with several values is sent once for each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** Ends the exchange at any point: `send` rejects, or the body throws. */
  readonly signal: AbortSignal;
}

export interface Response {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * One HTTP exchange with the API server. It knows no time: whoever calls limits it through the signal, by a clock of
 * their own. What it throws never holds a credential.
 */
export interface Transport {
  send(request: Request): Promise<Response>;
}

// An API server that vanished without a word is noticed by TCP after this and ten probes a second apart (what Node sets).
const keepAliveMsecs = 15_000;

/**
 * The kubeconfig of `file`, or the one that KUBECONFIG or the home folder names, else the service account of the pod;
 * with `context` in place of its current one.
 */
export function loadKubeConfig(file?: string, context?: string): KubeConfig {
  const config = new KubeConfig();
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

/** The real transport: connections are kept, credentials and CA are looked up anew for each request as they rotate. */
export function createTransport(config: KubeConfig): Transport {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new SerinError('CONFIG_INVALID', 'the kubeconfig names no current cluster');
  const server = cluster.server.replace(/\/+$/, '');
  // Not client-node's agent: it closes each connection, and a CA once given to an agent outranks the one of a request.
  const agent = server.startsWith('http:')
    ? new http.Agent({ keepAlive: true, keepAliveMsecs })
    : new https.Agent({ keepAlive: true, keepAliveMsecs });
  return {
    async send({ method, path, headers, body, signal }) {
      const options: https.RequestOptions = { method, headers: sent(headers), signal };
      await config.applyToHTTPSOptions(options).catch((cause: unknown) => {
        throw new SerinError('CONFIG_INVALID', `no credentials for ${server}: ${messageOf(cause)}`);
      });
      if (cluster.proxyUrl === undefined) options.agent = agent;
      return exchange(new URL(server + path), options, body);
    },
  };
}

function sent(headers: Request['headers']): http.OutgoingHttpHeaders {
  const entries = Object.entries(headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function exchange(url: URL, options: https.RequestOptions, body: string | undefined): Promise<Response> {
  return new Promise((resolve, reject) => {
    const begin = url.protocol === 'http:' ? http.request : https.request;
    const request = begin(url, options, (answer) =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer }),
    );
    request.on('error', reject);
    request.end(body);
  });
}
