import type { Clock, Random } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import type { Fetch } from '../prometheus/exchange.ts';
import type { Gate } from '../rollout/gate.ts';
import { again, type Heard, post } from './post.ts';
import { readKey, shapesOf, signature } from './sign.ts';
import { secretsIn, whereOf } from './shown.ts';

/** What gates are called with. */
export interface Line {
  readonly kube: Pick<Kube, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: Fetch;
}

export interface Calling {
  /** Whose Secrets sign. */
  readonly namespace: string;
  readonly body: string;
  /** How often a call that failed is made again at least, whatever the gate says. */
  readonly leastRetries?: number;
}

/** True for an answer that agrees: Flagger's meaning. */
export function agrees(heard: Heard): boolean {
  return heard.kind === 'answer' && heard.status <= 202;
}

/** Calls a gate; what gets no answer or a 5xx is tried again as often as the gate allows. Never throws. */
export function call(by: Line, gate: Gate, calling: Calling): Promise<Heard> {
  const tries = 1 + Math.max(gate.retries, calling.leastRetries ?? 0);
  const isFinal = (heard: Heard): boolean => heard.kind === 'answer' && heard.status < 500;
  return again(by, { tries, isFinal }, () => callOnce(by, gate, calling));
}

async function callOnce(by: Line, gate: Gate, { namespace, body }: Calling): Promise<Heard> {
  const where = whereOf(gate.url);
  const url = URL.parse(gate.url);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return { kind: 'none', why: `${where}: is not an address to call` };
  const read = gate.secret === undefined ? undefined : await readKey(by.kube, namespace, gate.secret);
  if (read?.ok === false) return { kind: 'none', why: read.why };
  const signed = read === undefined ? {} : signature(read.key, body, by.clock.now());
  const secrets = [
    ...secretsIn(url),
    ...Object.values(signed),
    ...(read === undefined ? [] : shapesOf(read.key)),
  ];
  const tls = gate.disableTls ? { tls: { rejectUnauthorized: false as const } } : {};
  return post(by, { url, where, headers: signed, body, timeoutMs: gate.timeoutMs, secrets, ...tls });
}
