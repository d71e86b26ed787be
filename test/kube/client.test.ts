import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { SerinError } from '../../src/errors.ts';
import { createKube } from '../../src/kube/client.ts';
import { resources } from '../../src/kube/objects.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { answer, cut, eventually, refusal, scriptedApi, stream } from '../rig/scripted-api.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { allOf, failureOf, rigFor, web } from './rig.ts';

const { deployments, pods, virtualServices } = resources;

test('an object is the same JSON whether it was got, listed or watched, and a page says where the list goes on', async (t) => {
  const { api, kube } = await rigFor(t);
  const object = web({ spec: { unknown: [1, { x: null }] } });
  const { kind: _kind, apiVersion: _apiVersion, ...listed } = object;
  api.script(
    answer(200, object),
    answer(200, { metadata: { resourceVersion: '9', continue: 'more' }, items: [listed] }),
    answer(200, { metadata: { resourceVersion: '9', continue: '' }, items: null }),
    stream([{ type: 'ADDED', object }], 'end'),
  );
  deepEqual(await kube.get(deployments, 'shop', 'web'), object);
  deepEqual(await kube.list(deployments, {}), { items: [object], resourceVersion: '9', continue: 'more' });
  deepEqual(await kube.list(deployments, { continue: 'more' }), { items: [], resourceVersion: '9' });
  const scope = { resourceVersion: '9', timeoutSeconds: 300 };
  deepEqual(await allOf(kube.watch(deployments, scope, new AbortController().signal)), [
    { type: 'ADDED', object },
  ]);
});

test('what is not there is undefined to get, list and delete, and an error to a write', async (t) => {
  const { api, kube } = await rigFor(t);
  const missing = refusal(404, 'NotFound', 'deployments.apps "web" not found');
  const uninstalled = answer(404, '404 page not found\n');
  api.script(missing, uninstalled, uninstalled, missing, missing);
  equal(await kube.get(deployments, 'shop', 'web'), undefined);
  equal(await kube.get(virtualServices, 'shop', 'web'), undefined);
  equal(await kube.list(virtualServices, {}), undefined);
  await kube.delete(deployments, 'shop', 'web', 'u1');
  deepEqual(await failureOf(kube.patch(deployments, 'shop', 'web', { type: 'merge', body: {} })), {
    code: 'KUBE_NOT_FOUND',
    message: 'cannot patch deployments shop/web: deployments.apps "web" not found',
    retryAfterMs: undefined,
  });
});

test("a proxy's 404 page is not taken for an empty cluster", async (t) => {
  const { api, kube } = await rigFor(t);
  api.script(answer(404, '<html>no such site</html>'), answer(404, '<html>no such site</html>'));
  const expected = { code: 'KUBE_UNREACHABLE', retryAfterMs: undefined };
  deepEqual(await failureOf(kube.list(pods, {})), { ...expected, message: 'cannot list pods: HTTP 404' });
  deepEqual(await failureOf(kube.get(pods, 'shop', 'a')), {
    ...expected,
    message: 'cannot get pods shop/a: HTTP 404',
  });
});

test('each refusal has the code that callers branch on, the words of the server, and the wait it asks for', async (t) => {
  const { api, kube } = await rigFor(t);
  const wait = { 'retry-after': '7' };
  const table = [
    [refusal(400, 'BadRequest', 'bad'), 'KUBE_INVALID', 'bad', undefined],
    [refusal(401, 'Unauthorized', 'who?'), 'KUBE_FORBIDDEN', 'who?', undefined],
    [refusal(403, 'Forbidden', 'no'), 'KUBE_FORBIDDEN', 'no', undefined],
    [refusal(409, 'Conflict', 'modified'), 'KUBE_CONFLICT', 'modified', undefined],
    [refusal(410, 'Expired', 'too old'), 'KUBE_GONE', 'too old', undefined],
    [refusal(415, 'UnsupportedMediaType', 'what?'), 'KUBE_INVALID', 'what?', undefined],
    [refusal(422, 'Invalid', 'spec.replicas: -1'), 'KUBE_INVALID', 'spec.replicas: -1', undefined],
    [refusal(429, 'TooManyRequests', 'later', wait), 'KUBE_BUSY', 'later', 7_000],
    [refusal(503, 'ServiceUnavailable', 'etcd', { 'retry-after': '86400' }), 'KUBE_BUSY', 'etcd', 300_000],
    [
      answer(500, { kind: 'Status', message: 'webhook', details: { retryAfterSeconds: 3 } }),
      'KUBE_BUSY',
      'webhook',
      3_000,
    ],
    [answer(502, 'Bad Gateway'), 'KUBE_BUSY', 'HTTP 502', undefined],
    [answer(302, ''), 'KUBE_UNREACHABLE', 'HTTP 302', undefined],
  ] as const;
  for (const [step, code, reason, retryAfterMs] of table) {
    api.script(step);
    const patched = kube.patch(deployments, 'shop', 'web', { type: 'merge', body: {} });
    deepEqual(await failureOf(patched), {
      code,
      message: `cannot patch deployments shop/web: ${reason}`,
      retryAfterMs,
    });
  }
});

test('a write that got no answer says that its outcome is not known; a read need not', async (t) => {
  const { api, kube } = await rigFor(t);
  api.script(cut, cut);
  const message = 'cannot patch deployments shop/web: socket hang up';
  const patched = kube.patch(deployments, 'shop', 'web', { type: 'merge', body: {} });
  deepEqual(await failureOf(patched), {
    code: 'KUBE_UNREACHABLE',
    message: `${message}; whether it was done is not known`,
    retryAfterMs: undefined,
  });
  deepEqual(await failureOf(kube.get(deployments, 'shop', 'web')), {
    code: 'KUBE_UNREACHABLE',
    message: 'cannot get deployments shop/web: socket hang up',
    retryAfterMs: undefined,
  });
});

test('no server at all is an error with a reason', async () => {
  const api = await scriptedApi();
  await api.close();
  const kube = createKube(createTransport(api.config), systemClock);
  await rejects(kube.get(pods, 'shop', 'a'), /^SerinError: cannot get pods shop\/a: connect ECONNREFUSED/);
});

for (const [what, step] of [
  ['no answer', () => {}],
  ['an answer that does not end', stream(['{'])],
] as const)
  test(`a call with ${what} ends after ten seconds, and its connection with it`, async (t) => {
    const clock = virtualClock();
    const { api, kube } = await rigFor(t, clock);
    api.script(step);
    const failure = failureOf(kube.create(deployments, 'shop', web()));
    await eventually(() => api.seen.length === 1, 'the request');
    await clock.advance(9_999);
    equal(api.connections.size, 1);
    await clock.advance(1);
    deepEqual(await failure, {
      code: 'KUBE_UNREACHABLE',
      message: 'cannot create deployments shop/web: no answer within 10 s; whether it was done is not known',
      retryAfterMs: undefined,
    });
    await eventually(() => api.connections.size === 0, 'the end of the connection');
    deepEqual(clock.wakes, []);
  });

test('deleting is fine where that very object is gone, though another has its name', async (t) => {
  const { api, kube } = await rigFor(t);
  const conflict = refusal(409, 'Conflict', 'the UID in the precondition does not match');
  api.script(
    conflict,
    answer(200, web()),
    conflict,
    refusal(404, 'NotFound', 'gone'),
    conflict,
    answer(200, web()),
  );
  await kube.delete(deployments, 'shop', 'web', 'u0');
  await kube.delete(deployments, 'shop', 'web', 'u1');
  deepEqual(await failureOf(kube.delete(deployments, 'shop', 'web', 'u1')), {
    code: 'KUBE_CONFLICT',
    message: 'cannot delete deployments shop/web: the UID in the precondition does not match',
    retryAfterMs: undefined,
  });
});

test('no error holds a credential or a part of an answer that could be a secret', async (t) => {
  const { api, kube } = await rigFor(t);
  const secret = 'data:hunter2';
  const steps = [
    answer(200, secret),
    answer(200, { kind: 'Secret', data: secret }),
    answer(500, secret),
    cut,
  ];
  for (const step of steps) {
    api.script(step);
    const error: unknown = await kube.get(resources.secrets, 'shop', 'a').catch((thrown: unknown) => thrown);
    ok(error instanceof SerinError);
    for (let each: unknown = error; each instanceof Error; each = each.cause)
      equal(/hunter2|secret-token/.test(JSON.stringify(each) + each.message + (each.stack ?? '')), false);
  }
});

test('an answer over 32 MiB is cut off', async (t) => {
  const { api, kube } = await rigFor(t);
  const megabyte = 'x'.repeat(1024 * 1024);
  api.script(stream(Array.from({ length: 33 }, () => megabyte)));
  deepEqual(await failureOf(kube.list(pods, {})), {
    code: 'KUBE_UNREACHABLE',
    message: 'cannot list pods: the answer is larger than 32 MiB',
    retryAfterMs: undefined,
  });
  await eventually(() => api.connections.size === 0, 'the end of the connection');
});
