import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { credentialsIn, hidden, type SecretData } from '../../src/prometheus/credentials.ts';

const basic = `Basic ${Buffer.from('me:p@ssword').toString('base64')}`;

const good: readonly (readonly [
  what: string,
  data: SecretData,
  headers: object,
  secrets: readonly string[],
])[] = [
  [
    'a token is a bearer’s, without the line end that echo leaves',
    { token: 'abcdef\n' },
    { authorization: 'Bearer abcdef' },
    ['Bearer abcdef', 'abcdef'],
  ],
  [
    'a name and a password are basic authentication',
    { username: 'me', password: 'p@ssword' },
    { authorization: basic },
    [basic, 'p@ssword'],
  ],
  [
    'a header is sent by its name',
    { 'header.X-Scope-OrgID': 'team-a' },
    { 'x-scope-orgid': 'team-a' },
    ['team-a'],
  ],
  [
    'a header of its own gives way to the token',
    { 'header.Authorization': 'Digest x', token: 'abcdef' },
    { authorization: 'Bearer abcdef' },
    ['Bearer abcdef', 'abcdef'],
  ],
  ['keys of no meaning here are not sent', { org: 'serin', address: 'x' }, {}, []],
];
for (const [what, data, headers, secrets] of good) {
  test(what, () => deepEqual(credentialsIn(data), { ok: true, credentials: { headers, secrets } }));
}

test('a CA is trusted with or without a certificate of one’s own', () => {
  deepEqual(credentialsIn({ 'ca.crt': 'CA' }), {
    ok: true,
    credentials: { headers: {}, secrets: [], tls: { ca: 'CA' } },
  });
  deepEqual(credentialsIn({ 'tls.crt': 'C', 'tls.key': 'K' }), {
    ok: true,
    credentials: { headers: {}, secrets: [], tls: { cert: 'C', key: 'K' } },
  });
});

test('what is wrong with a Secret is told all at once, by its keys alone', () => {
  const data = { username: 'me', token: 'line\nbreak', 'tls.key': 'K', 'header.X Y': 'v', 'header.Z': 'ü☃' };
  deepEqual(credentialsIn(data), {
    ok: false,
    why: [
      'username is there without password',
      'tls.key is there without tls.crt',
      'token and username say the same: remove one',
      'header.x y cannot be sent as a header',
      'header.z cannot be sent as a header',
      'token cannot be sent as a header',
    ].join('; '),
  });
});

test('what a server repeats of the credentials is not told on', () => {
  const { credentials } = credentialsIn({ username: 'me', password: 'p@ssword' }) as Extract<
    ReturnType<typeof credentialsIn>,
    { ok: true }
  >;
  equal(
    hidden(`no user me:p@ssword in "${basic}", nor ${basic.slice(6)}`, credentials),
    'no user me:[hidden] in "[hidden]", nor [hidden]',
  );
  equal(hidden('tenant a of a', { secrets: ['a'] }), 'tenant a of a');
});
