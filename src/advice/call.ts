// One call to the API server as the user, answered whatever comes of it.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Answer } from '../kube/answer.ts';
import { type Call, requestOf } from '../kube/calls.ts';
import { textOf, within } from '../kube/stream.ts';
import type { Transport } from '../kube/transport.ts';

/** Asks the API server; `unanswered` where it does not answer in time. */
export type Ask = (call: Pick<Call, 'method' | 'path'> & Partial<Call>) => Promise<Answer | Unanswered>;

interface Unanswered {
  readonly unanswered: string;
}

/** Above the longest that webhooks may take. */
const limitMs = 35_000;

/** A way to ask by `transport`. */
export function asking(transport: Transport, clock: Clock): Ask {
  return async (call) => {
    const stop = new AbortController();
    const exchange = async (): Promise<Answer> => {
      const request = requestOf({ doing: '', ...call }, stop.signal);
      const { status, headers, body } = await transport.send(request);
      return { status, headers, text: await textOf(body) };
    };
    try {
      return await within(clock, limitMs, exchange());
    } catch (error) {
      stop.abort();
      return { unanswered: messageOf(error) };
    }
  };
}

/** What the API server and its webhooks warn of, in their order. */
export function warningsIn({ headers }: Pick<Answer, 'headers'>): readonly string[] {
  const header = headers['warning'];
  const all = header === undefined ? [] : typeof header === 'string' ? [header] : header;
  // RFC 9111: `299 - "text"`, several in one header after commas; quotes in the text are escaped.
  return all
    .flatMap((each) => [...each.matchAll(/\b299 [^ ]+ "((?:[^"\\]|\\.)*)"/g)])
    .map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}
