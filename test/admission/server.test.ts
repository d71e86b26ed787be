import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { deny, untouched } from '../../src/admission/verdict.ts';
import { aReview } from './reviews.ts';
import { meet, otherPair, pair, type Running, say, type Sent, sendInTwo, start } from './running.ts';

const secret = 'the-password-in-an-env';
const review = (): string =>
  JSON.stringify(aReview()).replace('"web:2"', `"web:2","env":[{"name":"P","value":"${secret}"}]`);

describe('the server', () => {
  let running: Running;
  before(async () => {
    running = await start({ after: () => {} });
  });
  after(() => running.server.app.close());

  test('a review is answered with the verdict, under the path kube-apiserver asks with', async () => {
    const { status, type, body } = await running.send('/mutate?timeout=5s', { body: review() });
    deepEqual([status, type], [200, 'application/json; charset=utf-8']);
    const { response } = JSON.parse(body) as { response: { uid: string; allowed: boolean; patch: string } };
    deepEqual([response.uid, response.allowed], ['u-1', true]);
    match(Buffer.from(response.patch, 'base64').toString(), /"path":"\/spec\/paused","value":true/);
    equal(running.seen.pop(), 'held');
  });

  test("a user's mistake is a refusal, not a failure", async () => {
    const object = { metadata: { name: 'web', annotations: { 'serin.dev/canary': '[' } } };
    const { status, body } = await running.send('/mutate', {
      body: JSON.stringify(aReview({ operation: 'CREATE', object })),
    });
    equal(status, 200);
    match(body, /"allowed":false,"status":\{"code":422,"reason":"Invalid"/);
    equal(running.seen.pop(), 'refused');
  });

  test('what is none of our business is allowed as it is', async () => {
    const { status, body } = await running.send('/mutate', {
      body: JSON.stringify(aReview({ operation: 'DELETE', object: null })),
    });
    equal(status, 200);
    match(body, /"response":\{"uid":"u-1","allowed":true\}/);
  });

  const faults: { readonly [behaviour: string]: readonly [sent: Sent, status: number] } = {
    'a body that is not JSON': [{ body: `{"${secret}` }, 400],
    'an empty body': [{ method: 'POST' }, 400],
    'JSON that is no review': [{ body: '{"kind":"AdmissionReview"}' }, 400],
    'a key that would reach into the prototype': [
      { body: review().replace('"spec":', '"__proto__":{"x":1},"spec":') },
      400,
    ],
    'a key that would reach into the constructor': [
      { body: review().replace('"spec":', '"constructor":{"prototype":{}},"spec":') },
      400,
    ],
    'another media type': [{ body: review(), type: 'application/yaml' }, 415],
  };
  for (const [behaviour, [sent, status]] of Object.entries(faults)) {
    test(`${behaviour} is answered with ${status} and quotes nothing`, async () => {
      const answer = await running.send('/mutate?timeout=5s', sent);
      equal(answer.status, status);
      ok(!answer.body.includes(secret));
      equal(running.seen.pop(), 'failed');
    });
  }

  test('a body beyond the limit is answered with 413 before it is sent', async () => {
    const { socket } = await meet(running);
    const head =
      'POST /mutate HTTP/1.1\r\nHost: serin\r\nContent-Type: application/json\r\nContent-Length: 7340033';
    match(await say(socket, head), /^HTTP\/1.1 413 /);
    socket.destroy();
    equal(running.seen.pop(), 'failed');
  });

  test('a body of five million letters is within the limit', async () => {
    const body = JSON.stringify(aReview({ options: { padding: 'x'.repeat(5_000_000) } }));
    equal((await running.send('/mutate', { body })).status, 200);
  });

  test('health, readiness and metrics are served beside', async () => {
    deepEqual(await running.send('/healthz'), {
      status: 200,
      type: 'text/plain',
      body: 'ok\n',
    });
    deepEqual(await running.send('/readyz'), {
      status: 200,
      type: 'text/plain',
      body: 'ok\n',
    });
    deepEqual(await running.send('/metrics'), {
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'serin_up 1\n',
    });
  });

  test('an unknown path and another method are not found', async () => {
    equal((await running.send('/validate/what', { body: '{}' })).status, 404);
    equal((await running.send('/mutate')).status, 404);
  });

  test('many reviews go over one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let connections = 0;
    running.server.app.server.on('secureConnection', () => {
      connections += 1;
    });
    for (let round = 0; round < 5; round += 1) {
      equal((await running.send('/mutate', { body: review(), agent })).status, 200);
    }
    agent.destroy();
    equal(connections, 1);
  });

  test('a connection outlives the idle time of kube-apiserver, and slow or many clients are bounded', () => {
    const { keepAliveTimeout, requestTimeout, headersTimeout, maxConnections } = running.server.app.server;
    ok(keepAliveTimeout > 90_000);
    deepEqual([requestTimeout, headersTimeout, maxConnections], [35_000, 10_000, 512]);
  });

  test('no line of the log holds anything of an object', () => {
    ok(running.lines.some((line) => line.includes('"outcome":"held"')));
    ok(!running.lines.some((line) => line.includes(secret) || line.includes('web:2')));
  });
});

test('a fault of ours is answered with 500, so that the failurePolicy decides, and is logged once', async (t) => {
  const running = await start(t, {
    decide: () => {
      throw new TypeError('a bug');
    },
    metrics: () => Promise.reject(new Error('no page')),
    ready: () => false,
  });
  deepEqual(await running.send('/mutate', { body: review() }), {
    status: 500,
    type: 'text/plain',
    body: 'the request could not be answered\n',
  });
  deepEqual(running.seen, ['failed']);
  equal(running.lines.length, 1);
  match(running.lines.join(''), /"message":"a bug"/);
  equal((await running.send('/metrics')).status, 500);
  deepEqual(await running.send('/readyz'), {
    status: 503,
    type: 'text/plain',
    body: 'not ready\n',
  });
});

test('a replica that leaves ends each connection with its answer, one that stays keeps it', async (t) => {
  let isReady = true;
  const running = await start(t, { ready: () => isReady });
  const connection = async (): Promise<unknown> =>
    (await running.server.app.inject({ method: 'GET', url: '/healthz' })).headers['connection'];
  equal(await connection(), 'keep-alive');
  isReady = false;
  equal(await connection(), 'close');
});

test('a new certificate is served from the next connection on, and a wrong pair leaves the old one', async (t) => {
  const running = await start(t);
  const first = await meet(running);
  running.server.reload(otherPair);
  const later = await meet(running);
  notEqual(later.serial, first.serial);
  throws(() => running.server.reload({ cert: pair.cert, key: otherPair.key }), { code: 'TLS_INVALID' });
  throws(() => running.server.reload({ cert: 'x', key: 'y' }), { code: 'TLS_INVALID' });
  const last = await meet(running);
  equal(last.serial, later.serial);
  match(await say(first.socket, 'GET /healthz HTTP/1.1\r\nHost: serin'), /^HTTP\/1.1 200 OK/);
  for (const { socket } of [first, later, last]) socket.destroy();
});

test('closing answers what is under way, over a connection that stays open, too', async (t) => {
  const running = await start(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  equal((await running.send('/mutate', { body: review(), agent })).status, 200);
  let closed: Promise<unknown> | undefined;
  const status = await sendInTwo(running, review(), agent, () => {
    closed = running.server.app.close();
  });
  equal(status, 200);
  agent.destroy();
  await closed;
});

test('a review that comes when the server has begun to close is answered, not turned away', async (t) => {
  const statuses: number[] = [];
  const running: Running = await start(t, {
    closing: async () => void statuses.push((await running.send('/mutate', { body: review() })).status),
  });
  await running.server.app.close();
  deepEqual(statuses, [200]);
});

test('an attempt is judged, by how strict the path says the namespace is', async (t) => {
  const judged: string[] = [];
  const running = await start(t, {
    validate: ({ resource, operation }, force) => {
      judged.push(`${operation} ${resource} ${force}`);
      return Promise.resolve(force === 'refuse' ? deny(403, '[delete] no') : untouched);
    },
  });
  const body = JSON.stringify(aReview({ operation: 'DELETE', object: null }));
  const refused = await running.send('/validate?timeout=5s', { body });
  match(
    refused.body,
    /"allowed":false,"status":\{"code":403,"reason":"Forbidden","message":"\[delete\] no"\}/,
  );
  match((await running.send('/validate/warn', { body })).body, /"allowed":true/);
  deepEqual(judged, ['DELETE apps/deployments refuse', 'DELETE apps/deployments warn']);
  deepEqual(running.seen, ['refused', 'passed']);
});

test('what cannot be judged is a fault, and is counted as one', async (t) => {
  const running = await start(t, { validate: () => Promise.reject(new TypeError('a bug')) });
  equal((await running.send('/validate', { body: '{}' })).status, 400);
  equal((await running.send('/validate/warn', { body: review() })).status, 500);
  deepEqual(running.seen, ['failed', 'failed']);
});
