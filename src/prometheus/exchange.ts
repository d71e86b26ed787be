import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Credentials, Tls } from './credentials.ts';

/** What a metric source is asked: pure data, so that each source says only how its API wants it. */
export interface Request {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The part of the global `fetch` that is used here, with what it cannot do. */
export type Fetch = (
  url: URL,
  init: Omit<Request, 'url'> & {
    /** A source that sends us elsewhere would get our credentials sent elsewhere. */
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
    readonly tls?: Tls;
    /** Refuses what is Serin's own machine: for addresses that its users name. */
    readonly onlyOutside?: boolean;
  },
) => Promise<{
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> | null;
  /** What the header Retry-After says, where there is one. */
  readonly retryAfter?: string;
}>;

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly timeoutMs?: number;
  readonly onlyOutside?: boolean;
  /** Of an answer no more than this is read; absent: one that is too large is none. */
  readonly readAtMost?: number;
  /** An answer of more bytes is refused; absent: above any that is expected. */
  readonly mostBytes?: number;
}

interface Heard {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string;
}

/** Asks once and hears the answer to its end; throws where there is none in time, or one too large. */
export type Exchange = (request: Request, credentials: Credentials) => Promise<Heard>;

/** How long a source is waited for where nothing else is said. */
export const usualTimeoutMs = 5000;

/**
 * Above any answer of our queries: the buckets of twenty pods with thirty series each are 15 MiB. What gives more is a mistake,
 * not worth the memory.
 */
const usualMostBytes = 24 * 1024 * 1024;

/** The one way metric sources are asked: limited in time and size, redirects not followed. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { clock, fetch, timeoutMs = usualTimeoutMs, onlyOutside = false } = options;
  return ({ url, ...request }, { headers, tls }) =>
    within(clock, timeoutMs, async (signal) => {
      const response = await fetch(url, {
        ...request,
        headers: { ...request.headers, ...headers },
        ...{ signal, redirect: 'manual', onlyOutside },
        ...(tls === undefined ? {} : { tls }),
      });
      const { status, retryAfter } = response;
      const body = await textOf(response.body ?? [], options);
      return { status, body, ...(retryAfter === undefined ? {} : { retryAfter }) };
    });
}

async function within<T>(clock: Clock, ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const call = new AbortController();
  const timer = new AbortController();
  void clock.sleep(ms, timer.signal).then(() => call.abort(new Error(`no answer within ${ms} ms`)));
  try {
    return await run(call.signal);
  } catch (error: unknown) {
    // A stream that was given up says only that it was.
    throw call.signal.aborted ? call.signal.reason : error;
  } finally {
    timer.abort();
  }
}

async function textOf(
  body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  { readAtMost = Number.POSITIVE_INFINITY, mostBytes = usualMostBytes }: ExchangeOptions,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size >= readAtMost) {
      chunks.push(chunk.subarray(0, chunk.length - (size - readAtMost)));
      break;
    }
    if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Why there was no answer: fetch says no more than `fetch failed`, its cause knows. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const inner = cause instanceof Error ? cause : error;
  // Node gives a failure to connect to several addresses no message of its own.
  return inner instanceof Error && inner.message === '' && 'code' in inner
    ? String(inner.code)
    : messageOf(inner);
}
