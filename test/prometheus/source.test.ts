import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { hasCode } from '../../src/errors.ts';
import type { Arms } from '../../src/prometheus/queries.ts';
import { createPrometheus, type MetricSource } from '../../src/prometheus/source.ts';
import type { MetricSpec } from '../../src/rollout/types.ts';

const arms: Arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 45_000 };
const rate: MetricSpec = { name: 'request-success-rate', intervalMs: 60_000, min: 99 };
const duration: MetricSpec = { name: 'request-duration', intervalMs: 30_000, max: 500 };

const vector = (...samples: readonly (readonly [labels: Record<string, string>, value: string])[]): string =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: samples.map(([metric, value]) => ({ metric, value: [1, value] })) },
  });
const series = (workload: string, more: Record<string, string> = {}): Record<string, string> => ({
  reporter: 'destination',
  destination_workload: workload,
  ...more,
});

interface Served {
  readonly url: string;
  readonly seen: IncomingMessage[];
  /** The PromQL of every request, in order. */
  readonly queries: () => readonly string[];
}

/** A Prometheus on loopback that answers by `respond`; it ends with the test. */
async function serve(
  t: TestContext,
  respond: (query: string, response: ServerResponse) => void,
): Promise<Served> {
  const seen: IncomingMessage[] = [];
  const queryOf = ({ url = '' }: IncomingMessage): string =>
    new URL(url, 'http://x').searchParams.get('query') ?? '';
  const server = createServer((request, response) => {
    seen.push(request);
    respond(queryOf(request), response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen, queries: () => seen.map(queryOf) };
}

const source = (url: string, timeoutMs?: number): MetricSource =>
  createPrometheus({ url, clock: systemClock, fetch, ...(timeoutMs === undefined ? {} : { timeoutMs }) });

/** Why the canary's success rate could not be measured. */
async function whyOf(of: MetricSource): Promise<string> {
  const [measurement] = await of.measure([rate], arms);
  if (measurement?.canary.kind !== 'error') throw new Error(`no error: ${JSON.stringify(measurement)}`);
  deepEqual(measurement.stable, measurement.canary);
  return measurement.canary.why;
}

test('each built-in metric is one query for both arms, over its interval but not past the window', async (t) => {
  const served = await serve(t, (query, response) => {
    response.end(
      query.includes('histogram_quantile')
        ? vector([series('web'), '36'], [series('web-canary'), '38'])
        : vector(
            [series('web', { response_code: '200' }), '900'],
            [series('web-canary', { response_code: '200' }), '95'],
            [series('web-canary', { response_code: '500' }), '5'],
          ),
    );
  });
  deepEqual(await source(served.url).measure([rate, duration], arms), [
    { metric: rate, canary: { kind: 'value', value: 95 }, stable: { kind: 'value', value: 100 } },
    { metric: duration, canary: { kind: 'value', value: 38 }, stable: { kind: 'value', value: 36 } },
  ]);
  const windows = served.queries().map((query) => /\[(\w+)\]/.exec(query)?.[1]);
  deepEqual(new Set(windows), new Set(['30s', '45s']));
});

test('a user’s query is asked once an arm, and a mistake in it is told without asking', async (t) => {
  const served = await serve(t, (query, response) => {
    const value = query.includes('web-canary') ? '7' : '4';
    response.end(query === 'many' ? vector([{}, '1'], [{}, '2']) : vector([{}, value]));
  });
  const custom = { name: 'q', intervalMs: 1000, max: 9, query: 'x{w="{{ target }}"}' };
  const broken = { ...custom, query: '{{ primary }}' };
  const many = { ...custom, query: 'many' };
  const unknown = { name: 'request-durations', intervalMs: 1000 };
  const measured = await source(served.url).measure([custom, broken, many, unknown], arms);
  deepEqual(
    measured.map(({ canary, stable }) =>
      [canary, stable].map((one) => (one.kind === 'value' ? one.value : one.why)),
    ),
    [
      [7, 4],
      Array.from(
        { length: 2 },
        () =>
          'the query holds {{ primary }}; what can be filled in is namespace, name, target, service, interval, variables (as variables.NAME)',
      ),
      Array.from({ length: 2 }, () => 'the query gives 2 values, but one is wanted: sum or select them'),
      Array.from({ length: 2 }, () => 'metric request-durations is not built in and brings no query'),
    ],
  );
  deepEqual([...served.queries()].sort(), ['many', 'many', 'x{w="web"}', 'x{w="web-canary"}']);
});

test('figures are whole numbers of both arms; an arm without requests has none', async (t) => {
  const served = await serve(t, (query, response) => {
    response.end(
      query.includes('histogram_quantile')
        ? vector([series('web-canary'), '38.4'])
        : vector(
            [series('web-canary', { response_code: '200' }), '99.6'],
            [series('web-canary', { response_code: '502' }), '1.3'],
          ),
    );
  });
  deepEqual(await source(served.url).figures(arms), {
    kind: 'figures',
    canary: { requests: 101, errors: 1, p99: { kind: 'value', value: 38.4 } },
    stable: { requests: 0, errors: 0, p99: { kind: 'absent', why: 'no requests in 45s' } },
  });
});

test('a password in the address goes into a header, and into no text', async (t) => {
  const served = await serve(t, (_, response) => response.writeHead(401).end('who are you?'));
  const { host } = new URL(served.url);
  const why = await whyOf(source(`http://me:p%40ss@${host}/prom/?tenant=a`));
  equal(why, `Prometheus at http://${host}/prom/api/v1/query: answered 401: who are you?`);
  const [request] = served.seen;
  equal(request?.headers.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  match(request?.url ?? '', /^\/prom\/api\/v1\/query\?tenant=a&timeout=5000ms&query=sum/);
});

test('an error of Prometheus is the measurement’s, in both arms', async (t) => {
  const served = await serve(t, (_, response) =>
    response.writeHead(503).end('{"status":"error","error":"too busy"}'),
  );
  equal(await whyOf(source(served.url)), `Prometheus at ${served.url}/api/v1/query: answered 503: too busy`);
  deepEqual(await source(served.url).figures(arms), {
    kind: 'error',
    why: `Prometheus at ${served.url}/api/v1/query: answered 503: too busy`,
  });
});

test('a server that does not answer, or stops halfway, is given up after the time limit', async (t) => {
  const silent = await serve(t, () => undefined);
  equal(
    await whyOf(source(silent.url, 50)),
    `Prometheus at ${silent.url}/api/v1/query: no answer within 50 ms`,
  );
  const halting = await serve(t, (_, response) => void response.write('{"status":'));
  equal(
    await whyOf(source(halting.url, 50)),
    `Prometheus at ${halting.url}/api/v1/query: no answer within 50 ms`,
  );
});

test('an answer that is cut, or none of the API, is an error', async (t) => {
  const cut = await serve(t, (_, response) => response.end(vector([series('web-canary'), '1']).slice(0, -9)));
  match(await whyOf(source(cut.url)), /: the answer is not one of the Prometheus API$/);
  const broken = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{');
    setImmediate(() => response.destroy());
  });
  match(await whyOf(source(broken.url)), /^Prometheus at http:\/\/127/);
});

test('an answer that never ends is given up at 24 MiB', async (t) => {
  let sent = 0;
  const served = await serve(t, (_, response) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const more = (): void => {
      if (response.destroyed) return;
      sent += 1;
      response.write(chunk, more);
    };
    more();
  });
  match(await whyOf(source(served.url)), /: the answer is larger than 24 MiB$/);
  ok(sent < 64, `${sent} MiB were sent`);
});

test('a connection that fails is told by its cause, since fetch itself says nothing', async () => {
  const failing = (cause: Error): MetricSource =>
    createPrometheus({
      url: 'https://prom',
      clock: systemClock,
      fetch: () => Promise.reject(new TypeError('fetch failed', { cause })),
    });
  const where = 'Prometheus at https://prom/api/v1/query';
  equal(await whyOf(failing(new Error('self-signed certificate'))), `${where}: self-signed certificate`);
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  equal(await whyOf(failing(refused)), `${where}: ECONNREFUSED`);
});

for (const address of ['prometheus:p@ss word', 'http://', 'p@ss']) {
  test(`the address ${address} is refused at once, without being shown`, () => {
    throws(
      () => source(address),
      (error) =>
        hasCode(error, 'CONFIG_INVALID') && error instanceof Error && !error.message.includes('p@ss'),
    );
  });
}
