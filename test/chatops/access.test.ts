// With what the forges are asked.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { createAccess, type Wire } from '../../src/chatops/access.ts';
import { answer } from '../../src/chatops/answer.ts';
import { now } from '../report/shop.ts';
import { forgeOf } from './forge.ts';
import { fileOf, rigOf } from './rig.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

test('a GitHub App asks for the token of its installation, and keeps it while it lasts', async (t) => {
  let [asked, time] = [0, now];
  const forge = await forgeOf(t, 'github', {
    authorization: 'Bearer ghs_installation',
    extra: {
      'POST app': {
        path: /^\/api\/v3\/app\/installations\/5\/access_tokens$/,
        does: () => {
          asked += 1;
          return [201, { token: 'ghs_installation', expires_at: new Date(time + 3_600_000).toISOString() }];
        },
      },
    },
  });
  const access = { app: { id: '12', privateKeyFile: fileOf(t, 'app.pem', pem) } };
  const { chatops, said, clock, logged } = await rigOf(t, 'github', forge, { access });
  const comment = { ...said('/canary status'), installation: '5' };
  await answer(chatops, comment);
  await answer(chatops, comment);
  deepEqual(forge.wrong, [], logged.join('\n'));
  equal(asked, 1);
  equal(forge.comments.length, 2);
  await clock.advance(3_400_000);
  time = clock.now();
  await answer(chatops, comment);
  equal(asked, 2);
});

test('where the webhook is not that of the App, its installation is looked for', async (t) => {
  const extra: Parameters<typeof forgeOf>[2] = {
    authorization: 'Bearer ghs_installation',
    extra: {
      'GET app': { path: /^\/api\/v3\/repos\/acme\/shop\/installation$/, does: () => [200, { id: 6 }] },
      'POST app': {
        path: /^\/api\/v3\/app\/installations\/6\/access_tokens$/,
        does: () => [201, { token: 'ghs_installation', expires_at: new Date(now + 3_600_000).toISOString() }],
      },
    },
  };
  const forge = await forgeOf(t, 'github', extra);
  const access = { app: { id: '12', privateKeyFile: fileOf(t, 'app.pem', pem) } };
  const { chatops, said } = await rigOf(t, 'github', forge, { access });
  await answer(chatops, said('/canary status'));
  deepEqual([forge.wrong, forge.comments.length], [[], 1]);
});

test('what it signs is what GitHub checks, and no more than ten minutes long', async (t) => {
  const sent: string[] = [];
  const fetch: Wire['fetch'] = async (_url, { headers }) => {
    sent.push(headers['authorization'] ?? '');
    const body = JSON.stringify({ token: 'ghs_x', expires_at: '2026-11-24T10:00:00Z' });
    return {
      status: 201,
      body: (async function* () {
        yield Buffer.from(body);
      })(),
    };
  };
  const clock = {
    now: () => now,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  const open = createAccess({ clock, fetch });
  const settings = {
    ...{
      api: 'https://api.github.com',
      webhookSecretFile: '/nowhere',
      people: new Map(),
      repositories: new Map(),
    },
    access: { app: { id: '12', privateKeyFile: fileOf(t, 'app.pem', pem) } },
  };
  const said = {
    forge: 'github',
    repository: 'a/b',
    number: '1',
    id: '1',
    author: 'ann',
    text: '',
    url: '',
    at: 0,
  } as const;
  await open(settings, { ...said, installation: '5' });
  const [head = '', claims = '', signature = ''] = (sent[0] ?? '').replace('Bearer ', '').split('.');
  ok(createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url'));
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number>;
  deepEqual([String(iss), Number(iat) * 1000 < now, Number(exp) - Number(iat) <= 600], ['12', true, true]);
  const key = 'no key at all';
  const broken = { ...settings, access: { app: { id: '12', privateKeyFile: fileOf(t, 'app.pem', key) } } };
  await rejects(
    open(broken, { ...said, repository: 'a/c', installation: '6' }),
    (error: Error) => !error.message.includes(key),
  );
  const gone = { ...settings, access: { tokenFile: '/nowhere/token' } };
  await rejects(open(gone, said), /\/nowhere\/token cannot be read/);
  const blank = { ...settings, access: { tokenFile: fileOf(t, 'token', 'a b') } };
  await rejects(open(blank, said), /has no blanks/);
});
