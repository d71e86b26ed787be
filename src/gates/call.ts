import type { Clock, Random } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import { createExchange, type Exchange, type Fetch, reasonOf } from '../prometheus/exchange.ts';
import type { Gate } from '../rollout/gate.ts';
import { readKey, signature } from './sign.ts';
import { line, secretsIn, whereOf, withoutSecrets } from './shown.ts';

/** What gates are called with. */
export interface Line {
  readonly kube: Pick<Kube, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: Fetch;
}

/** What came of a call; `why` may be shown to anybody. */
export type Heard =
  | { readonly kind: 'answer'; readonly status: number; readonly why: string }
  | { readonly kind: 'none'; readonly why: string };

export interface Calling {
  /** Whose Secrets sign. */
  readonly namespace: string;
  readonly body: string;
  /** How often a call that failed is made again at least, whatever the gate says. */
  readonly leastRetries?: number;
}

/** What is shown of an answer fits many times over; the rest is not read. */
const readAtMost = 16 * 1024;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** True for an answer that agrees: Flagger's meaning. */
export function agrees(heard: Heard): boolean {
  return heard.kind === 'answer' && heard.status <= 202;
}

/** Calls a gate; what gets no answer or a 5xx is tried again as often as the gate allows. Never throws. */
export async function call(by: Line, gate: Gate, calling: Calling): Promise<Heard> {
  const tries = 1 + Math.max(gate.retries, calling.leastRetries ?? 0);
  for (let tried = 1; ; tried += 1) {
    const heard = await callOnce(by, gate, calling);
    if ((heard.kind === 'answer' && heard.status < 500) || tried >= tries) return heard;
    // As long as Flagger waits; half of it by chance, so that many who failed together do not come back together.
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1));
    await by.clock.sleep((pauseMs * (1 + by.random())) / 2);
  }
}

async function callOnce(by: Line, gate: Gate, { namespace, body }: Calling): Promise<Heard> {
  const where = whereOf(gate.url);
  const none = (why: string): Heard => ({ kind: 'none', why: `${where}: ${why}` });
  const url = URL.parse(gate.url);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return none('is not an address to call');
  const read = gate.secret === undefined ? undefined : await readKey(by.kube, namespace, gate.secret);
  if (read?.ok === false) return { kind: 'none', why: read.why };
  const signed = read === undefined ? {} : signature(read.key, body, by.clock.now());
  const secrets = [
    ...secretsIn(url),
    ...Object.values(signed),
    ...(read === undefined ? [] : shapesOf(read.key)),
  ];
  const shown = (text: string): string => line(withoutSecrets(text, secrets));
  try {
    const headers = { 'content-type': 'application/json', 'user-agent': 'serin', ...signed };
    const answer = await exchangeOf(by, gate)({ url, method: 'POST', headers, body }, trustOf(gate));
    const said = shown(answer.body);
    return {
      ...{ kind: 'answer', status: answer.status },
      why: `${where} answered ${answer.status}${said === '' ? '' : `: ${said}`}`,
    };
  } catch (error: unknown) {
    return none(shown(reasonOf(error)));
  }
}

function exchangeOf({ clock, fetch }: Line, { timeoutMs }: Gate): Exchange {
  return createExchange({ clock, fetch, timeoutMs, readAtMost, onlyOutside: true });
}

function trustOf({ disableTls }: Gate): Parameters<Exchange>[1] {
  return { headers: {}, secrets: [], ...(disableTls ? { tls: { rejectUnauthorized: false } } : {}) };
}

/** Every way in which a key may come back. */
function shapesOf(key: Buffer): readonly string[] {
  return [key.toString('utf8'), key.toString('base64'), key.toString('hex')];
}
