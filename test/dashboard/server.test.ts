import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { text } from 'node:stream/consumers';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { cookieName } from '../../src/dashboard/door.ts';
import type { News } from '../../src/dashboard/wire.ts';
import { failed, noon, trial } from './fixtures.ts';
import { openStage, session, type Stage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await openStage([trial(), failed()], { allowActions: true, at: noon });
});
after(() => stage.close());

interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

function ask(path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: stage.port, path, method, headers, agent: false },
      resolve,
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
const known = (): OutgoingHttpHeaders => ({ cookie: `${cookieName(stage.port)}=${session}` });
const acting = (): OutgoingHttpHeaders => ({
  ...known(),
  'content-type': 'application/json',
  'x-serin-dashboard': '1',
});
async function answer(
  path: string,
  sent?: Sent,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await ask(path, sent);
  return { status: response.statusCode ?? 0, body: JSON.parse(await text(response)) };
}

/** The first `count` news of a stream that are no beats, with their ids. */
async function news(
  count: number,
  lastId?: string,
): Promise<readonly { readonly id: string; readonly news: News }[]> {
  const headers = { ...known(), ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
  const response = await ask('/api/stream', { headers });
  const told: { readonly id: string; readonly news: News }[] = [];
  let rest = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const parts = (rest + chunk.toString('utf8')).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, id = '', json = '{}'] = /^(?:id: (.*)\n)?data: (.*)$/.exec(part) ?? [];
      const each = JSON.parse(json) as News;
      if (each.kind !== 'beat') told.push({ id, news: each });
    }
    if (told.length >= count) break;
  }
  response.destroy();
  return told.slice(0, count);
}

test('it listens on loopback alone, and says the address with the token', () => {
  match(stage.url, /^http:\/\/127\.0\.0\.1:\d+\/\?token=the-token$/);
});

test('the token leads to the page without it, and the cookie shows it', async () => {
  const first = await ask('/?token=the-token');
  equal(first.statusCode, 303);
  equal(first.headers.location, '/');
  const [cookie = ''] = first.headers['set-cookie'] ?? [];
  match(cookie, /HttpOnly; SameSite=Strict$/);
  const page = await ask('/', { headers: { cookie: cookie.replace(/;.*$/, '') } });
  equal(page.statusCode, 200);
  const html = await text(page);
  match(html, /<script type="module" src="\/page\.js">/);
  equal(
    /<script(?! type="module" src=)|<style| style=| on[a-z]+=/.test(html),
    false,
    'nothing stands in it that CSP refuses',
  );
});

for (const path of ['/', '/page.js', '/page.css', '/icon.svg', '/api/stream', '/api/rollout', '/nowhere'])
  test(`${path} says nothing to a stranger, under every header`, async () => {
    const response = await ask(path);
    equal(response.statusCode, 401);
    match(String(response.headers['content-security-policy']), /^default-src 'none'/);
    equal(response.headers['cache-control'], 'no-store');
    equal(response.headers['x-content-type-options'], 'nosniff');
    match(await text(response), /kubectl canary dashboard/);
  });

test('script and style are served as what they are', async () => {
  const [js, css] = await Promise.all(
    ['/page.js', '/page.css'].map((path) => ask(path, { headers: known() })),
  );
  equal(js?.headers['content-type'], 'text/javascript; charset=utf-8');
  equal(css?.headers['content-type'], 'text/css; charset=utf-8');
  ok(js !== undefined && (await text(js)).length > 10_000);
});

test('one rollout is told with all there is to it, and one that is not there with 404', async () => {
  const { status, body } = await answer('/api/rollout?namespace=shop&name=web', { headers: known() });
  equal(status, 200);
  deepEqual(Object.keys(body as object).sort(), ['report', 'routes', 'series', 'templates']);
  const missing = 'there is no such Deployment';
  for (const path of ['?namespace=shop&name=none', '?namespace=..&name=..%2Fsecrets', ''])
    deepEqual(await answer(`/api/rollout${path}`, { headers: known() }), {
      status: 404,
      body: { ok: false, why: missing },
    });
});

test('a stream begins with everything, goes on with what changes, and is resumed where it broke', async () => {
  const [first] = await news(1);
  equal(first?.news.kind === 'all' && first.news.rollouts.length, 2);
  stage.show({ ...trial(), message: 'changed' });
  stage.take('shop', 'cart');
  const missed = await news(2, first?.id);
  deepEqual(
    missed.map(({ news: { kind } }) => kind),
    ['rollout', 'gone'],
  );
  const [again] = await news(1, 'another-boot.7');
  equal(again?.news.kind, 'all');
  stage.show(failed());
});

test('an action is done as it was read, and what is refused says why', async () => {
  const asked = { namespace: 'shop', name: 'web', revision: 'b04d77e1', do: 'pause', reason: 'lunch' };
  const sent = { method: 'POST', headers: acting() };
  deepEqual(await answer('/api/act', { ...sent, body: JSON.stringify(asked) }), {
    status: 200,
    body: { ok: true },
  });
  deepEqual(stage.asked.at(-1), {
    ...{ namespace: 'shop', name: 'web', revision: 'b04d77e1' },
    said: { do: 'pause', reason: 'lunch' },
  });
  stage.refuseNext('dev may not abort web');
  deepEqual(await answer('/api/act', { ...sent, body: JSON.stringify({ ...asked, do: 'abort' }) }), {
    status: 409,
    body: { ok: false, why: 'dev may not abort web' },
  });
  equal(stage.asked.length, 1);
});

const bodies: readonly (readonly [what: string, status: number, body: string])[] = [
  ['no JSON', 400, 'pause'],
  ['a list', 400, '[]'],
  ['a verb that is none', 400, '{"namespace":"shop","name":"web","do":"ship"}'],
  ['a name that leads elsewhere', 400, '{"namespace":"shop","name":"../secrets/x","do":"pause"}'],
  ['a reason of two lines', 400, '{"namespace":"shop","name":"web","do":"pause","reason":"a\\nb"}'],
  ['more than any action is', 413, `{"reason":"${'x'.repeat(20_000)}"}`],
];
for (const [what, status, body] of bodies)
  test(`${what} is answered with ${status} and done by nobody`, async () => {
    const already = stage.asked.length;
    const said = await answer('/api/act', { method: 'POST', headers: acting(), body });
    equal(said.status, status);
    equal((said.body as { readonly ok: boolean }).ok, false);
    equal(stage.asked.length, already);
  });

test('a port that is taken is told, with what to do', async () => {
  await rejects(
    openStage([], { port: stage.port }),
    /127\.0\.0\.1:\d+ \(.*EADDRINUSE.*\): choose another --port$/,
  );
});

test('a GET does nothing', async () => {
  equal((await answer('/api/act', { headers: acting() })).status, 405);
});
