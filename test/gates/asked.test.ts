import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import { createHttpsFetch } from '../../src/prometheus/https-fetch.ts';
import type { AskedType } from '../../src/rollout/gate.ts';
import { createAuthority } from '../rig/authority.ts';
import type { Called, GateServer } from '../rig/gate-server.ts';
import { addSecret, about, asked, hasty, rig, serve } from './rig.ts';

const askedTypes: readonly AskedType[] = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
];

function lastOf({ calls }: GateServer): Called {
  const last = calls.at(-1);
  if (last === undefined) throw new Error('nobody called');
  return last;
}

test('a gate of every type is posted what Flagger posts, and Serin’s own fields after it', async (t) => {
  const server = await serve(t);
  const { ask } = rig();
  for (const type of askedTypes) {
    const url = `${server.url}/any?token=abcd`;
    const metadata = { team: 'shop', phase: 'mine' };
    deepEqual(await ask([asked(url, { type, metadata })]), [
      { name: 'approval', type, says: 'open', why: `${new URL(server.url).host}/any answered 200` },
    ]);
    const { body, headers } = lastOf(server);
    deepEqual(JSON.parse(body), {
      ...{ name: 'web', namespace: 'shop', checksum: '7f9c', metadata },
      phase: type === 'confirm-rollout' ? 'Waiting' : 'Progressing',
      ...{ revision: '7f9c', weight: 20, actor: 'ann' },
    });
    equal(headers['content-type'], 'application/json');
    equal(headers['serin-signature'], undefined);
  }
  equal(server.calls.length, askedTypes.length);
});

test('the load tester’s gates are closed until they are opened, each Deployment’s for itself', async (t) => {
  const server = await serve(t);
  const { ask } = rig();
  const says = async (path: string): Promise<string> => {
    const [answer] = await ask([asked(`${server.url}${path}`)]);
    return `${answer?.says} ${answer?.why.replace(/^\S+ /, '')}`;
  };
  for (const kind of ['gate', 'rollback'] as const) {
    equal(await says(`/${kind}/check`), 'closed answered 403: Forbidden');
    server.set(kind, 'shop', 'api', true);
    equal(await says(`/${kind}/check`), 'closed answered 403: Forbidden');
    equal(await says(`/${kind}/open`), 'open answered 202');
    equal(await says(`/${kind}/check`), 'open answered 200: Approved');
    equal(await says(`/${kind}/close`), 'open answered 202');
    equal(await says(`/${kind}/check`), 'closed answered 403: Forbidden');
  }
  equal(await says('/gate/approve'), 'open answered 200: OK');
  equal(await says('/gate/halt'), 'closed answered 403: Forbidden');
});

test('what answers above 202 is closed, a redirect too, and nobody follows it', async (t) => {
  const server = await serve(t);
  const { ask } = rig();
  const answers: (string | undefined)[] = [];
  for (const status of [200, 202, 203, 204, 302, 404, 429]) {
    server.at('/say', (_, response) => response.writeHead(status, { location: '/gate/approve' }).end());
    answers.push((await ask([asked(`${server.url}/say`)]))[0]?.says);
  }
  deepEqual(answers, ['open', 'open', 'closed', 'closed', 'closed', 'closed', 'closed']);
  ok(server.calls.every(({ path }) => path === '/say'));
});

test('a 5xx and a broken connection are tried again as often as the gate allows, a no is not', async (t) => {
  const server = await serve(t);
  const { ask } = rig({ clock: hasty });
  const cases = [
    { statuses: [503, 0, 200], retries: 2, says: 'open', calls: 3 },
    { statuses: [503, 503, 200], retries: 1, says: 'closed', calls: 2 },
    { statuses: [0, 0, 200], retries: 1, says: 'error', calls: 2 },
    { statuses: [403, 200], retries: 3, says: 'closed', calls: 1 },
  ];
  for (const { statuses, retries, says, calls } of cases) {
    const before = server.calls.length;
    const left = [...statuses];
    server.at('/flaky', (_, response) => {
      // On a kept connection that breaks, one call is sent again at once and counts for no try.
      const status = left.shift() ?? 200;
      if (status === 0) response.destroy();
      else response.writeHead(status, { connection: 'close' }).end();
    });
    const [answer] = await ask([asked(`${server.url}/flaky`, { retries })]);
    deepEqual([answer?.says, server.calls.length - before], [says, calls]);
  }
});

test('a gate that does not answer in its time is an error that names it without its query', async (t) => {
  const server = await serve(t);
  server.at('/silent', () => undefined);
  server.at('/endless', (_, response) => void response.writeHead(200).write('begun'));
  const { ask } = rig();
  for (const path of ['/silent', '/endless']) {
    const url = `${server.url}${path}?key=hidden-key`;
    const host = new URL(server.url).host;
    deepEqual(await ask([asked(url, { timeoutMs: 50 })]), [
      {
        name: 'approval',
        type: 'confirm-promotion',
        says: 'error',
        why: `${host}${path}: no answer within 50 ms`,
      },
    ]);
  }
});

test('of a huge answer the first words are shown as one line of text', async (t) => {
  const server = await serve(t);
  server.at('/huge', (_, response) => {
    response.writeHead(403);
    response.write('not\u0000 yet\u001b[31m\u202e\n\n\tfor\u0007 web ');
    response.end('x'.repeat(30 * 1024 * 1024));
  });
  const [answer] = await rig().ask([asked(`${server.url}/huge`)]);
  equal(answer?.says, 'closed');
  match(answer?.why ?? '', /^\S+ answered 403: not yet \[31m for web x+…$/);
  ok((answer?.why.length ?? 0) < 400);
});

test('a server of an unknown authority is an error, unless the gate does not check', async (t) => {
  const tls = createAuthority('gates').issue({ commonName: 'gate', hosts: ['127.0.0.1'] });
  const server = await serve(t, { tls });
  const { ask } = rig();
  const url = `${server.url}/gate/approve`;
  const says = async (disableTls: boolean): Promise<string | undefined> =>
    (await ask([asked(url, { disableTls })]))[0]?.says;
  deepEqual([await says(true), await says(false), await says(true)], ['open', 'error', 'open']);
});

test('a gate with a Secret can tell that Serin called, and when', async (t) => {
  const server = await serve(t);
  const { ask, kube } = rig();
  await addSecret(kube, 'signing', { 'hmac-key': 's3cret-key', other: 'unread' });
  await ask([asked(`${server.url}/any`, { secret: 'signing' })]);
  const { headers, body } = lastOf(server);
  const timestamp = String(headers['serin-timestamp']);
  ok(Math.abs(Number(timestamp) * 1000 - Date.now()) < 60_000);
  const signed = createHmac('sha256', 's3cret-key').update(`${timestamp}.${body}`).digest('hex');
  equal(headers['serin-signature'], `v1=${signed}`);
});

test('without the key it is asked to sign with Serin does not call, and says what is to be done', async (t) => {
  const server = await serve(t);
  const { ask, kube } = rig();
  await addSecret(kube, 'empty', { key: 'other' });
  const why = async (secret: string): Promise<string | undefined> => {
    const [answer] = await ask([asked(`${server.url}/any`, { secret })]);
    return `${answer?.says}: ${answer?.why}`;
  };
  equal(await why('gone'), 'error: Secret shop/gone is not there');
  equal(await why('empty'), 'error: Secret shop/empty has no hmac-key');
  kube.before = ({ plural }) => {
    if (plural === 'secrets') throw new SerinError('KUBE_FORBIDDEN', 'no');
  };
  equal(
    await why('foreign'),
    'error: Secret shop/foreign may not be read by Serin: bind it a Role, as manifests/examples/gate-secret.yaml does in namespace shop',
  );
  equal(server.calls.length, 0);
});

test('Serin’s own machine and addresses that are none are not called', async (t) => {
  const server = await serve(t);
  const { ask } = rig({ fetch: createHttpsFetch() });
  const why = async (url: string): Promise<string | undefined> => (await ask([asked(url)]))[0]?.why;
  match((await why(`${server.url}/any`)) ?? '', /is Serin’s own machine, which a plan may not ask$/);
  equal(await why('file:///etc/passwd'), '/etc/passwd: is not an address to call');
  equal(await why('nonsense'), 'the url: is not an address to call');
  equal(server.calls.length, 0);
});

test('a gate that is slow for one rollout holds no other up, and nobody while it is waited for', async (t) => {
  const server = await serve(t);
  server.at('/slow', () => undefined);
  const { gates, ask } = rig();
  const slow = asked(`${server.url}/slow`, { timeoutMs: 300 });
  const many = Array.from({ length: 20 }, (_, index) => ({ ...about, name: `web-${index}` }));
  let woken = 0;
  for (const each of many)
    equal(
      gates.answers([slow], each, () => (woken += 1)),
      undefined,
    );
  const [answer] = await ask([asked(`${server.url}/gate/approve`)], { ...about, name: 'quick' });
  deepEqual([answer?.says, woken], ['open', 0]);
  const [late] = await ask([slow], { ...about, name: 'web-slow' });
  equal(late?.says, 'error');
});
