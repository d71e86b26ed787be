import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Kube } from '../../src/kube/kube.ts';
import { resources } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { answer } from '../rig/scripted-api.ts';
import { allOf, rigFor, web } from './rig.ts';

const { deployments, pods, virtualServices } = resources;
/** A kind without a namespace and without a group. */
const namespaces = { ...pods, plural: 'namespaces', kind: 'Namespace', namespaced: false };

test('every call goes to the path, with the query, the type and the body that the API server knows', async (t) => {
  const { api, kube } = await rigFor(t);
  const { signal } = new AbortController();
  const table: readonly (readonly [string, (kube: Kube) => Promise<unknown>, JsonObject | undefined])[] = [
    [
      'GET /apis/apps/v1/namespaces/shop/deployments/web',
      () => kube.get(deployments, 'shop', 'web'),
      undefined,
    ],
    ['GET /api/v1/namespaces/shop', () => kube.get(namespaces, undefined, 'shop'), undefined],
    [
      'POST /apis/apps/v1/namespaces/shop/deployments?fieldManager=serin application/json {"a":"ü"}',
      () => kube.create(deployments, 'shop', { a: 'ü' }),
      undefined,
    ],
    [
      'PATCH /apis/apps/v1/namespaces/shop/deployments/web?fieldManager=serin application/json-patch+json [{"op":"remove","path":"/a"}]',
      () => kube.patch(deployments, 'shop', 'web', { type: 'json', ops: [{ op: 'remove', path: '/a' }] }),
      undefined,
    ],
    [
      'PATCH /apis/apps/v1/namespaces/shop/deployments/web/status?fieldManager=serin application/merge-patch+json {"b":1}',
      () => kube.patch(deployments, 'shop', 'web', { type: 'merge', body: { b: 1 } }, 'status'),
      undefined,
    ],
    [
      'PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale?fieldManager=serin application/strategic-merge-patch+json {"b":1}',
      () => kube.patch(deployments, 'shop', 'web', { type: 'strategic', body: { b: 1 } }, 'scale'),
      undefined,
    ],
    [
      'PATCH /api/v1/namespaces/shop?fieldManager=serin&force=true application/apply-patch+yaml {"b":1}',
      () => kube.patch(namespaces, undefined, 'shop', { type: 'apply', body: { b: 1 } }),
      undefined,
    ],
    [
      'DELETE /apis/apps/v1/namespaces/shop/deployments/web application/json {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background","preconditions":{"uid":"u1"}}',
      () => kube.delete(deployments, 'shop', 'web', 'u1'),
      undefined,
    ],
    [
      'POST /apis/authorization.k8s.io/v1/subjectaccessreviews application/json {"spec":{}}',
      () => kube.ask('/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: {} }),
      undefined,
    ],
    [
      'GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb%2Ctier%21%3Ddb&limit=2&continue=c%2F1',
      () =>
        kube.list(pods, { namespace: 'shop', labelSelector: 'app=web,tier!=db', limit: 2, continue: 'c/1' }),
      { metadata: { resourceVersion: '9' }, items: [] },
    ],
    ['GET /api/v1/pods', () => kube.list(pods, {}), { metadata: { resourceVersion: '9' }, items: [] }],
    [
      'GET /apis/networking.istio.io/v1/virtualservices?fieldSelector=metadata.name%3Da&watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300',
      () =>
        allOf(
          kube.watch(
            virtualServices,
            { fieldSelector: 'metadata.name=a', resourceVersion: '5', timeoutSeconds: 300 },
            signal,
          ),
        ),
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '6' } } },
    ],
  ];
  for (const [wanted, call, reply = web()] of table) {
    let url = '';
    api.script((response, seen) => {
      url = response.req.url ?? '';
      return answer(200, `${JSON.stringify(reply)}\n`)(response, seen);
    });
    await call(kube);
    const { method, headers, body } = api.seen.at(-1) ?? {};
    equal([method, url, headers?.['content-type'], body].filter(Boolean).join(' '), wanted);
    equal(headers?.authorization, 'Bearer secret-token');
  }
  equal(api.connections.size, 1, 'one connection is kept and used again');
});
