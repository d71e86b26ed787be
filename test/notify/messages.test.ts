// Messages that a real server receives: order, what is tried again, who may send, and what is shown of it.
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { settled, virtualClock } from '../rig/virtual-clock.ts';
import { advanced, aMain, failed, paused, started } from './news.ts';
import { addSecret, counting, rig, serve, settingsOf } from './rig.ts';

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

test('a message that cannot be made is no more than a line in the log', async () => {
  const { messages, log } = rig();
  const broken = { ...started(), main: { ...started().main, metadata: { name: 'web', namespace: 'shop' } } };
  Object.defineProperty(broken.main.metadata, 'uid', {
    get: () => {
      throw new Error('no uid');
    },
  });
  messages.tell(broken as never, hook);
  await settled();
  deepEqual(log, ['not told: no uid']);
});

test('what waits is bounded, what is dropped is counted, and a dead receiver takes no room of another', async () => {
  const clock = virtualClock();
  const answer = { status: 200, body: null };
  const { kube, messages, outcomes, troubles } = rig({
    clock,
    fetch: ({ host }) =>
      host === 'dead.example.com' ? new Promise(() => undefined) : Promise.resolve(answer),
  });
  await addSecret(kube, 'hook', { address: 'http://dead.example.com/' });
  await addSecret(kube, 'chat', { address: 'http://chat.example.com/' });
  for (let each = 0; each < 103; each += 1) messages.tell(advanced(10), hook);
  await settled();
  deepEqual(outcomes, ['webhook dropped', 'webhook dropped']);
  deepEqual(troubles, ['web: audit was not told: too much waits to be told']);
  for (let each = 0; each < 1_000; each += 1)
    messages.tell({ ...advanced(10), main: aMain('web:2', `web-${each}`, `u-${each}`) }, hook);
  messages.tell(paused(), settingsOf('receivers: [{name: b, type: discord, secretRef: {name: chat}}]'));
  await settled();
  deepEqual(outcomes.slice(-1), ['discord told']);
});
