import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../../../src/kube/objects.ts';
import { stand, weighted } from './stand.ts';

const host = 'shop.example.com';

/** Two Deployments of two pods each behind Services of their own, and a route between them that is known everywhere. */
async function shop(weights: Readonly<Record<string, number>>, image = 'shop:1') {
  const own = stand();
  own.service('web');
  own.service('web-canary');
  for (const name of ['web-1', 'web-2']) own.pod(name, 'web');
  for (const name of ['web-canary-1', 'web-canary-2']) own.pod(name, 'web-canary', { image });
  own.route([weighted(weights)]);
  await own.pass(2);
  return own;
}

test('weights are the shares of the requests, and none is lost', async () => {
  const { mesh, pass, counts } = await shop({ web: 90, 'web-canary': 10 });
  mesh.load(host, 100);
  await pass(100);
  mesh.load(host, 0);
  await pass(2);
  const { 'ok shop/web': stable = 0, 'ok shop/web-canary': canary = 0, ...rest } = counts();
  deepEqual(rest, {});
  // Six standard deviations.
  ok(Math.abs(stable + canary - 10_000) < 600, `${stable} + ${canary}`);
  ok(Math.abs(canary / (stable + canary) - 0.1) < 0.018, `${stable} + ${canary}`);
});

test('a route with one destination gives it everything, with and without a weight, by short and by full name', async () => {
  for (const route of [
    { destination: { host: 'web' } },
    { destination: { host: 'web.shop.svc.cluster.local' }, weight: 0 },
  ]) {
    const { mesh, pass, counts, ...own } = await shop({ web: 1 });
    own.route([{ route: [route] }]);
    await pass(2);
    mesh.load(host, 10);
    await pass(10);
    deepEqual(Object.keys(counts()), ['ok shop/web']);
  }
});

test('the software of an image fails at its rate', async () => {
  const { mesh, pass, counts } = await shop({ 'web-canary': 100 }, 'shop:bad');
  mesh.load(host, 100);
  await pass(100);
  const { 'ok shop/web-canary': good = 0, 'app shop/web-canary': bad = 0, ...rest } = counts();
  deepEqual(rest, {});
  ok(Math.abs(bad / (good + bad) - 0.3) < 0.03, `${bad} of ${good + bad}`);
});

test('a Service that no proxy knows, a port it lacks and a subset of no DestinationRule are no cluster', async () => {
  for (const destination of [
    { host: 'gone' },
    { host: 'web', port: { number: 81 } },
    { host: 'web', subset: 'v1' },
    { host: 'web.shop' },
  ]) {
    const { mesh, pass, outcomes, route } = await shop({ web: 1 });
    route([{ route: [{ destination }] }]);
    await pass(2);
    mesh.load(host, 10);
    await pass(5);
    deepEqual([...new Set(outcomes.map(({ result, status }) => `${result} ${status}`))], ['no-cluster 503']);
  }
});

test('a host of no route and of no Service is answered 404; a Service is reached without any route', async () => {
  const { mesh, pass, outcomes } = await shop({ web: 1 });
  for (const each of ['other.example.com', 'web-canary.shop', 'web-canary.shop.svc.cluster.local'])
    mesh.load(each, 10);
  await pass(5);
  deepEqual(
    [
      ...new Set(outcomes.map((each) => `${each.host}: ${each.result} ${each.status} ${each.workload}`)),
    ].sort(),
    [
      'other.example.com: no-cluster 404 undefined',
      'web-canary.shop.svc.cluster.local: ok 200 shop/web-canary',
      'web-canary.shop: ok 200 shop/web-canary',
    ],
  );
});

test('the first route whose match holds for a plain request is taken', async () => {
  const { mesh, pass, outcomes, route } = await shop({ web: 1 });
  route([
    { match: [{ headers: { 'x-canary': { exact: 'always' } } }], ...weighted({ 'web-canary': 100 }) },
    { match: [{ uri: { prefix: '/cart' } }], redirect: { uri: '/' } },
    weighted({ web: 100 }),
  ]);
  await pass(2);
  for (const each of [host, `${host}/cart/1`]) mesh.load(each, 10);
  await pass(5);
  deepEqual([...new Set(outcomes.map((each) => `${each.host}: ${each.status} ${each.workload}`))].sort(), [
    'shop.example.com/cart/1: 301 undefined',
    'shop.example.com: 200 shop/web',
  ]);
});

test('a Service without a ready pod is answered 503', async () => {
  const { mesh, pass, counts, pod } = await shop({ 'web-canary': 100 });
  for (const name of ['web-canary-1', 'web-canary-2']) pod(name, 'web-canary', { isReady: false });
  await pass(2);
  mesh.load(host, 10);
  await pass(5);
  deepEqual(Object.keys(counts()), ['no-endpoint -']);
});

test('a pod that terminates serves until it is gone, and what is open then is cut', async () => {
  const { mesh, pass, counts, pod, store, outcomes } = await shop({ 'web-canary': 100 }, 'shop:late');
  mesh.load(host, 100);
  await pass(10);
  for (const name of ['web-canary-1', 'web-canary-2'])
    pod(name, 'web-canary', { image: 'shop:late', metadata: { deletionTimestamp: '2026-11-24T09:00:12Z' } });
  await pass(0.01);
  deepEqual(Object.keys(counts()), ['ok shop/web-canary']);
  store.remove(resources.pods, 'web-canary-1');
  store.remove(resources.pods, 'web-canary-2');
  const [cut] = outcomes.filter(({ result }) => result === 'cut');
  // 2 s of 100 a second are open; six standard deviations.
  ok(cut !== undefined && Math.abs(cut.count - 100) < 85, `${cut?.count} at one pod`);
  mesh.load(host, 0);
  await pass(5);
  const { 'ok shop/web-canary': good = 0, 'cut shop/web-canary': lost = 0 } = counts();
  ok(Math.abs(lost - 200) < 85 && Math.abs(good - 800) < 170, `${lost} of ${good + lost}`);
});

test('a pod that is gone costs nothing while another is known and a request may be tried again', async () => {
  for (const [attempts, expected] of [
    [undefined, ['ok shop/web']],
    [0, ['ok shop/web', 'refused -']],
  ] as const) {
    const { mesh, pass, counts, store, route, time } = await shop({ web: 100 });
    route([weighted({ web: 100 }, attempts === undefined ? {} : { retries: { attempts } })]);
    mesh.propagation = { leastMs: 20_000, mostMs: 20_000 };
    await pass(2);
    mesh.load(host, 100);
    store.remove(resources.pods, 'web-1');
    await pass(1);
    const since = time.now + 1;
    await pass(10);
    deepEqual(Object.keys(counts(since)).sort(), expected);
  }
});

test('an outcome is told when its requests end, and says when the last of them may have begun', async () => {
  const { mesh, pass, outcomes } = await shop({ web: 50, 'web-canary': 50 }, 'shop:late');
  mesh.load(host, 10);
  await pass(20);
  mesh.load('gone.example.com', 10);
  mesh.streams(host, 2, 5);
  await pass(20);
  const lasted = (of: (workload: string | undefined, count: number) => boolean): readonly number[] => [
    ...new Set(
      outcomes.filter((each) => of(each.workload, each.count)).map(({ at, begunAt = 0 }) => at - begunAt),
    ),
  ];
  deepEqual(
    lasted((workload) => workload === undefined),
    [0],
  );
  ok(lasted((workload) => workload === 'shop/web-canary').includes(2000));
  ok(lasted((workload, count) => workload === 'shop/web' && count > 1).includes(20));
  ok(lasted((_, count) => count === 1).includes(5000));
});

test('nothing runs where nothing is sent', async () => {
  const { mesh, pass, time, outcomes } = await shop({ web: 1 });
  mesh.load(host, 10);
  await pass(5);
  mesh.load(host, 0);
  await pass(3);
  outcomes.length = 0;
  let moments = 0;
  await time.run(time.now + 3_600_000, () => {
    moments += 1;
    return false;
  });
  deepEqual([moments, outcomes], [2, []]);
});

test('the rate of a workload is that of the last minute or so', async () => {
  const { mesh, pass } = await shop({ web: 80, 'web-canary': 20 });
  mesh.load(host, 100);
  await pass(300);
  const near = (rate: number, expected: number): boolean => Math.abs(rate - expected) < 0.2 * expected;
  ok(near(mesh.rateOf('shop/web'), 80), String(mesh.rateOf('shop/web')));
  ok(near(mesh.rateOf('shop/web-canary'), 20), String(mesh.rateOf('shop/web-canary')));
  mesh.load(host, 0);
  await pass(120);
  ok(mesh.rateOf('shop/web') < 3);
  deepEqual(mesh.rateOf('shop/other'), 0);
});

test('the same seed makes the same outcomes', async () => {
  const run = async () => {
    const { mesh, pass, outcomes } = await shop({ web: 60, 'web-canary': 40 }, 'shop:bad');
    mesh.load(host, 33);
    mesh.streams(host, 5, 7);
    await pass(60);
    return outcomes;
  };
  deepEqual(await run(), await run());
});
