// What a receiver's Secret says is used and shown to nobody, and who may send.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAuthority } from '../rig/authority.ts';
import { startGateServer } from '../rig/gate-server.ts';
import { settled } from '../rig/virtual-clock.ts';
import { failed, started } from './news.ts';
import { addSecret, counting, kept, rig, serve, settingsOf } from './rig.ts';

const hook = settingsOf('receivers: [{name: audit, type: webhook, secretRef: {name: hook}}]');

test('a webhook and a CloudEvent are signed, and carry the token and the headers of their Secret', async (t) => {
  const server = await serve(t);
  const { kube, messages, told } = rig();
  const data = { address: `${server.url}/hook`, 'hmac-key': 'k1', token: 't1', 'header.X-Tenant': 'a' };
  await addSecret(kube, 'hook', data);
  const both = settingsOf(
    `receivers: [{name: a, type: webhook, secretRef: {name: hook}}, {name: b, type: cloudevents, mode: binary, secretRef: {name: hook}}]`,
  );
  messages.tell(started(), both);
  await told(2);
  const signed = server.calls.map(({ headers }) => String(headers['serin-signature']));
  ok(signed.every((each) => /^v1=[0-9a-f]{64}$/.test(each)));
  const shown = server.calls.map(({ headers }) => [
    headers['content-type'],
    headers.authorization,
    headers['x-tenant'],
    headers['ce-type'],
  ]);
  const type = 'dev.serin.rollout.started';
  deepEqual(shown.map((each) => each.join(' ').trim()).toSorted(), [
    'application/json Bearer t1 a',
    `application/json Bearer t1 a ${type}`,
  ]);
});

test('a Secret that may not be used, or is not there, and bad settings are told and hold up no other', async (t) => {
  const server = await serve(t);
  const { kube, messages, told, troubles } = rig();
  await addSecret(kube, 'hook', { address: `${server.url}/any` });
  await addSecret(kube, 'empty', { token: 'x' });
  const settings = settingsOf(
    `receivers:
     - {name: a, type: webhook, secretRef: {name: gone}}
     - {name: b, type: webhook, secretRef: {name: empty}}
     - {name: c, type: slack, secretRef: {name: empty}}
     - {name: d, type: webhook, secretRef: {name: hook}}`,
    'receivers: [{name: e, type: smoke, token: x}]',
  );
  messages.tell(started(), settings);
  await told(4);
  deepEqual(troubles.toSorted(), [
    'web: ConfigMap serin-system/serin, messages.yaml: receivers[0].secretRef is missing: the Secret that says where it is is needed',
    'web: ConfigMap serin-system/serin, messages.yaml: receivers[0].token belongs into the Secret that secretRef names: whoever reads this ConfigMap could write there in Serin’s name',
    'web: ConfigMap serin-system/serin, messages.yaml: receivers[0].type: expected slack or msteams or discord or googlechat or webhook or cloudevents, got "smoke"',
    'web: not told: slack c: a token needs a channel: write it into messages.yaml',
    'web: not told: webhook a: Secret shop/gone is not there',
    'web: not told: webhook b: Secret shop/empty: address is missing',
  ]);
  equal(server.calls.length, 1);
});

test('an API server that is away for a moment loses no end', async (t) => {
  const server = await serve(t);
  const { kube, messages, told, outcomes } = rig();
  await addSecret(kube, 'hook', { address: `${server.url}/any` });
  let away = 3;
  kube.before = ({ plural }) => {
    if (plural !== 'secrets' || away === 0) return;
    away -= 1;
    throw new Error('connection refused');
  };
  messages.tell(failed(), hook);
  await told(1);
  deepEqual([outcomes, server.calls.length, away], [['webhook told'], 1, 0]);
});

test('the CA of a receiver stands in its Secret', async (t) => {
  const authority = createAuthority('room-ca');
  const server = await startGateServer({
    tls: authority.issue({ commonName: 'room', hosts: ['127.0.0.1'] }),
  });
  t.after(() => server.close());
  const { kube, messages, told, outcomes, troubles } = rig({ clock: counting().clock });
  await addSecret(kube, 'hook', { address: `${server.url}/any`, 'ca.crt': authority.certPem });
  await addSecret(kube, 'bare', { address: `${server.url}/any` });
  messages.tell(started(), hook);
  await told(1);
  messages.tell(started(), settingsOf('receivers: [{name: b, type: webhook, secretRef: {name: bare}}]'));
  await told(2);
  deepEqual([outcomes, troubles.length], [['webhook told', 'webhook failed'], 1]);
});

test('no secret of a call is shown, whatever the server repeats', async (t) => {
  const server = await serve(t);
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(secret, secret, secret, secret),
      fc.constantFrom(...(['slack', 'discord', 'webhook', 'cloudevents'] as const)),
      fc.constantFrom(403, 404, 400),
      async (secrets, type, status) => {
        const [path, query, token, key] = secrets;
        server.at(`/services/${path}`, ({ headers, body }, response) =>
          response.writeHead(status).end(JSON.stringify({ secrets, headers, body })),
        );
        const { kube, messages, told, troubles, log } = rig();
        const address = `${server.url}/services/${path}?key=${query}`;
        const more = type === 'slack' || type === 'discord' ? {} : { token, 'hmac-key': key };
        await addSecret(kube, 'hook', { address, ...more });
        messages.tell(
          started(),
          settingsOf(`receivers: [{name: a, type: ${type}, secretRef: {name: hook}}]`),
        );
        await told(1);
        const shown = JSON.stringify([troubles, log, await kept(kube)]);
        equal(troubles.length, 1);
        const used = type === 'slack' || type === 'discord' ? [path, query] : secrets;
        for (const each of used) ok(!shown.includes(each), `${each} in ${shown}`);
      },
    ),
    { numRuns: 20 },
  );
});

test('who no longer leads sends nothing, and gives nothing up', async (t) => {
  const server = await serve(t);
  const { kube, messages, told, leave, outcomes } = rig();
  await addSecret(kube, 'hook', { address: `${server.url}/any` });
  messages.tell(started(), hook);
  await told(1);
  leave();
  messages.tell(failed(), hook);
  await settled();
  deepEqual([outcomes, server.calls.length, (await kept(kube)).length], [['webhook told'], 1, 1]);
});

test('where what was told cannot be kept, it is told all the same', async (t) => {
  const server = await serve(t);
  const { kube, messages, told, log } = rig();
  await addSecret(kube, 'hook', { address: `${server.url}/any` });
  kube.before = ({ plural }) => {
    if (plural === 'configmaps') throw new Error('no such right');
  };
  messages.tell(started(), hook);
  await told(1);
  equal(server.calls.length, 1);
  ok(log.some((line) => line.includes('not kept what was told: no such right')));
});
