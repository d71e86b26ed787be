import type { Clock } from '../clock.ts';
import { messageOf, SerinError } from '../errors.ts';
import { type Answer, type Failed, type RangeAnswer, readAnswer, readRange } from './answers.ts';

/** The part of the global `fetch` that is used here. */
type Fetch = (
  url: URL,
  init: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
) => Promise<Response>;

export interface PrometheusOptions {
  /** Where the API is, without `/api/v1`. A user and password in it are sent as a header and never shown. */
  readonly url: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly timeoutMs?: number;
  /** The value of the Authorization header. */
  readonly authorization?: string;
}

/** Asks instant queries; what goes wrong is an answer too. */
export interface Ask {
  now(query: string): Promise<Answer>;
  /** A range selector: its raw samples. */
  samples(query: string): Promise<RangeAnswer>;
}

/** Far above any answer that one of our queries has: a query that gives more is a mistake, not worth the memory. */
const mostBytes = 8 * 1024 * 1024;

/** A way to ask the Prometheus API at `url`; throws CONFIG_INVALID where that is no URL of http or https. */
export function createAsk({ url, clock, fetch, timeoutMs = 5000, authorization }: PrometheusOptions): Ask {
  const endpoint = endpointOf(url, timeoutMs);
  const header = authorization ?? basicAuth(url);
  const headers = { accept: 'application/json', ...(header === undefined ? {} : { authorization: header }) };
  const asking = async <T>(query: string, read: (status: number, body: string) => T): Promise<T | Failed> => {
    const target = new URL(endpoint);
    target.searchParams.set('query', query);
    const where = `Prometheus at ${endpoint.origin}${endpoint.pathname}`;
    try {
      const answer = await within(clock, timeoutMs, async (signal) => {
        const response = await fetch(target, { headers, signal });
        return read(response.status, await bodyOf(response));
      });
      return isFailed(answer) ? { kind: 'error', why: `${where}: ${answer.why}` } : answer;
    } catch (error: unknown) {
      return { kind: 'error', why: `${where}: ${reasonOf(error)}` };
    }
  };
  return {
    now: (query) => asking(query, readAnswer),
    samples: (query) => asking(query, readRange),
  };
}

function isFailed(answer: unknown): answer is Failed {
  return typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'error';
}

function endpointOf(text: string, timeoutMs: number): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new SerinError('CONFIG_INVALID', 'the address of Prometheus is not a URL of http or https');
  }
  url.username = '';
  url.password = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/query`;
  url.searchParams.set('timeout', `${timeoutMs}ms`); // else it goes on computing what nobody waits for
  return url;
}

function basicAuth(text: string): string | undefined {
  const { username, password } = new URL(text);
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function within<T>(clock: Clock, ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const call = new AbortController();
  const timer = new AbortController();
  void clock.sleep(ms, timer.signal).then(() => call.abort(new Error(`no answer within ${ms} ms`)));
  try {
    return await run(call.signal);
  } finally {
    timer.abort();
  }
}

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const chunk of body) {
    size += chunk.length;
    if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** fetch says no more than `fetch failed`; the cause knows why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return messageOf(error);
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}
