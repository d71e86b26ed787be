// Webhooks as the forges send them, and as somebody else does.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Said } from '../../src/chatops/event.ts';
import { Seen } from '../../src/chatops/seen.ts';
import { createChatopsServer, type ServerOptions } from '../../src/chatops/server.ts';
import type { ForgeSettings } from '../../src/chatops/settings.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { fileOf } from './rig.ts';
import { githubBody, gitlabBody, secret, signed, url } from './webhooks.ts';

interface Stand {
  readonly app: FastifyInstance;
  readonly taken: Said[];
  readonly logged: string[];
  readonly clock: ReturnType<typeof virtualClock>;
  readonly post: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<number>;
}

interface StandOptions {
  readonly hasRoom?: () => boolean;
  readonly most?: number;
  readonly requestTimeoutMs?: number;
}

function standOf(t: TestContext, { hasRoom = () => true, most, requestTimeoutMs }: StandOptions = {}): Stand {
  const clock = virtualClock();
  const [taken, logged]: [Said[], string[]] = [[], []];
  const forge: ForgeSettings = {
    api: 'https://api.github.com',
    webhookSecretFile: fileOf(t, 'secret', `${secret}\n`),
    access: { tokenFile: '/nowhere' },
    ...{ people: new Map(), repositories: new Map() },
  };
  const log = (about: object, words: string): void => void logged.push(`${JSON.stringify(about)} ${words}`);
  const app = createChatopsServer({
    settings: async () => ({ github: forge, gitlab: forge }),
    seen: new Seen(clock, most),
    take: (said) => hasRoom() && taken.push(said) > 0,
    metrics: async () => '',
    ready: () => true,
    log: { info: log, warn: log, error: log } as ServerOptions['log'],
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  });
  t.after(() => app.close());
  const post: Stand['post'] = async (path, body, headers = {}) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const all = { 'content-type': 'application/json', ...signed(path, payload), ...headers };
    const { statusCode } = await app.inject({ method: 'POST', url: path, payload, headers: all });
    return statusCode;
  };
  return { app, taken, logged, clock, post };
}

test('a comment is taken as the forge tells it', async (t) => {
  const { post, taken } = standOf(t);
  equal(await post('/github', githubBody()), 202);
  equal(await post('/gitlab', gitlabBody()), 202);
  equal(await post('/gitlab', gitlabBody({ id: 12, created_at: '2026-11-24T09:00:00.500Z' })), 202);
  const at = Date.parse('2026-11-24T09:00:00Z');
  deepEqual(taken.slice(0, 2), [
    {
      ...{ forge: 'github', repository: 'acme/shop', number: '7', id: '11', author: 'ann' },
      ...{ text: '/canary status', url, at, installation: '5' },
    },
    {
      ...{ forge: 'gitlab', repository: 'acme/web/shop', number: '7', id: '11', author: 'ann', at },
      ...{ text: '/canary abort', url: 'https://gitlab.com/acme/web/shop/-/merge_requests/7#note_11' },
    },
  ]);
  equal(taken.length, 3);
});

const others: {
  readonly [what: string]: readonly [path: string, body: unknown, headers?: Record<string, string>];
} = {
  'a ping': ['/github', { zen: 'x' }, { 'x-github-event': 'ping' }],
  'a push': ['/github', githubBody(), { 'x-github-event': 'push' }],
  'a comment of an issue': ['/github', githubBody({}, { issue: { number: 7 } })],
  'a comment that is edited': ['/github', githubBody({}, { action: 'edited' })],
  'a comment of a program': ['/github', githubBody({ user: { login: 'x[bot]', type: 'Bot' } })],
  'a comment that is no command': ['/github', githubBody({ body: 'lgtm' })],
  'a repository that is none': ['/github', githubBody({}, { repository: { full_name: '../..' } })],
  'an author that is none': ['/github', githubBody({ user: { login: 'a b\n<x>' } })],
  'an address that is none': ['/github', githubBody({ html_url: 'javascript:x' })],
  'no moment': ['/github', githubBody({ created_at: 'soon' })],
  'a list': ['/github', []],
  'a note of an issue': ['/gitlab', gitlabBody({ noteable_type: 'Issue' })],
  'a note that is edited': ['/gitlab', gitlabBody({ action: 'update' })],
  'a note of GitLab itself': ['/gitlab', gitlabBody({ system: true })],
  'a pipeline': ['/gitlab', gitlabBody(), { 'x-gitlab-event': 'Pipeline Hook' }],
};

for (const [what, [path, body, headers]] of Object.entries(others))
  test(`${what} is nothing to do`, async (t) => {
    const { post, taken } = standOf(t);
    equal(await post(path, body, headers), 200);
    deepEqual(taken, []);
  });

const wrong: {
  readonly [what: string]: readonly [
    status: number,
    path: string,
    headers?: Record<string, string>,
    body?: unknown,
  ];
} = {
  'with a wrong signature': [401, '/github', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
  'with none': [401, '/github', { 'x-hub-signature-256': '' }],
  'with that of the older header': [
    401,
    '/github',
    { 'x-hub-signature-256': '', 'x-hub-signature': `sha1=${'0'.repeat(40)}` },
  ],
  'with a wrong token': [401, '/gitlab', { 'x-gitlab-token': 'x' }, gitlabBody()],
  'as a form': [415, '/github', { 'content-type': 'application/x-www-form-urlencoded' }],
  'too large': [413, '/github', {}, githubBody({ body: `/canary ${'x'.repeat(1024 * 1024)}` })],
  'without JSON': [400, '/github', {}, '{"a":'],
  'to another path': [404, '/bitbucket'],
};

for (const [what, [status, path, headers, body = githubBody()]] of Object.entries(wrong))
  test(`a webhook ${what} is answered ${status}`, async (t) => {
    const { post, taken, logged } = standOf(t);
    equal(await post(path, body, headers), status);
    deepEqual(taken, []);
    equal(logged.join('').includes(secret), false);
  });

test('what is sent again is refused: the same, with another id, with another body', async (t) => {
  const { post, taken } = standOf(t);
  equal(await post('/github', githubBody(), { 'x-github-delivery': 'one' }), 202);
  equal(await post('/github', githubBody(), { 'x-github-delivery': 'one' }), 409);
  equal(await post('/github', githubBody(), { 'x-github-delivery': 'two' }), 409);
  equal(await post('/github', githubBody({}, { sender: {} }), { 'x-github-delivery': 'three' }), 409);
  equal(await post('/github', githubBody({ id: 12 }), { 'x-github-delivery': 'one' }), 409);
  equal(await post('/github', githubBody({ id: 12 }), { 'x-github-delivery': 'four' }), 202);
  equal(taken.length, 2);
});

test('what was said ten minutes ago, in a while, or before the process began, is refused', async (t) => {
  const { post, clock } = standOf(t);
  const said = (created_at: string): Promise<number> =>
    post('/github', githubBody({ id: Date.parse(created_at), created_at }));
  equal(await said('2026-11-24T08:59:59Z'), 409);
  equal(await said('2026-11-24T09:02:00Z'), 409);
  await clock.advance(660_000);
  equal(await said('2026-11-24T09:00:30Z'), 409);
  equal(await said('2026-11-24T09:02:00Z'), 202);
});

test('what there is no room for may be said again', async (t) => {
  let hasRoom = false;
  const { post, taken } = standOf(t, { hasRoom: () => hasRoom });
  equal(await post('/github', githubBody()), 503);
  hasRoom = true;
  equal(await post('/github', githubBody()), 202);
  equal(taken.length, 1);
});

test('what does not fit into the memory is refused, and nothing in it forgotten before its time', async (t) => {
  const { post, clock } = standOf(t, { most: 4 });
  const at = (id: number, created_at: string): Promise<number> =>
    post('/github', githubBody({ id, created_at }));
  equal(await at(1, '2026-11-24T09:00:00Z'), 202);
  equal(await at(2, '2026-11-24T09:00:00Z'), 202);
  equal(await at(3, '2026-11-24T09:00:00Z'), 503);
  equal(await at(1, '2026-11-24T09:00:00Z'), 409);
  await clock.advance(661_000);
  equal(await at(4, '2026-11-24T09:11:00Z'), 202);
});

test('who sends slowly is let go, and holds nobody else', async (t) => {
  const { app, taken } = standOf(t, { requestTimeoutMs: 1_000 });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(
    'POST /github HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  );
  const answered = textOf(socket);
  equal((await app.inject({ url: '/healthz' })).statusCode, 200);
  match(await answered, /^HTTP\/1.1 408 /);
  deepEqual(taken, []);
});

test('settings that cannot be followed, or a secret that is not there, answer 503 and say it in the log', async (t) => {
  const { logged, app } = standOf(t);
  const said: string[] = [];
  const broken = createChatopsServer({
    settings: async () => ({
      github: {
        ...{ api: 'x', webhookSecretFile: '/nowhere/secret', access: { tokenFile: '/t' } },
        ...{ people: new Map(), repositories: new Map() },
      },
    }),
    seen: new Seen(virtualClock()),
    take: () => true,
    metrics: async () => '',
    ready: () => false,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (about: object) => void said.push(JSON.stringify(about)),
    },
  });
  t.after(() => broken.close());
  const headers = { 'content-type': 'application/json' };
  equal((await broken.inject({ method: 'POST', url: '/github', payload: '{}', headers })).statusCode, 503);
  match(said.join(''), /\/nowhere\/secret cannot be read/);
  equal((await broken.inject({ method: 'POST', url: '/gitlab', payload: '{}', headers })).statusCode, 404);
  equal((await broken.inject({ url: '/readyz' })).statusCode, 503);
  equal((await app.inject({ url: '/readyz' })).statusCode, 200);
  ok(logged.length === 0);
});
