import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt } from '../../../src/routing/json.ts';
import { issueAuthority, issueLeaf, systemEntropy } from '../../../src/tls/issue.ts';
import { startMs } from '../time.ts';
import { aConfigMap, type Bench, openBench, said } from './bench.ts';
import { kinds } from './kinds.ts';
import type { Admission } from './types.ts';

const { configMaps } = kinds;
const authority = await issueAuthority(startMs, systemEntropy);
const { cert } = await issueLeaf(authority, ['hook.shop.svc'], startMs, systemEntropy);

async function withJudge(answer: Admission): Promise<Bench> {
  const bench = await openBench();
  await bench.kube.create(configMaps, 'shop', aConfigMap('a'));
  const caBundle = Buffer.from(authority.cert).toString('base64');
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] };
  const webhook = {
    name: 'judge.test',
    clientConfig: { service: { namespace: 'shop', name: 'hook' }, caBundle },
    rules: [rule],
  };
  await bench.kube.create(kinds.validatingWebhooks, undefined, {
    metadata: { name: 'judges' },
    webhooks: [webhook],
  });
  bench.api.serve('shop/hook', { certificate: () => cert, answer });
  return bench;
}

const says =
  (allowed: boolean): Admission =>
  async (review) => {
    const response = {
      uid: objectAt(review, 'request')['uid'],
      allowed,
      status: { code: 403, reason: 'Forbidden', message: 'no' },
    };
    return { status: 200, body: JSON.stringify({ response }) };
  };
const patch = (bench: Bench) =>
  bench.call({
    verb: 'patch',
    patchType: 'merge',
    resource: configMaps,
    name: 'a',
    body: { data: { ann: '1' } },
  });

test('a validating webhook can refuse each kind of write', async () => {
  const bench = await withJudge(says(false));
  const no = '403 Forbidden: admission webhook "judge.test" denied the request: no';
  equal(said(await patch(bench)), no);
  equal(said(await bench.call({ verb: 'create', resource: configMaps, body: aConfigMap('b') })), no);
  equal(said(await bench.call({ verb: 'delete', resource: configMaps, name: 'a' })), no);
  deepEqual(
    bench.api.list(configMaps, 'shop').map(({ metadata }) => metadata.name),
    ['a'],
  );
});

test('what is written while a validating webhook is asked is not overwritten', async () => {
  let isFirst = true;
  const bench = await withJudge(async (review) => {
    if (isFirst) {
      isFirst = false;
      const body = { data: { bob: '1' } };
      await bench.kube.patch(configMaps, 'shop', 'a', { type: 'merge', body });
    }
    return says(true)(review);
  });
  deepEqual((await patch(bench)).body['data'], { bob: '1', ann: '1' });
});

test('who is recreated while a validating webhook is asked about its deletion is not deleted for the other', async () => {
  let isFirst = true;
  const bench = await withJudge(async (review) => {
    if (isFirst) {
      isFirst = false;
      const { uid } = (await bench.kube.get(configMaps, 'shop', 'a'))?.metadata ?? { uid: '' };
      await bench.kube.delete(configMaps, 'shop', 'a', uid);
      await bench.kube.create(configMaps, 'shop', aConfigMap('a'));
    }
    return says(true)(review);
  });
  const { uid } = bench.api.get(configMaps, 'shop', 'a')?.metadata ?? { uid: '' };
  const answer = await bench.call({
    verb: 'delete',
    resource: configMaps,
    name: 'a',
    body: { preconditions: { uid } },
  });
  equal(answer.status, 409);
  equal(bench.api.list(configMaps, 'shop').length, 1);
});
