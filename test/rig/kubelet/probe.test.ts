import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { until } from '../processes.ts';
import { isFine, keepProbing } from './probe.ts';
import type { ContainerSpec, Probe } from './pod.ts';

let status = 200;
const asked: (string | undefined)[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers['user-agent']} ${String(request.headers['x-check'])}`);
  if (request.url !== '/hang') response.writeHead(status).end();
});
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => {
  server.close();
  server.closeAllConnections();
});
const { port } = server.address() as AddressInfo;
const container: ContainerSpec = {
  name: 'web',
  image: 'shop:1',
  ports: [{ name: 'http', containerPort: port }],
};
const probe = (rest: Probe = {}): Probe => ({ httpGet: { port: 'http' }, ...rest });

test('one request, to the named port, with the headers of the probe, as the kubelet', async () => {
  const httpHeaders = [{ name: 'X-Check', value: 'yes' }];
  equal(
    await isFine({ httpGet: { port: 'http', path: '/ready', httpHeaders } }, '127.0.0.1', container),
    true,
  );
  equal(asked.pop(), '/ready kube-probe/1.36 yes');
});

const answers = [
  { code: 200, fine: true },
  { code: 399, fine: true },
  { code: 400, fine: false },
  { code: 503, fine: false },
];
for (const { code, fine } of answers) {
  test(`${code} is ${fine ? 'fine' : 'not fine'}`, async () => {
    status = code;
    equal(await isFine(probe(), '127.0.0.1', container), fine);
  });
}

test('no answer in time, and no server, are not fine', async () => {
  equal(
    await isFine({ httpGet: { port, path: '/hang' }, timeoutSeconds: 0.05 }, '127.0.0.1', container),
    false,
  );
  equal(await isFine({ httpGet: { port: 1 } }, '127.0.0.1', container), false);
});

test('it turns when its thresholds are passed, and not before', async () => {
  const abort = new AbortController();
  const turns: [boolean, number][] = [];
  status = 503;
  asked.length = 0;
  const turned = (succeeds: boolean): void => void turns.push([succeeds, asked.length]);
  const thresholds = { periodSeconds: 0.02, successThreshold: 2, failureThreshold: 3 };
  const done = keepProbing({
    probe: probe(thresholds),
    address: '127.0.0.1',
    container,
    turned,
    signal: abort.signal,
  });
  await until('the first turn', () => turns.length === 1);
  status = 200;
  await until('the second turn', () => turns.length === 2);
  status = 503;
  await until('the third turn', () => turns.length === 3);
  abort.abort();
  await done;
  deepEqual(
    turns.map(([succeeds]) => succeeds),
    [false, true, false],
  );
  const [first = 0, second = 0, third = 0] = turns.map(([, requests]) => requests);
  ok(first >= 3 && second - first >= 2 && third - second >= 3);
});

test('before its first success it is asked often, but its failures count by the period', async () => {
  const abort = new AbortController();
  const turns: boolean[] = [];
  status = 503;
  asked.length = 0;
  const rest = {
    probe: probe({ failureThreshold: 2 }),
    address: '127.0.0.1',
    container,
    signal: abort.signal,
  };
  const done = keepProbing({ ...rest, turned: (succeeds) => void turns.push(succeeds) });
  await until('four requests', () => asked.length >= 4);
  deepEqual(turns, []);
  status = 200;
  await until('the success', () => turns.length > 0);
  deepEqual(turns, [true]);
  abort.abort();
  await done;
});
