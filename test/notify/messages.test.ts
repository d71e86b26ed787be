// Messages that a real server receives: order, what is tried again, who may send, and what is shown of it.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { settled, virtualClock } from '../rig/virtual-clock.ts';
import { advanced, failed, paused, started } from './news.ts';
import { addSecret, kept, rig, serve, settingsOf } from './rig.ts';

const hook = settingsOf('receivers: [{name: audit, type: webhook, secretRef: {name: hook}}]');

test('429 is waited for as long as Retry-After says, and 5xx and silence are tried again, in order', async (t) => {
  const server = await serve(t);
  const slept: number[] = [];
  const heard: string[] = [];
  const answers = [
    [429, '7'],
    [503, ''],
    [0, ''],
    [200, ''],
  ] as const;
  let next = 0;
  server.at('/hook', ({ body }, response) => {
    const [status, retryAfter] = answers[Math.min(next, answers.length - 1)] ?? [200, ''];
    next += 1;
    if (status === 200) heard.push((JSON.parse(body) as { kind: string }).kind);
    if (status === 0) response.destroy();
    else {
      const asked = retryAfter === '' ? {} : { 'retry-after': retryAfter };
      // A connection that is kept and then lost is taken up again at once.
      response.writeHead(status, { connection: 'close', ...asked }).end();
    }
  });
  const clock = {
    now: () => Date.now(),
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (signal === undefined) slept.push(ms);
      else await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
  const { kube, messages, told, outcomes } = rig({ clock });
  await addSecret(kube, 'hook', { address: `${server.url}/hook` });
  for (const each of [started(), advanced(10), failed()]) messages.tell(each, hook);
  await told(3);
  deepEqual(heard, ['started', 'progress', 'threshold']);
  deepEqual(slept, [7_000, 1_500, 3_000]);
  deepEqual(outcomes, ['webhook told', 'webhook told', 'webhook told']);
});

test('an end is tried for a quarter of an hour and all else for a minute, then it is a failure', async () => {
  const { clock, minutes } = counting();
  const { kube, messages, told, troubles } = rig({
    clock,
    fetch: () => Promise.reject(new Error('no route')),
  });
  await addSecret(kube, 'hook', { address: 'http://audit.example.com/' });
  messages.tell(started(), hook);
  await told(1);
  const others = minutes();
  messages.tell(failed(), hook);
  await told(2);
  ok(others > 0.5 && others < 1.5, String(others));
  ok(minutes() - others > 12 && minutes() - others < 20, String(minutes() - others));
  deepEqual(troubles, ['web: not told: webhook audit (audit.example.com): no route']);
});

/** A clock on which pauses take no time, and how long they were in all. */
function counting() {
  let slept = 0;
  return {
    clock: {
      now: () => 1_000 + slept,
      sleep: async (ms: number, signal?: AbortSignal) => {
        if (signal === undefined) slept += ms;
        else await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    },
    minutes: () => slept / 60_000,
  };
}

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

test('Google Chat is asked to answer in the thread of the rollout', async (t) => {
  const server = await serve(t);
  const paths: string[] = [];
  const { kube, messages, told } = rig({
    fetch: (url) => {
      paths.push(url.search);
      return Promise.resolve({ status: 200, body: null });
    },
  });
  await addSecret(kube, 'chat', { address: `${server.url}/v1/spaces/A/messages?key=k&token=t` });
  const chat = settingsOf('receivers: [{name: c, type: gchat, secretRef: {name: chat}}]');
  messages.tell(started(), chat);
  await told(1);
  deepEqual(paths, ['?key=k&token=t&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD']);
});

test('a severity keeps what is less from a receiver, and steps are for programs alone', async (t) => {
  const server = await serve(t);
  const { kube, messages, told } = rig();
  await addSecret(kube, 'hook', { address: `${server.url}/any` });
  const receiver = (name: string, type: string, severity: string): string =>
    `{name: ${name}, type: ${type}, severity: ${severity}, secretRef: {name: hook}}`;
  const text = [
    receiver('a', 'discord', 'info'),
    receiver('b', 'msteams', 'error'),
    receiver('c', 'webhook', 'warn'),
  ];
  const settings = settingsOf(`receivers: [${text.join(', ')}]`);
  for (const each of [started(), advanced(10), paused(), failed()]) messages.tell(each, settings);
  await told(6);
  const to = server.calls.map(({ body }) =>
    body.includes('embeds') ? 'discord' : body.includes('AdaptiveCard') ? 'msteams' : 'webhook',
  );
  deepEqual(to.toSorted(), ['discord', 'discord', 'discord', 'msteams', 'webhook', 'webhook']);
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

test('what waits is bounded, what is dropped is counted, and a dead receiver holds up no other', async () => {
  const clock = virtualClock();
  const { kube, messages, outcomes, troubles } = rig({ clock, fetch: () => new Promise(() => undefined) });
  await addSecret(kube, 'hook', { address: 'http://dead.example.com/' });
  for (let each = 0; each < 103; each += 1) messages.tell(advanced(10), hook);
  await settled();
  deepEqual(outcomes, ['webhook dropped', 'webhook dropped']);
  deepEqual(troubles, ['web: audit was not told: too much waits to be told']);
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
