import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { parseReview } from '../../../src/admission/review.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { issueAuthority, issueLeaf, systemEntropy } from '../../../src/tls/issue.ts';
import { startMs } from '../time.ts';
import { aConfigMap, ann, type Bench, openBench, said } from './bench.ts';
import { kinds } from './kinds.ts';
import type { Admission, Answer } from './types.ts';

const { configMaps } = kinds;
const host = 'hook.shop.svc';
const authority = await issueAuthority(startMs, systemEntropy);
const stranger = await issueAuthority(startMs, systemEntropy);
const certificate = (await issueLeaf(authority, [host], startMs, systemEntropy)).cert;
const caBundle = Buffer.from(authority.cert).toString('base64');

async function withWebhook(answer: Admission, webhook: JsonObject = {}, bundle = caBundle): Promise<Bench> {
  const bench = await openBench({ team: 'a' });
  await bench.kube.create(kinds.mutatingWebhooks, undefined, {
    metadata: { name: 'hooks' },
    webhooks: [
      {
        name: 'hook.test',
        clientConfig: { service: { namespace: 'shop', name: 'hook', path: '/mutate' }, caBundle: bundle },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
        timeoutSeconds: 5,
        ...webhook,
      },
    ],
  });
  bench.api.serve('shop/hook', { certificate: () => certificate, answer });
  return bench;
}

/** Allows, with this JSON Patch. */
const patching =
  (...ops: JsonObject[]): Admission =>
  async (review) => {
    const { uid } = objectAt(review, 'request');
    const patch = Buffer.from(JSON.stringify(ops)).toString('base64');
    const response = { uid, allowed: true, patchType: 'JSONPatch', patch, warnings: ['look out'] };
    return {
      status: 200,
      body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }),
    };
  };
const mark = { op: 'add', path: '/data', value: { marked: 'yes' } };

const create = (bench: Bench, name = 'a'): Promise<Answer> =>
  bench.call({ verb: 'create', resource: configMaps, body: aConfigMap(name, { x: '1' }) });

test('what a webhook makes of an object is stored, and its warnings are passed on', async () => {
  const bench = await withWebhook(patching(mark));
  const answer = await create(bench);
  deepEqual([answer.body['data'], answer.warnings], [{ marked: 'yes' }, ['look out']]);
  deepEqual(bench.api.get(configMaps, 'shop', 'a')?.['data'], { marked: 'yes' });
});

test('the review is one that the product reads, with what the caller asked for', async () => {
  const reviews: JsonObject[] = [];
  const bench = await withWebhook(async (review) => {
    reviews.push(review);
    return patching(mark)(review);
  });
  await create(bench);
  await bench.call({
    verb: 'patch',
    patchType: 'merge',
    resource: configMaps,
    name: 'a',
    body: { data: { y: '2' } },
    query: { dryRun: 'All' },
  });
  const [first, second] = reviews.map((review) => parseReview(review));
  deepEqual(
    [
      first?.operation,
      first?.kind,
      first?.namespace,
      first?.name,
      first?.username,
      first?.dryRun,
      first?.oldObject,
    ],
    ['CREATE', '/ConfigMap', 'shop', 'a', ann.username, false, undefined],
  );
  deepEqual(first?.object, {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'a', namespace: 'shop' },
    data: { x: '1' },
  });
  deepEqual(
    [second?.operation, second?.dryRun, second?.object?.['data'], second?.oldObject],
    ['UPDATE', true, { marked: 'yes', y: '2' }, bench.api.get(configMaps, 'shop', 'a')],
  );
  deepEqual(objectAt(objectAt(reviews[1] ?? {}, 'request'), 'options'), {
    kind: 'UpdateOptions',
    apiVersion: 'meta.k8s.io/v1',
    dryRun: ['All'],
    fieldManager: 'kubectl',
  });
});

const called =
  '500 InternalError: Internal error occurred: failed calling webhook "hook.test": failed to call webhook';
const post = `${called}: Post "https://hook.shop.svc:443/mutate?timeout=5s"`;
const never: Admission = () => new Promise(() => {});
const failures: readonly (readonly [string, Admission, string, string])[] = [
  ['does not answer in time', never, caBundle, `${post}: context deadline exceeded`],
  ['cannot be reached', async () => undefined, caBundle, `${post}: context deadline exceeded`],
  [
    'shows a certificate of another',
    patching(mark),
    Buffer.from(stranger.cert).toString('base64'),
    `${post}: tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ],
  [
    'is trusted by nothing',
    patching(mark),
    '',
    `${post}: tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ],
  [
    'answers an error',
    async () => ({ status: 503, body: 'no' }),
    caBundle,
    `${called}: an error on the server ("unknown") has prevented the request from succeeding`,
  ],
];
for (const [what, answer, bundle, words] of failures)
  test(`a webhook that ${what} fails the write, or is passed over where it may be`, async () => {
    const bench = await withWebhook(answer, {}, bundle);
    equal(said(await create(bench)), words);
    const lenient = await withWebhook(answer, { failurePolicy: 'Ignore' }, bundle);
    equal(said(await create(lenient)), '201');
    deepEqual(lenient.api.get(configMaps, 'shop', 'a')?.['data'], { x: '1' });
  });

test('a webhook nobody stands behind fails the write, with what is missing', async () => {
  const bench = await withWebhook(patching(mark));
  const stop = bench.api.serve('shop/hook', { certificate: () => certificate, answer: patching(mark) });
  stop();
  equal(said(await create(bench)), '201');
  const body = {
    webhooks: [
      {
        name: 'hook.test',
        clientConfig: { service: { namespace: 'shop', name: 'other' } },
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'] }],
      },
    ],
  };
  await bench.kube.patch(kinds.mutatingWebhooks, undefined, 'hooks', { type: 'merge', body });
  match(
    said(await create(bench, 'b')),
    /Post "https:\/\/other\.shop\.svc:443\/\?timeout=10s": service "other" not found$/,
  );
});

test('a certificate is good for as long as it is valid, by the time of the simulation', async () => {
  const bench = await withWebhook(patching(mark));
  equal(said(await create(bench)), '201');
  await bench.pass(400 * 24 * 3_600_000);
  match(
    said(await create(bench, 'b')),
    /x509: certificate has expired or is not yet valid: current time 2027-/,
  );
});

test('a denial is told in the words of the webhook, with its code', async () => {
  const bench = await withWebhook(async (review) => {
    const status = { code: 409, reason: 'Conflict', message: 'in a moment' };
    const response = { uid: objectAt(review, 'request')['uid'], allowed: false, status };
    return { status: 200, body: JSON.stringify({ response }) };
  });
  equal(
    said(await create(bench)),
    '409 Conflict: admission webhook "hook.test" denied the request: in a moment',
  );
});

test('a webhook is asked only about the namespaces and objects it selects', async () => {
  const others = await withWebhook(patching(mark), { namespaceSelector: { matchLabels: { team: 'b' } } });
  await create(others);
  deepEqual(others.api.get(configMaps, 'shop', 'a')?.['data'], { x: '1' });
  const ours = await withWebhook(patching(mark), {
    namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['a'] }] },
  });
  await create(ours);
  deepEqual(ours.api.get(configMaps, 'shop', 'a')?.['data'], { marked: 'yes' });
});

test('who asks for it is asked again once another has changed the object after it', async () => {
  let times = 0;
  const counting: Admission = async (review) => {
    times += 1;
    return patching({ op: 'add', path: '/data/times', value: String(times) })(review);
  };
  const bench = await withWebhook(counting, { reinvocationPolicy: 'IfNeeded' });
  bench.api.mutators.push({
    name: 'zz-last',
    isAgain: false,
    change: (_, object) => ({ ...object, data: { ...objectAt(object, 'data'), last: 'yes' } }),
  });
  deepEqual((await create(bench)).body['data'], { x: '1', times: '2', last: 'yes' });
  bench.api.mutators.length = 0;
  deepEqual((await create(bench, 'b')).body['data'], { x: '1', times: '3' });
});

test('what was written while a webhook was asked is not overwritten: the patch is made again on it', async () => {
  const bench = await withWebhook(async () => undefined, { rules: [] });
  await create(bench);
  let isFirst = true;
  const busy = await withWebhook(
    async (review) => {
      if (isFirst) {
        isFirst = false;
        await busy.api
          .kube({ username: 'bob', manager: 'bob' })
          .patch(configMaps, 'shop', 'a', { type: 'merge', body: { data: { bob: '1' } } });
      }
      return patching()(review);
    },
    { rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['UPDATE'] }] },
  );
  await create(busy);
  const body = { data: { ann: '1' } };
  const answer = await busy.call({
    verb: 'patch',
    patchType: 'merge',
    resource: configMaps,
    name: 'a',
    body,
  });
  deepEqual(answer.body['data'], { x: '1', bob: '1', ann: '1' });
});
