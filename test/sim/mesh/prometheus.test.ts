import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { createAsk } from '../../../src/prometheus/client.ts';
import { createPrometheus } from '../../../src/prometheus/source.ts';
import { names, resources } from '../../../src/kube/objects.ts';
import { Life } from '../time.ts';
import { stand, weighted } from './stand.ts';

const host = 'shop.example.com';
const arms = {
  ...{ namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 },
  services: { stable: 'web', canary: 'web-canary' },
};
const success = { name: 'request-success-rate', intervalMs: 60_000, min: 99 };
const latency = { name: 'request-duration', intervalMs: 60_000, max: 500 };

/** A shop whose requests are split in halves, and a process of Serin that asks Prometheus about it. */
async function asked(image = 'shop:bad') {
  const own = stand();
  for (const name of ['web', 'web-canary']) {
    own.service(name);
    own.store.put(
      resources.deployments,
      name,
      {},
      name === 'web' ? {} : { annotations: { [names.twinOf]: 'web' } },
    );
  }
  for (const name of ['web-1', 'web-2']) own.pod(name, 'web');
  own.pod('web-canary-1', 'web-canary', { image });
  own.route([weighted({ web: 50, 'web-canary': 50 })]);
  const life = new Life(own.time, 'controller-1');
  const options = { url: 'http://prometheus:9090', clock: life.clock, fetch: own.mesh.prometheus(life) };
  const ask = createAsk(options);
  /** What a promise of a process comes to, while time passes. */
  const awaited = async <T>(promise: Promise<T>): Promise<T> => {
    let isThere = false;
    void promise.finally(() => (isThere = true)).catch(() => undefined);
    await own.time.run(own.time.now + 60_000, () => isThere);
    return promise;
  };
  const figures = () => awaited(createPrometheus(options).figures(arms));
  const value = async (query: string) => awaited(ask.now(query));
  await own.pass(2);
  return { ...own, life, options, figures, value, awaited };
}

test('figures of production are near to what the clients saw', async () => {
  const { mesh, pass, figures, counts, time } = await asked();
  mesh.load(host, 100);
  await pass(60);
  const since = time.now;
  await pass(65);
  const read = await figures();
  ok(read.kind === 'figures');
  const seen = counts(since + 5000);
  const near = (counted: number, expected = 0): boolean => Math.abs(counted - expected) < 0.1 * expected;
  ok(near(read.stable.requests, seen['ok shop/web']), JSON.stringify([read.stable, seen]));
  ok(near(read.canary.errors, seen['app shop/web-canary']), JSON.stringify([read.canary, seen]));
  deepEqual(read.stable.errors, 0);
  // Of 20 ms on average; the bucket ends at 50.
  ok(read.stable.p99.kind === 'value' && read.stable.p99.value > 25 && read.stable.p99.value <= 50);
});

test('a version that answers late is seen to be late', async () => {
  const { mesh, pass, figures } = await asked('shop:late');
  mesh.load(host, 100);
  await pass(60);
  const read = await figures();
  ok(read.kind === 'figures' && read.canary.p99.kind === 'value');
  ok(read.canary.p99.value > 2500 && read.canary.p99.value <= 5000, String(read.canary.p99.value));
});

test('the first sample of a new series says nothing: there is no increase until the second scrape', async () => {
  const { mesh, pass, value } = await asked();
  mesh.load(host, 100);
  await pass(1);
  mesh.load(host, 0);
  const query = 'sum(increase(istio_requests_total[60s]))';
  deepEqual(await value(query), { kind: 'samples', samples: [], warnings: [] });
  await pass(11);
  // Nearly every request is in the first sample of its series, but for what was open when that was taken.
  const only = async (promql: string): Promise<number> => {
    const answer = await value(promql);
    return answer.kind === 'samples' ? (answer.samples[0]?.value ?? Number.NaN) : Number.NaN;
  };
  const [grown, total] = [await only(query), await only('sum(istio_requests_total)')];
  ok(total > 60 && grown < total / 6, `${grown} of ${total}`);
});

test('requests that reached no pod are counted for the Service, and for no workload', async () => {
  const { mesh, pass, pod, value, figures } = await asked();
  pod('web-canary-1', 'web-canary', { isReady: false });
  await pass(2);
  mesh.load(host, 100);
  await pass(60);
  const read = await figures();
  ok(read.kind === 'figures' && read.canary.errors > 2000 && read.canary.errors === read.canary.requests);
  const by = 'destination_workload, destination_service, response_code, response_flags';
  const rows = await value(`sum by (${by}) (istio_requests_total{response_code!="200"}) * 0`);
  deepEqual(rows, {
    kind: 'samples',
    samples: [
      {
        labels: {
          destination_workload: 'unknown',
          destination_service: 'web-canary.shop.svc.cluster.local',
          response_code: '503',
          response_flags: 'UH',
        },
        value: 0,
      },
    ],
    warnings: [],
  });
});

test('a restart loses all that was known', async () => {
  const { mesh, pass, figures } = await asked();
  mesh.load(host, 100);
  await pass(60);
  mesh.restartPrometheus();
  const before = await figures();
  await pass(60);
  const after = await figures();
  ok(before.kind === 'figures' && after.kind === 'figures');
  deepEqual([before.stable.requests, before.canary.requests], [0, 0]);
  ok(after.stable.requests > 2000);
});

test('a twin that is not scraped is not known, and the stable version is', async () => {
  const { mesh, pass, figures } = await asked();
  mesh.ailment = 'unscraped';
  mesh.load(host, 100);
  await pass(60);
  const read = await figures();
  ok(read.kind === 'figures' && read.stable.requests > 2000);
  deepEqual(read.canary, {
    requests: 0,
    errors: 0,
    p99: { kind: 'absent', why: 'no requests in 60s' },
  });
});

test('what ails Prometheus reaches production as it would', async () => {
  const { mesh, pass, options, awaited } = await asked();
  mesh.load(host, 100);
  await pass(60);
  const why = async (ailment: typeof mesh.ailment): Promise<readonly string[]> => {
    mesh.ailment = ailment;
    const [first] = await awaited(createPrometheus(options).measure([success], arms));
    return [first?.canary, first?.stable].map((each) =>
      each?.kind === 'value' ? 'a value' : `${each?.kind}: ${each?.why}`,
    );
  };
  const where = 'error: Prometheus at http://prometheus:9090/api/v1/query:';
  const twice = (text: string): readonly string[] => [text, text];
  deepEqual(await why('none'), twice('a value'));
  deepEqual(await why('down'), twice(`${where} connect ECONNREFUSED prometheus:9090`));
  deepEqual(await why('slow'), twice(`${where} no answer within 5000 ms`));
  deepEqual(await why('truncated'), twice(`${where} the answer is not one of the Prometheus API`));
  deepEqual(await why('empty'), twice('absent: no requests in 60s'));
  for (const [ailment, expected] of [
    [
      'error',
      /answered 50[03]: (query timed out in expression evaluation|opening storage failed|Service Unavailable)$/,
    ],
    ['page', /(answered 502: <html>.*|the answer is not one of the Prometheus API)$/],
  ] as const) {
    const seen = new Set((await Promise.all([1, 2, 3, 4].map(() => why(ailment)))).flat());
    for (const text of seen) ok(expected.test(text), text);
  }
});

test('a dead process hears no answer, a paused one hears it late', async () => {
  const { life, options, time, pass } = await asked();
  const ask = createAsk(options);
  const heard: number[] = [];
  const sentAt = time.now;
  void ask.now('vector(42)').then(() => heard.push(time.now - sentAt));
  life.pause(3000);
  await pass(10);
  deepEqual(heard, [3000]);
  void ask.now('vector(42)').then(() => heard.push(time.now - sentAt));
  life.kill();
  await pass(60);
  deepEqual(heard, [3000]);
});

test('queries of users', async () => {
  const { mesh, pass, value } = await asked();
  mesh.load(host, 100);
  await pass(60);
  const scalar = async (query: string): Promise<unknown> => {
    const answer = await value(query);
    return JSON.stringify(answer);
  };
  for (const [query, samples] of [
    ['vector(42)', [{ labels: {}, value: 42 }]],
    ['1 + 2 * 3', [{ labels: {}, value: 7 }]],
    ['vector(1) / 0 - vector(2)', [{ labels: {}, value: Number.POSITIVE_INFINITY }]],
    ['sum(rate(istio_requests_total{response_code=~"4.."}[1m30s])) or vector(0)', [{ labels: {}, value: 0 }]],
    ['no_such_metric', []],
  ] as const)
    equal(await scalar(query), JSON.stringify({ kind: 'samples', samples, warnings: [] }), query);
});

test('a query the simulator does not know ends the simulation, rather than be taken for an answer of Prometheus', async () => {
  for (const query of ['count(up)', 'sum without (a) (b)', 'up offset 5m', 'increase(up)', 'a{b="c"']) {
    const { time, options } = await asked();
    void createAsk(options).now(query);
    await rejects(time.run(time.now + 1000), /teach the simulator/, query);
  }
});

test('both metrics of production are measured', async () => {
  const { mesh, pass, options, awaited } = await asked();
  mesh.load(host, 100);
  await pass(60);
  const measured = await awaited(createPrometheus(options).measure([success, latency], arms));
  deepEqual(
    measured
      .map(({ canary, stable }) => [canary.kind, stable])
      .map(([kind, stable]) => [kind, typeof stable]),
    [
      ['value', 'object'],
      ['value', 'object'],
    ],
  );
});
