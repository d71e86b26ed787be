// What proxies know, and when.
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../../../src/kube/objects.ts';
import { startMs } from '../time.ts';
import { kinds } from '../api/kinds.ts';
import { stand, weighted } from './stand.ts';

const host = 'shop.example.com';

async function shop(seed = 1) {
  const own = stand(seed);
  for (const name of ['web', 'web-canary']) {
    own.service(name);
    own.pod(`${name}-1`, name);
  }
  own.route([weighted({ web: 100 })]);
  await own.pass(2);
  return own;
}

test('a change of a route reaches each proxy in its own time, within the bounds', async () => {
  let apart = 0;
  for (const seed of [1, 2, 3]) {
    const { mesh, pass, route, outcomes, time } = await shop(seed);
    mesh.propagation = { leastMs: 2000, mostMs: 9000 };
    mesh.load(host, 200);
    await pass(1);
    const writtenAt = time.now;
    route([weighted({ 'web-canary': 100 })]);
    await pass(12);
    const times = (workload: string): readonly number[] =>
      outcomes.filter((each) => each.workload === workload).map(({ at }) => at - writtenAt);
    const first = Math.min(...times('shop/web-canary'));
    const last = Math.max(...times('shop/web'));
    ok(first > 2000 && first <= 10_000 && last <= 9000 + 1000, `${first}, ${last}`);
    if (first < last - 1000) apart += 1;
  }
  ok(apart > 0, 'both proxies always learn at the same moment');
});

test('news does not overtake news', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { mesh, pass, route, outcomes, time } = await shop(seed);
    mesh.propagation = { leastMs: 10, mostMs: 5000 };
    mesh.load(host, 200);
    for (const weights of [{ 'web-canary': 100 }, { web: 100 }, { 'web-canary': 100 }, { web: 100 }]) {
      route([weighted(weights)]);
      await pass(0.4);
    }
    await pass(5);
    const late = outcomes.filter(({ at, workload }) => at > time.now - 300 && workload !== 'shop/web');
    deepEqual(late, []);
  }
});

test('what is written once proxies are quick again does not wait for what was slow', async () => {
  const { mesh, pass, route, service, pod, counts, time } = await shop();
  mesh.load(host, 100);
  mesh.propagation = { leastMs: 60_000, mostMs: 60_000 };
  service('other');
  pod('other-1', 'other');
  route([weighted({ 'web-canary': 100 })]);
  await pass(1);
  mesh.propagation = { leastMs: 100, mostMs: 500 };
  route([weighted({ other: 100 })]);
  await pass(1);
  const since = time.now + 1000;
  await pass(100);
  deepEqual(Object.keys(counts(since)), ['ok shop/other']);
});

test('a Service is known before a route to it that was written after it', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { mesh, pass, service, pod, route, counts } = await shop(seed);
    mesh.load(host, 100);
    service('other');
    pod('other-1', 'other');
    route([weighted({ other: 100 })]);
    await pass(3);
    deepEqual(Object.keys(counts()).sort(), ['ok shop/other', 'ok shop/web']);
  }
});

test('a Service that goes while a proxy still routes to it costs requests', async () => {
  let costs = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const { mesh, pass, store, route, counts } = await shop(seed);
    route([weighted({ 'web-canary': 100 })]);
    mesh.load(host, 100);
    await pass(2);
    route([weighted({ web: 100 })]);
    store.remove(resources.services, 'web-canary');
    await pass(3);
    if ((counts()['no-cluster -'] ?? 0) > 0) costs += 1;
  }
  ok(costs > 5 && costs < 20, String(costs));
});

test('a pod gets requests once it is ready, and none once it is to go', async () => {
  const { mesh, pass, pod, counts, outcomes, time } = await shop();
  mesh.load(host, 100);
  pod('web-canary-1', 'web', { isReady: false });
  await pass(2);
  deepEqual(Object.keys(counts()), ['ok shop/web']);
  pod('web-1', 'web', { metadata: { deletionTimestamp: '2026-11-24T09:00:30Z' } });
  await pass(2);
  const since = time.now;
  await pass(1);
  deepEqual(
    [...new Set(outcomes.filter(({ at }) => at > since).map(({ result }) => result))],
    ['no-endpoint'],
  );
});

test('a subset is what a DestinationRule says it is', async () => {
  const { mesh, pass, store, route, counts, time } = await shop();
  store.put(kinds.destinationRules, 'web', {
    spec: {
      host: 'web',
      subsets: [
        { name: 'all', labels: {} },
        { name: 'none', labels: { version: 'none' } },
      ],
    },
  });
  const to = (subset: string): void =>
    route([{ route: [{ destination: { host: 'web', subset } }], retries: { attempts: 0 } }]);
  const seen: unknown[] = [];
  for (const subset of ['all', 'none', 'unknown']) {
    to(subset);
    await pass(2);
    mesh.load(host, 50);
    const since = time.now + 1;
    await pass(2);
    mesh.load(host, 0);
    await pass(1);
    seen.push(Object.keys(counts(since)));
  }
  deepEqual(seen, [['ok shop/web'], ['no-endpoint -'], ['no-cluster -']]);
});

test('of two VirtualServices of a host a gateway joins the routes, the mesh has the older alone', async () => {
  for (const [gateways, expected] of [
    [['shop/public'], ['shop.example.com/ 200 shop/web-canary', 'shop.example.com/cart 200 shop/web']],
    [['mesh'], ['shop.example.com/ 404 undefined', 'shop.example.com/cart 200 shop/web']],
  ] as const) {
    const own = await shop();
    own.store.remove(resources.virtualServices, 'shop');
    const put = (name: string, at: string, http: object): void =>
      own.store.put(
        resources.virtualServices,
        name,
        { spec: { hosts: [host], gateways, http: [{ ...http }] } },
        { creationTimestamp: at },
      );
    put('b', '2026-11-24T08:00:00Z', { match: [{ uri: { exact: '/cart' } }], ...weighted({ web: 100 }) });
    put('a', '2026-11-24T08:00:01Z', weighted({ 'web-canary': 100 }));
    await own.pass(2);
    for (const path of ['/', '/cart']) own.mesh.load(`${host}${path}`, 20);
    await own.pass(3);
    const seen = own.outcomes.map((each) => `${each.host} ${each.status} ${each.workload}`);
    deepEqual([...new Set(seen)].sort(), expected);
  }
});

test('streams are opened again when they end, by the route of that moment, and are cut with their pod', async () => {
  const { mesh, pass, route, counts, store, time } = await shop();
  mesh.streams(host, 10, 20);
  await pass(60);
  // 10 that last 20 s each: 5 of each in 100 s; the first ones were of any age.
  const before = counts();
  deepEqual(Object.keys(before), ['ok shop/web']);
  ok((before['ok shop/web'] ?? 0) >= 25 && (before['ok shop/web'] ?? 0) <= 35, JSON.stringify(before));
  route([weighted({ 'web-canary': 100 })]);
  await pass(22);
  const since = time.now + 1;
  await pass(30);
  deepEqual(Object.keys(counts(since)), ['ok shop/web-canary']);
  const cutAt = time.now;
  store.remove(resources.pods, 'web-canary-1');
  await pass(5);
  const { 'cut shop/web-canary': cut, ...rest } = counts(cutAt);
  equalCut(cut, rest);
  mesh.streams(host, 0, 20);
  await pass(60);
  const at = time.now;
  await pass(60);
  deepEqual(counts(at), {});
});

function equalCut(cut: number | undefined, rest: Readonly<Record<string, number>>): void {
  deepEqual(cut, 10);
  ok(
    Object.keys(rest).every((key) => key === 'no-endpoint -' || key === 'refused -'),
    JSON.stringify(rest),
  );
}

test('what the API server holds when the mesh starts is known at once', async () => {
  const { mesh, pass, counts } = await shop();
  mesh.load('web.shop', 100);
  await pass(1);
  deepEqual(Object.keys(counts(startMs)), ['ok shop/web']);
});
