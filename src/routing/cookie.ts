import type { Beside } from '../rollout/strategy.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt } from './json.ts';

type Cookie = NonNullable<Beside['affinity']>;

/** The condition that a request has the cookie of this trial; Envoy has joined the cookies of HTTP/2 to one header. */
export function cookiePattern({ cookieName, value }: Cookie): string {
  return `(.*;\\s*)?${literally(cookieName)}=${literally(value)}(\\s*;.*)?`;
}

/** The header by which a browser is given the cookie. */
export function setCookie(cookie: Cookie): string {
  const { cookieName, value, maxAgeSeconds, domain, path, sameSite } = cookie;
  return [
    `${cookieName}=${value}`,
    `Max-Age=${maxAgeSeconds}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(path === undefined ? [] : [`Path=${path}`]),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
    ...(cookie.secure === true ? ['Secure'] : []),
    ...(cookie.httpOnly === true ? ['HttpOnly'] : []),
    ...(cookie.partitioned === true ? ['Partitioned'] : []),
  ].join('; ');
}

/** An Istio destination that gives the cookie. What the user adds to the answers stays, a cookie of their own too. */
export function givingCookie(destination: JsonObject, cookie: Cookie): JsonObject {
  const headers = objectAt(destination, 'headers');
  const response = objectAt(headers, 'response');
  const added = objectAt(response, 'add');
  const key = spellings.find((name) => !(name in added));
  if (key === undefined) return destination;
  const add = { ...added, [key]: setCookie(cookie) };
  return { ...destination, headers: { ...headers, response: { ...response, add } } };
}

/** A map has one value by key, and a header may come several times: each spelling is one. */
const spellings = ['Set-Cookie', 'set-cookie', 'SET-COOKIE'];

/** The text as a pattern that matches it alone (RE2). */
export function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
