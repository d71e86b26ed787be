import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { applied } from '../../src/advice/apply.ts';
import { warningsIn } from '../../src/advice/call.ts';
import { changeOf } from '../../src/advice/change.ts';
import { dryRun } from '../../src/advice/dry-run.ts';
import { fateOf } from '../../src/advice/fate.ts';
import { kindsOf } from '../../src/advice/kinds.ts';
import { holding } from '../../src/config/hold.ts';
import type { Answer } from '../../src/kube/answer.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';

const labels = { app: 'web' };
const deployment = (image: string, extra: JsonObject = {}): KubeObject => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1', ...extra },
  spec: { replicas: 2, template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } } },
});

function paused(before: KubeObject, after: KubeObject): KubeObject {
  const { annotations } = holding(after['spec'] as Json, before['spec'] as Json, {
    actor: 'ann',
    ownPause: false,
  });
  const spec = { ...(after['spec'] as JsonObject), paused: true };
  return {
    ...after,
    metadata: { ...after.metadata, annotations: annotations as Record<string, string> },
    spec,
  };
}

test('the fate is told by what would be stored', () => {
  const [one, two] = [deployment('web:1'), deployment('web:2')];
  const taken = (object: KubeObject, ...warnings: string[]) => ({ is: 'taken', object, warnings }) as const;
  const candidate = paused(one, two);
  const marked = deployment('web:2', { annotations: { 'serin.dev/held-by': 'policy' } });
  const restarted = {
    ...one,
    spec: {
      ...(one['spec'] as JsonObject),
      template: {
        metadata: { labels, annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } },
        spec: { containers: [{ name: 'web', image: 'web:1' }] },
      },
    },
  };
  equal(fateOf(undefined, taken(two), true).is, 'new');
  equal(fateOf(one, taken(one), true).is, 'unchanged');
  equal(fateOf(one, taken(candidate), true).is, 'held');
  equal(fateOf(candidate, taken(candidate), true).is, 'unchanged');
  equal(fateOf(one, taken(marked), true).is, 'waits');
  equal(fateOf(one, taken(restarted), true).is, 'restart');
  deepEqual(fateOf(one, taken(two), false), {
    is: 'direct',
    why: 'the namespace has no label serin.dev/mode',
  });
  deepEqual(
    fateOf(one, taken(two, 'web was rolled out directly, without a canary: it is scaled to zero'), true),
    { is: 'direct', why: 'it is scaled to zero' },
  );
  deepEqual(fateOf(one, { is: 'refused', message: 'no', warnings: [] }, true), { is: 'refused', why: 'no' });
  deepEqual(fateOf(one, { is: 'unknown', why: 'late' }, true), { is: 'unknown', why: 'late' });
});

const target = { resource: resources.deployments, namespace: 'shop', name: 'web' };
const last = (object: JsonObject): KubeObject =>
  deployment('web:1', {
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) },
  });

test('what was applied before and is left out goes, in lists too; the rest is as it is written', () => {
  const before = {
    metadata: { name: 'web', labels: { a: '1', b: '2' } },
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: 'web',
              image: 'web:1',
              env: [
                { name: 'A', value: '1' },
                { name: 'B', value: '2' },
              ],
            },
            { name: 'side', image: 'x' },
          ],
        },
      },
    },
  };
  const after = {
    metadata: { name: 'web', labels: { a: '1' } },
    spec: {
      template: { spec: { containers: [{ name: 'web', image: 'web:2', env: [{ name: 'A', value: '1' }] }] } },
    },
  };
  const { body, contentType, path, method } = applied(after, last(before), target);
  deepEqual(
    [method, path, contentType],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All',
      'application/strategic-merge-patch+json',
    ],
  );
  deepEqual(body, {
    metadata: { name: 'web', labels: { a: '1', b: null } },
    spec: {
      replicas: null,
      template: {
        spec: {
          containers: [
            {
              name: 'web',
              image: 'web:2',
              env: [
                { name: 'A', value: '1' },
                { $patch: 'delete', name: 'B' },
              ],
            },
            { $patch: 'delete', name: 'side' },
          ],
        },
      },
    },
  });
});

test('what is applied by the server is applied so again, and what is new is created', () => {
  const managed = deployment('web:1', { managedFields: [{ manager: 'flux', operation: 'Apply' }] });
  const { path, contentType } = applied({}, managed, target);
  deepEqual(
    [path.split('?')[1], contentType],
    ['dryRun=All&force=true&fieldManager=flux', 'application/apply-patch+yaml'],
  );
  const made = applied({ a: 1 }, undefined, target);
  deepEqual(
    [made.method, made.path],
    ['POST', '/apis/apps/v1/namespaces/shop/deployments?dryRun=All&fieldManager=kubectl-client-side-apply'],
  );
});

const answer = (status: number, text: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers,
  text,
});
const failure = (code: number, message: string): string => JSON.stringify({ kind: 'Status', code, message });

test('an answer is a refusal in the words of whoever refused, or says nothing', async () => {
  const said: readonly (readonly [Answer, string])[] = [
    [answer(422, failure(422, 'admission webhook denied')), 'refused admission webhook denied'],
    [answer(403, failure(403, 'may not')), 'refused may not'],
    [answer(500, failure(500, 'failed calling webhook')), 'refused failed calling webhook'],
    [answer(429, failure(429, 'later')), 'unknown later'],
    [answer(503, 'x'), 'unknown HTTP 503'],
    [answer(200, 'x'), 'unknown the answer is not an object of Kubernetes'],
    [answer(201, JSON.stringify({ metadata: { name: 'web' } })), 'taken web'],
  ];
  for (const [given, wanted] of said) {
    const tried = await dryRun(async () => given, { method: 'GET', path: '/' });
    const what =
      tried.is === 'taken' ? tried.object.metadata.name : tried.is === 'refused' ? tried.message : tried.why;
    equal(`${tried.is} ${what}`, wanted);
  }
  deepEqual(await dryRun(async () => ({ unanswered: 'late' }), { method: 'GET', path: '/' }), {
    is: 'unknown',
    why: 'late',
  });
});

test('every warning is heard, however it is quoted', () => {
  deepEqual(warningsIn({ headers: {} }), []);
  deepEqual(warningsIn({ headers: { warning: '299 - "one \\"two\\", three", 299 - "four"' } }), [
    'one "two", three',
    'four',
  ]);
  deepEqual(warningsIn({ headers: { warning: ['299 - "a"', '299 - "b"'] } }), ['a', 'b']);
});

test('a kind is looked up once for each version, and what there is not is said', async () => {
  const asked: string[] = [];
  const kinds = kindsOf(async ({ path }) => {
    asked.push(path);
    if (path === '/apis/x/v1') return answer(404, '');
    return answer(
      200,
      JSON.stringify({
        resources: [
          { name: 'deployments/status', kind: 'Deployment' },
          { name: 'deployments', kind: 'Deployment', namespaced: true },
        ],
      }),
    );
  });
  deepEqual(await kinds('apps/v1', 'Deployment'), resources.deployments);
  deepEqual(await kinds('apps/v1', 'Nothing'), { unknown: 'the server has no Nothing in apps/v1' });
  deepEqual(await kinds('x/v1', 'X'), { unknown: 'the server has no x/v1' });
  deepEqual(asked, ['/apis/apps/v1', '/apis/x/v1']);
});

test('what changes is told by the names of things', () => {
  const before = {
    spec: {
      template: {
        metadata: { labels: { a: '1' } },
        spec: {
          containers: [
            { name: 'web', image: 'a', env: [1] },
            { name: 'b', image: 'b' },
          ],
        },
      },
    },
  };
  const after = {
    spec: {
      template: {
        metadata: { labels: { a: '2' } },
        spec: {
          containers: [
            { name: 'web', image: 'c', env: [2] },
            { name: 'b', image: 'b' },
          ],
        },
      },
    },
  };
  deepEqual(changeOf(before, after), {
    images: [{ container: 'web', from: 'a', to: 'c' }],
    also: ['metadata.labels.a', 'containers.web.env'],
  });
});
