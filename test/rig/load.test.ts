import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { startLoad } from './load.ts';
import { type Sample, Tally } from './load-tally.ts';

const sample = (answer: Sample['answer'], ms = 1, phase = 'start'): Sample => ({ answer, ms, phase });
const v1 = { status: 200, version: 'v1' };

test('a tally tells answers, errors and broken connections apart, in all and by version and phase', () => {
  const tally = new Tally();
  tally.add(sample(v1, 10));
  tally.add(sample({ status: 302, version: 'v1' }, 20));
  tally.add(sample({ status: 503, version: 'none' }, 30));
  tally.add(sample({ status: 500, version: 'v2' }, 40, 'promotion'));
  tally.add(sample({ broke: 'ECONNRESET' }, 50, 'promotion'));

  const none = { byStatus: new Map(), transport: new Map() };
  assert.deepEqual(tally.totals(), {
    ok: 2,
    failed: 3,
    errors: {
      byStatus: new Map([
        [503, 1],
        [500, 1],
      ]),
      transport: new Map([['ECONNRESET', 1]]),
    },
    p50: 30,
    p99: 50,
    byVersion: new Map([
      ['v1', { ok: 2, failed: 0, errors: none, p50: 10, p99: 20 }],
      ['none', { ok: 0, failed: 1, errors: { ...none, byStatus: new Map([[503, 1]]) }, p50: 30, p99: 30 }],
      ['v2', { ok: 0, failed: 1, errors: { ...none, byStatus: new Map([[500, 1]]) }, p50: 40, p99: 40 }],
    ]),
    byPhase: new Map([
      ['start', { ok: 2, failed: 1, errors: { ...none, byStatus: new Map([[503, 1]]) }, p50: 20, p99: 30 }],
      [
        'promotion',
        {
          ok: 0,
          failed: 2,
          errors: { byStatus: new Map([[500, 1]]), transport: new Map([['ECONNRESET', 1]]) },
          p50: 40,
          p99: 50,
        },
      ],
    ]),
  });
});

test('a percentile is the smallest duration that so many requests did not exceed', () => {
  const tally = new Tally();
  for (let ms = 1; ms <= 100; ms += 1) tally.add(sample(v1, ms));
  const { p50, p99 } = tally.totals();
  assert.deepEqual({ p50, p99 }, { p50: 50, p99: 99 });
});

for (const url of [
  'http://10.0.0.1/',
  'http://10.245.0.1/',
  'http://192.0.2.1/',
  'http://localhost/',
  'http://shop.example.com/',
  'http://[::1]/',
  'https://127.0.0.1/',
]) {
  test(`a load at ${url} is refused`, () => {
    assert.throws(
      () => startLoad({ url, host: 'shop', ratePerSecond: 1, maxSeconds: 1, maxRequests: 1 }),
      /A load goes to http:\/\/127\.0\.0\.0\/8 or http:\/\/10\.244\.0\.0\/16 only/,
    );
  });
}

for (const bound of [
  { ratePerSecond: 1_001 },
  { maxSeconds: 0 },
  { maxRequests: Number.POSITIVE_INFINITY },
]) {
  test(`a load with ${Object.keys(bound)[0]} ${Object.values(bound)[0]} is refused`, () => {
    const url = 'http://127.0.0.1:1/';
    assert.throws(
      () => startLoad({ url, host: 'shop', ratePerSecond: 1, maxSeconds: 1, maxRequests: 1, ...bound }),
      /must be above 0 and at most/,
    );
  });
}

test('a load ends by itself at its number of requests, and has counted every one', async (t) => {
  let seen = 0;
  const url = await serve(t, (request, response) => {
    seen += 1;
    assert.equal(request.headers.host, 'shop.example.com');
    response.setHeader('x-version', seen % 2 === 0 ? 'v2' : 'v1');
    response.statusCode = seen % 10 === 0 ? 500 : 200;
    response.end('ok');
  });
  const load = startLoad({
    url,
    host: 'shop.example.com',
    ratePerSecond: 500,
    maxSeconds: 60,
    maxRequests: 100,
  });
  const { sent, ok, failed, errors, byVersion } = await load.ended;
  assert.deepEqual(
    { seen, sent, ok, failed, errors },
    {
      seen: 100,
      sent: 100,
      ok: 90,
      failed: 10,
      errors: { byStatus: new Map([[500, 10]]), transport: new Map() },
    },
  );
  assert.deepEqual([byVersion.get('v1')?.ok, byVersion.get('v2')?.ok], [50, 40]);
});

test('a load ends by itself when its time is over', async (t) => {
  const url = await serve(t, (_request, response) => response.end());
  const load = startLoad({ url, host: 'shop', ratePerSecond: 100, maxSeconds: 0.2, maxRequests: 10_000 });
  assert.equal((await load.ended).sent, 20);
});

test('a slow server does not slow the sending down', async (t) => {
  const url = await serve(t, (_request, response) => setTimeout(() => response.end(), 300));
  const load = startLoad({ url, host: 'shop', ratePerSecond: 200, maxSeconds: 60, maxRequests: 40 });
  const began = performance.now();
  const { ok } = await load.ended;
  assert.equal(ok, 40);
  // One after the other they would take 12 s.
  assert.ok(performance.now() - began < 6_000);
});

test('a reset connection, an answer that is cut and a closed port are errors', async (t) => {
  let seen = 0;
  const url = await serve(t, (request, response) => {
    seen += 1;
    if (seen % 2 === 0) {
      request.socket.resetAndDestroy();
    } else {
      response.setHeader('content-length', 100);
      response.write('half');
      setTimeout(() => request.socket.destroy(), 20);
    }
  });
  const cut = startLoad({ url, host: 'shop', ratePerSecond: 100, maxSeconds: 60, maxRequests: 10 });
  const { sent, ok, errors } = await cut.ended;
  assert.deepEqual(
    { sent, ok, errors },
    {
      sent: 10,
      ok: 0,
      errors: { byStatus: new Map(), transport: new Map([['ECONNRESET', 10]]) },
    },
  );

  const closed = await closedPort();
  const refused = startLoad({
    url: closed,
    host: 'shop',
    ratePerSecond: 100,
    maxSeconds: 60,
    maxRequests: 5,
  });
  assert.deepEqual((await refused.ended).errors.transport, new Map([['ECONNREFUSED', 5]]));
});

test('an answer that does not come in time is an error', async (t) => {
  const url = await serve(t, () => undefined);
  const load = startLoad({
    url,
    host: 'shop',
    ratePerSecond: 100,
    maxSeconds: 60,
    maxRequests: 3,
    timeoutMs: 50,
  });
  const { sent, failed, errors } = await load.ended;
  assert.deepEqual([sent, failed, errors.transport], [3, 3, new Map([['TIMEOUT', 3]])]);
});

test('stop waits for what is on its way, and marks split the counts by when a request was sent', async (t) => {
  let failing = false;
  const url = await serve(t, (_request, response) => {
    response.statusCode = failing ? 503 : 200;
    setTimeout(() => response.end(), 50);
  });
  const load = startLoad({ url, host: 'shop', ratePerSecond: 100, maxSeconds: 60, maxRequests: 10_000 });
  await until(() => load.snapshot().ok >= 10);
  failing = true;
  load.mark('outage');
  await until(() => (load.snapshot().byPhase.get('outage')?.failed ?? 0) >= 10);
  const end = await load.stop();
  assert.equal(end.sent, end.ok + end.failed);
  assert.equal(end.byPhase.get('outage')?.ok, 0);
  assert.equal(await load.stop(), end);
});

async function serve(t: TestContext, listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return urlOf(server);
}

async function closedPort(): Promise<string> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = urlOf(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

const urlOf = (server: http.Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 500, 'still not so after 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
