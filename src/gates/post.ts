// Calls to endpoints that users name: limited in time and size, never to Serin's own machine, and nothing secret comes back
// in words.
import type { Clock, Random } from '../clock.ts';
import type { Tls } from '../prometheus/credentials.ts';
import { createExchange, type Fetch, reasonOf } from '../prometheus/exchange.ts';
import { line, withoutSecrets } from './shown.ts';

/** What endpoints are called with. */
export interface Wire {
  readonly clock: Clock;
  readonly fetch: Fetch;
}

export interface Posting {
  readonly url: URL;
  /** What the endpoint is called in words. */
  readonly where: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly tls?: Tls;
  /** What nobody may see, whatever the endpoint repeats. */
  readonly secrets: readonly string[];
}

/** What came of a call; `why` may be shown to anybody, `body` to nobody. */
export type Heard =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly why: string;
      /** How long the other side asked us to wait. */
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'none'; readonly why: string };

/** What is shown of an answer fits many times over; the rest is not read. */
const readAtMost = 16 * 1024;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** Whoever asks for more is called again all the same: it would be no message any more. */
const longestAskedMs = 600_000;

/** Posts once. Never throws. */
export async function post({ clock, fetch }: Wire, posting: Posting): Promise<Heard> {
  const { url, where, headers, body, timeoutMs, tls, secrets } = posting;
  const shown = (text: string): string => line(withoutSecrets(text, secrets));
  const exchange = createExchange({ clock, fetch, timeoutMs, readAtMost, onlyOutside: true });
  const asked = { 'content-type': 'application/json', 'user-agent': 'serin', ...headers };
  try {
    const answer = await exchange(
      { url, method: 'POST', headers: asked, body },
      { headers: {}, secrets: [], ...(tls === undefined ? {} : { tls }) },
    );
    const said = shown(answer.body);
    const retryAfterMs = askedPause(answer.retryAfter, clock.now());
    return {
      ...{ kind: 'answer', status: answer.status, body: answer.body },
      why: `${where} answered ${answer.status}${said === '' ? '' : `: ${said}`}`,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  } catch (error: unknown) {
    return { kind: 'none', why: `${where}: ${shown(reasonOf(error))}` };
  }
}

/** How a call is made again. */
export interface Again {
  readonly tries: number;
  /** True for what would not come to anything else. */
  readonly isFinal: (heard: Heard) => boolean;
}

/** Makes a call as often as `tries` says, with longer and longer pauses, until what comes of it is final. */
export async function again(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { tries, isFinal }: Again,
  once: () => Promise<Heard>,
): Promise<Heard> {
  for (let tried = 1; ; tried += 1) {
    const heard = await once();
    if (isFinal(heard) || tried >= tries) return heard;
    // As long as Flagger waits; half of it by chance, so that many who failed together do not come back together.
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1));
    const askedMs = heard.kind === 'answer' ? (heard.retryAfterMs ?? 0) : 0;
    await clock.sleep(Math.max(askedMs, (pauseMs * (1 + random())) / 2));
  }
}

/** Retry-After in seconds or as a date (RFC 9110, section 10.2.3). */
function askedPause(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(longestAskedMs, Math.max(0, ms)) : undefined;
}
