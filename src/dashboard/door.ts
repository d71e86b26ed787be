// Who may come in. The page stands on loopback, where every program of this machine and, by a name that is made to point
// here, every page of the browser's could ask it.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { actionHeader } from './wire.ts';

/** A request, as far as the door looks at it. */
export interface Knock {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Keys {
  readonly port: number;
  /** What stands in the address that was printed. */
  readonly token: string;
  /** What the browser keeps in its place. */
  readonly session: string;
  readonly allowActions: boolean;
}

export type Admission =
  | { readonly kind: 'in'; readonly path: string; readonly query: URLSearchParams }
  /** The token was right: keep the cookie, and ask again without the token. */
  | { readonly kind: 'keep'; readonly cookie: string }
  | {
      readonly kind: 'refused';
      readonly status: 400 | 401 | 403 | 404 | 405 | 415 | 421;
      readonly why: string;
    };

/** What a page of ours may do in a browser: talk to this server, and nothing else. */
export const headersOfAll: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
};

/** Cookies know no ports: two dashboards of one machine need two names. */
export function cookieName(port: number): string {
  return `serin-dashboard-${port}`;
}

/** Decides on one request; nothing else of the server looks at who asks. */
export function admit(knock: Knock, keys: Keys): Admission {
  const { headers, method } = knock;
  if (!isOurHost(headers.host, keys.port))
    return refused(421, `this is http://127.0.0.1:${keys.port}, and answers by no other name`);
  // `new URL` takes `//other` for a host.
  if (!knock.url.startsWith('/') || knock.url.startsWith('//')) return refused(400, 'not a path');
  const { pathname, searchParams } = new URL(knock.url, 'http://localhost');
  if (isFromElsewhere(headers, keys.port)) return refused(403, 'asked by another page than the dashboard');
  const token = searchParams.get('token');
  if (method === 'GET' && pathname === '/' && token !== null) {
    if (!isSame(token, keys.token))
      return refused(401, 'the token in the address is not that of this dashboard');
    const cookie = `${cookieName(keys.port)}=${keys.session}; Path=/; HttpOnly; SameSite=Strict`;
    return { kind: 'keep', cookie };
  }
  if (!isSame(cookieIn(headers.cookie, cookieName(keys.port)), keys.session))
    return refused(401, 'open the address that kubectl canary dashboard printed: it has the token');
  if (method === 'GET' || method === 'HEAD') return { kind: 'in', path: pathname, query: searchParams };
  return method === 'POST'
    ? admitAction(pathname, searchParams, headers, keys)
    : refused(405, `no ${method} here`);
}

function admitAction(
  path: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
  { allowActions }: Keys,
): Admission {
  if (path !== '/api/act') return refused(405, `no POST to ${path}`);
  if (!allowActions)
    return refused(403, 'this dashboard only shows: start it with --allow-actions to act by it');
  if (headers[actionHeader] !== '1') return refused(403, `without the header ${actionHeader}`);
  if (!/^application\/json(;|$)/.test(headers['content-type'] ?? ''))
    return refused(415, 'not application/json');
  return { kind: 'in', path, query };
}

function refused(status: Extract<Admission, { kind: 'refused' }>['status'], why: string): Admission {
  return { kind: 'refused', status, why };
}

/** DNS rebinding: a foreign name that points to 127.0.0.1 comes with its own name in Host. */
function isOurHost(host: string | undefined, port: number): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].some((name) => host === `${name}:${port}`);
}

/** Another port of this machine is the same site to SameSite, but not the same origin. */
function isFromElsewhere({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders, port: number): boolean {
  const foreign = typeof site === 'string' && site !== 'same-origin' && site !== 'none';
  const originIsOurs =
    origin === undefined || (origin.startsWith('http://') && isOurHost(origin.slice('http://'.length), port));
  return foreign || !originIsOurs;
}

function cookieIn(header: string | undefined, name: string): string {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
