import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { News } from '../../src/gates/payload.ts';
import type { Gate } from '../../src/rollout/gate.ts';
import { settled, virtualClock } from '../rig/virtual-clock.ts';
import { about, addSecret, aGate, asked, hasty, rig, serve, until } from './rig.ts';

const event = (message: string): News => ({
  type: 'event',
  eventType: 'Normal',
  message,
  at: 1_764_000_000_000,
});
const hook = (url: string, more: Partial<Gate> = {}): Gate =>
  aGate(url, { type: 'event', name: 'log', ...more });

test('an event is told with what happened, which the plan’s metadata cannot overwrite', async (t) => {
  const server = await serve(t);
  const { gates, outcomes } = rig();
  const metadata = { cluster: 'eu', eventMessage: 'mine', eventType: 'mine', timestamp: 'mine' };
  gates.tell(
    [hook(`${server.url}/any`, { metadata }), aGate(`${server.url}/gate/halt`)],
    about,
    event('canary weight 20'),
  );
  await until(() => outcomes.length > 0);
  deepEqual(
    server.calls.map(({ body }) => JSON.parse(body) as unknown),
    [
      {
        ...{ name: 'web', namespace: 'shop', phase: 'Progressing', checksum: '7f9c' },
        metadata: {
          cluster: 'eu',
          eventMessage: 'canary weight 20',
          eventType: 'Normal',
          timestamp: '1764000000000',
        },
        ...{ revision: '7f9c', weight: 20, actor: 'ann' },
      },
    ],
  );
});

test('the end of a rollout is told as Succeeded or Failed, and an aborted one has failed', async (t) => {
  const server = await serve(t);
  const { gates, outcomes } = rig();
  for (const phase of ['Succeeded', 'Failed', 'Aborted'] as const)
    gates.tell(
      [hook(`${server.url}/any`, { type: 'post-rollout' })],
      { ...about, phase },
      { type: 'post-rollout', message: phase },
    );
  await until(() => outcomes.length === 3);
  deepEqual(
    server.calls.map(({ body }) => /"phase":"(\w+)"/.exec(body)?.[1]),
    ['Succeeded', 'Failed', 'Failed'],
  );
});

test('a receiver hears of a rollout in order though it fails in between, and its end although it was away', async (t) => {
  const server = await serve(t);
  const heard: string[] = [];
  let away = 6;
  server.at('/any', ({ body }, response) => {
    if (away > 0) {
      away -= 1;
      response.writeHead(503, { connection: 'close' }).end();
      return;
    }
    heard.push(/"(?:eventMessage|message)":"(\w+)"/.exec(body)?.[1] ?? '');
    response.end();
  });
  const { gates, outcomes } = rig({ clock: hasty });
  const url = `${server.url}/any`;
  const hooks = [hook(url, { retries: 1 }), hook(url, { type: 'post-rollout' })];
  gates.tell(hooks, about, event('one'));
  gates.tell(hooks, about, { type: 'post-rollout', message: 'end' });
  gates.tell(hooks, about, event('two'));
  await until(() => outcomes.length === 3);
  deepEqual(
    [heard, outcomes],
    [
      ['end', 'two'],
      ['failed', 'told', 'told'],
    ],
  );
});

test('a dead receiver of one rollout holds up no other', async (t) => {
  const server = await serve(t);
  server.at('/dead', () => undefined);
  const { gates, outcomes } = rig();
  gates.tell([hook(`${server.url}/dead`, { timeoutMs: 200 })], about, event('one'));
  gates.tell([hook(`${server.url}/any`)], about, event('two'));
  gates.tell([hook(`${server.url}/any`)], { ...about, name: 'api' }, event('three'));
  await until(() => outcomes.length === 3);
  deepEqual(outcomes, ['told', 'told', 'failed']);
});

test('what waits to be told is bounded: beyond a hundred of one rollout it is dropped, with a line in the log', async () => {
  const clock = virtualClock();
  const { gates, log, outcomes } = rig({ clock, fetch: () => new Promise(() => undefined) });
  // One is on its way and no longer waits in its lane.
  for (let each = 0; each < 103; each += 1) gates.tell([hook('http://dead/')], about, event('x'));
  await settled();
  deepEqual(outcomes, ['dropped', 'dropped']);
  equal(log.filter((line) => line.includes('too much waits to be told')).length, 2);
  for (let each = 0; each < 20; each += 1)
    for (let which = 0; which < 50; which += 1)
      gates.tell([hook('http://dead/')], { ...about, name: `web-${which}` }, event('x'));
  // A thousand of all rollouts.
  equal(outcomes.length, 103);
});

test('no secret of a call is shown: neither in answers nor in logs, whatever the server repeats', async (t) => {
  const server = await serve(t);
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(secret, secret, secret, secret),
      fc.constantFrom(200, 403, 500, 0),
      async (secrets, status) => {
        const [key, user, password, query] = secrets;
        server.at('/echo', ({ headers, body }, response) => {
          const said = JSON.stringify({ secrets, headers, body });
          if (status === 0) response.destroy();
          else response.writeHead(status, { connection: 'close' }).end(said);
        });
        const { gates, ask, kube, log, outcomes } = rig({ clock: hasty });
        await addSecret(kube, 'signing', { 'hmac-key': key });
        const url = new URL(`${server.url}/echo?token=${query}`);
        Object.assign(url, { username: user, password });
        const answers = await ask([asked(url.href, { secret: 'signing' })]);
        gates.tell([hook(url.href, { secret: 'signing' })], about, event('x'));
        await until(() => outcomes.length === 1);
        const shown = JSON.stringify([answers, log]);
        const signed = server.calls.flatMap(({ headers }) => [
          String(headers['serin-signature']).slice(3),
          String(headers.authorization).slice(6),
        ]);
        for (const each of [...secrets, ...signed]) ok(!shown.includes(each), `${each} in ${shown}`);
        equal(log.length, status === 200 ? 0 : 1);
      },
    ),
    { numRuns: 20 },
  );
});
