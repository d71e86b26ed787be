import { deepEqual, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { type CallTold, calledBy, counted } from '../../src/kube/counted.ts';
import type { Request, Response } from '../../src/kube/transport.ts';

const signal = new AbortController().signal;
const get: Request = { method: 'GET', path: '/apis/apps/v1/deployments', headers: {}, signal };

const calls: readonly (readonly [Request['method'], string, string])[] = [
  ['GET', '/apis/apps/v1/deployments?limit=500', 'list deployments'],
  ['GET', '/apis/apps/v1/deployments?watch=true&resourceVersion=7', 'watch deployments'],
  ['GET', '/apis/apps/v1/namespaces/shop/deployments/web', 'get deployments'],
  [
    'PATCH',
    '/apis/apps/v1/namespaces/shop/deployments/web/scale?fieldManager=serin',
    'patch deployments/scale',
  ],
  ['POST', '/api/v1/namespaces/shop/events', 'create events'],
  ['DELETE', '/api/v1/namespaces/shop/services/web-canary', 'delete services'],
  ['GET', '/api/v1/namespaces/shop', 'get namespaces'],
  ['GET', '/api/v1/namespaces?labelSelector=a', 'list namespaces'],
  ['POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', 'create subjectaccessreviews'],
  ['GET', '/version', 'list other'],
];

for (const [method, path, wanted] of calls)
  test(`${method} ${path} is to ${wanted}`, () => {
    const { verb, resource } = calledBy({ method, path });
    deepEqual(`${verb} ${resource}`, wanted);
  });

/** A clock that stands a second later whenever it is asked. */
function ticking(): { now(): number; sleep(): Promise<void> } {
  let now = 0;
  return { now: () => (now += 1000), sleep: () => Promise.resolve() };
}

test('each exchange is told of with its status, and goes through as it is', async () => {
  const told: CallTold[] = [];
  const answer: Response = { status: 404, headers: {}, body: (async function* () {})() };
  const transport = counted({ send: async () => answer }, ticking(), (call) => told.push(call));
  deepEqual(await transport.send(get), answer);
  deepEqual(told, [{ verb: 'list', resource: 'deployments', code: '404', tookMs: 1000 }]);
});

test('one that is not answered is told of, too', async () => {
  const told: CallTold[] = [];
  const send = () => Promise.reject(new Error('connect ECONNREFUSED'));
  await rejects(counted({ send }, ticking(), (call) => told.push(call)).send(get), /ECONNREFUSED/);
  deepEqual(
    told.map(({ code }) => code),
    ['none'],
  );
});
