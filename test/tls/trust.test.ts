import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { ensureTrust } from '../../src/tls/trust.ts';
import { resources } from '../../src/kube/objects.ts';
import type { MemoryKube } from '../rig/memory-kube.ts';
import { cluster, installWebhooks, replica, start, trustedBundles, webhooks } from './replica.ts';

const drifts: Record<string, (kube: MemoryKube) => Promise<unknown>> = {
  'a manifest applied again without caBundle': async (kube) => {
    const found = await kube.get(resources.mutatingWebhooks, undefined, 'serin');
    await kube.delete(resources.mutatingWebhooks, undefined, 'serin', found?.metadata.uid ?? '');
    await installWebhooks(kube, webhooks);
  },
  'an empty caBundle in one webhook': (kube) =>
    kube.patch(resources.mutatingWebhooks, undefined, 'serin', {
      type: 'json',
      ops: [{ op: 'replace', path: '/webhooks/1/clientConfig/caBundle', value: '' }],
    }),
  'the CA of another': (kube) =>
    kube.patch(resources.mutatingWebhooks, undefined, 'serin', {
      type: 'json',
      ops: [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: 'Zm9yZ2Vk' }],
    }),
};

for (const [drift, make] of Object.entries(drifts))
  test(`${drift} is put right at the next look`, async () => {
    const kube = await cluster();
    const one = replica(kube, { now: start });
    await one.turn();
    const right = await trustedBundles(kube);
    await make(kube);
    equal(await one.turn(), 600_000);
    deepEqual(await trustedBundles(kube), right);
    equal(one.served.length, 1);
    await one.stop();
  });

test('a caBundle that was changed again at once is not taken for trusted', async () => {
  const kube = await cluster();
  const one = replica(kube, { now: start });
  let patched = false;
  kube.before = async ({ verb, plural }) => {
    if (plural !== 'mutatingwebhookconfigurations') return;
    if (verb === 'patch') patched = true;
    if (verb !== 'get' || !patched) return;
    patched = false;
    kube.before = () => undefined;
    await drifts['an empty caBundle in one webhook']?.(kube);
  };
  equal(await one.turn(), 1_000);
  deepEqual(one.served, []);
  await one.turn();
  equal(one.served.length, 1);
  await one.stop();
});

test('a list of webhooks that changed after it was read is not written to', async () => {
  const kube = await cluster();
  kube.before = async ({ verb }) => {
    if (verb !== 'patch') return;
    kube.before = () => undefined;
    const op = { op: 'remove', path: '/webhooks/0' } as const;
    await kube.patch(resources.mutatingWebhooks, undefined, 'serin', { type: 'json', ops: [op] });
  };
  await rejects(ensureTrust(kube, 'serin', 'CA'), { code: 'KUBE_INVALID' });
  deepEqual(await trustedBundles(kube), ['']);
  equal(await ensureTrust(kube, 'serin', 'CA'), 'repaired');
  deepEqual(await trustedBundles(kube), ['CA']);
});

test('the validating configuration of that name is kept as the mutating one is', async () => {
  const kube = await cluster();
  equal(await ensureTrust(kube, 'serin', 'CA'), 'repaired');
  const one = { name: 'pods.enforce.serin.dev', clientConfig: { service: { name: 'serin-webhook' } } };
  await kube.create(resources.validatingWebhooks, undefined, {
    metadata: { name: 'serin' },
    webhooks: [one],
  });
  equal(await ensureTrust(kube, 'serin', 'CA'), 'repaired');
  const found = await kube.get(resources.validatingWebhooks, undefined, 'serin');
  match(JSON.stringify(found), /"caBundle":"Q0E="/);
  equal(await ensureTrust(kube, 'serin', 'CA'), 'trusted');
});
