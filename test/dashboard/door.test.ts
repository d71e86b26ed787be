import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { admit, cookieName, headersOfAll, type Keys, type Knock } from '../../src/dashboard/door.ts';

const keys: Keys = { port: 4711, token: 'right', session: 'kept', allowActions: true };
const host = '127.0.0.1:4711';
const cookie = `${cookieName(4711)}=kept`;

function knock(url: string, headers: Knock['headers'] = {}, method = 'GET'): Knock {
  return { method, url, headers: { host, ...headers } };
}
const action = { cookie, 'content-type': 'application/json', 'x-serin-dashboard': '1' };

test('the token is taken once for a cookie that no script can read and no other site can send', () => {
  deepEqual(admit(knock('/?token=right'), keys), {
    kind: 'keep',
    cookie: 'serin-dashboard-4711=kept; Path=/; HttpOnly; SameSite=Strict',
  });
});

const refused: readonly (readonly [what: string, status: number, knock: Knock, keys?: Partial<Keys>])[] = [
  ['without token and cookie', 401, knock('/')],
  ['a wrong token', 401, knock('/?token=wrong')],
  ['an empty token', 401, knock('/?token=')],
  ['a token at another path', 401, knock('/api/stream?token=right')],
  ['a token by POST', 401, knock('/?token=right', {}, 'POST')],
  ['a wrong cookie', 401, knock('/', { cookie: `${cookieName(4711)}=right` })],
  ['the cookie of another port', 401, knock('/', { cookie: `${cookieName(4712)}=kept` })],
  ['a name that somebody made to point here', 421, knock('/?token=right', { host: 'evil.example:4711' })],
  ['another port in Host', 421, knock('/', { host: '127.0.0.1', cookie })],
  ['no Host', 421, { method: 'GET', url: '/', headers: { cookie } }],
  ['a page of another site', 403, knock('/api/stream', { cookie, 'sec-fetch-site': 'cross-site' })],
  ['a page of another port', 403, knock('/api/stream', { cookie, 'sec-fetch-site': 'same-site' })],
  ['another origin', 403, knock('/api/act', { ...action, origin: 'http://127.0.0.1:8080' }, 'POST')],
  ['an origin that is none', 403, knock('/api/act', { ...action, origin: 'null' }, 'POST')],
  ['another scheme', 403, knock('/api/act', { ...action, origin: `https://${host}` }, 'POST')],
  [
    'an action without the header',
    403,
    knock('/api/act', { ...action, 'x-serin-dashboard': undefined }, 'POST'),
  ],
  ['an action as a form', 415, knock('/api/act', { ...action, 'content-type': 'text/plain' }, 'POST')],
  ['an action where only is shown', 403, knock('/api/act', action, 'POST'), { allowActions: false }],
  ['a POST elsewhere', 405, knock('/api/rollout', action, 'POST')],
  ['PUT', 405, knock('/api/act', action, 'PUT')],
  ['DELETE', 405, knock('/', { cookie }, 'DELETE')],
  ['OPTIONS, which asks for CORS', 405, knock('/api/act', { cookie }, 'OPTIONS')],
  ['an address in place of a path', 400, knock('//evil.example/', { cookie })],
  ['a whole address', 400, knock('http://127.0.0.1:4711/', { cookie })],
];
for (const [what, status, at, more] of refused)
  test(`${what} is refused with ${status}`, () => {
    const admission = admit(at, { ...keys, ...more });
    equal(admission.kind === 'refused' && admission.status, status);
  });

const admitted: readonly (readonly [what: string, knock: Knock])[] = [
  ['the cookie', knock('/api/rollout?name=web', { cookie })],
  ['the cookie among others', knock('/', { cookie: `a=b; ${cookie}; c=d` })],
  ['localhost', knock('/', { cookie, host: 'localhost:4711' })],
  ['the page itself', knock('/api/stream', { cookie, 'sec-fetch-site': 'same-origin' })],
  ['an address that was typed', knock('/', { cookie, 'sec-fetch-site': 'none' })],
  ['an action', knock('/api/act', { ...action, origin: `http://${host}` }, 'POST')],
];
for (const [what, at] of admitted)
  test(`${what} is let in`, () => {
    equal(admit(at, keys).kind, 'in');
  });

test('the path that is let in has no query, and the query is read', () => {
  const admission = admit(knock('/api/rollout?namespace=shop&name=web', { cookie }), keys);
  equal(admission.kind === 'in' && `${admission.path} ${admission.query.get('name')}`, '/api/rollout web');
});

test('the page may load nothing from elsewhere, nor run what stands in it', () => {
  const policy = headersOfAll['content-security-policy'] ?? '';
  match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  match(policy, /frame-ancestors 'none'/);
  equal(/unsafe|https?:|\*/.test(policy), false);
});
