// Where a receiver is and what it is shown: from its Secret, which is read anew for each message, so that a new address or
// token is in force at once.
import type { Receiver } from '../config/messages.ts';
import type { Posting } from '../gates/post.ts';
import { secretsIn } from '../gates/shown.ts';
import { readKey, shapesOf, signature } from '../gates/sign.ts';
import type { Kube } from '../kube/kube.ts';
import { credentialsIn } from '../prometheus/credentials.ts';
import { readSecret } from '../sources/secret.ts';
import type { Payload } from './payload.ts';

/** The way to a receiver. Never to be logged or told. */
export interface Door {
  readonly kind: 'door';
  /** What it is called in words. */
  readonly where: string;
  /** The posting of a payload; `path` is below a base that has several. */
  readonly posting: (payload: Payload, now: number, path?: string) => Posting;
  /** True for Slack with a token: messages can be answered and changed. */
  readonly isThreaded: boolean;
}

export type Opened = Door | { readonly kind: 'none'; readonly why: string };

/** Flagger's, with one more try. */
const timeoutMs = 10_000;
const slackBase = 'https://slack.com/api';

/** The way to a receiver of that namespace's settings; why there is none may be shown to anybody. */
export async function openDoor(
  kube: Pick<Kube, 'get'>,
  namespace: string,
  receiver: Receiver,
): Promise<Opened> {
  const { type, secretName: name } = receiver;
  const called = `${type} ${receiver.name}`;
  const none = (why: string): Opened => ({ kind: 'none', why: `${called}: ${why}` });
  const read = await readSecret(kube, { namespace, name, plan: namespace, use: 'messages' });
  if (read.kind === 'error') return none(read.why);
  const { address, 'hmac-key': signs, ...rest } = read.data;
  const isThreaded = type === 'slack' && rest['token'] !== undefined;
  if (isThreaded && receiver.channel === undefined)
    return none('a token needs a channel: write it into messages.yaml');
  const url = URL.parse((address ?? (isThreaded ? slackBase : '')).trim());
  if (url === null || !/^https?:$/.test(url.protocol))
    return none(`Secret ${namespace}/${name}: address is ${address === undefined ? 'missing' : 'no URL'}`);
  const usual = credentialsIn(rest);
  if (!usual.ok) return none(`Secret ${namespace}/${name}: ${usual.why}`);
  const isSigned = signs !== undefined && (type === 'webhook' || type === 'cloudevents');
  const key = isSigned ? await readKey(kube, namespace, name) : undefined;
  if (key?.ok === false) return none(key.why);
  const { headers, secrets, tls } = usual.credentials;
  const hidden = [...secrets, ...secretsOf(url), ...(key === undefined ? [] : shapesOf(key.key))];
  const where = `${called} (${url.host})`;
  return {
    ...{ kind: 'door', where, isThreaded },
    posting: ({ body, headers: own = {}, query = {} }, now, path) => {
      const signed = key === undefined ? {} : signature(key.key, body, now);
      return {
        ...{ url: below(url, query, path), where, body, timeoutMs, ...(tls === undefined ? {} : { tls }) },
        headers: { ...own, ...headers, ...signed },
        secrets: [...hidden, ...Object.values(signed)],
      };
    },
  };
}

function below(base: URL, query: Readonly<Record<string, string>>, path: string | undefined): URL {
  const url = new URL(base);
  // Flagger's Secrets name the one method that it calls.
  if (path !== undefined)
    url.pathname = `${url.pathname.replace(/(?:\/chat\.postMessage)?\/*$/, '')}/${path}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** Of an address that is a secret itself: all of it, and each part that a server may repeat. */
function secretsOf(url: URL): readonly string[] {
  return [
    url.href,
    url.pathname,
    ...url.pathname.split('/').filter(({ length }) => length > 7),
    ...secretsIn(url),
  ];
}
