import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../../src/errors.ts';
import { fenced } from '../../src/kube/fenced.ts';
import { resources } from '../../src/kube/objects.ts';
import { memoryKube } from '../rig/memory-kube.ts';

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } };

test('who holds the Lease reads and writes as ever', async () => {
  const kube = fenced(memoryKube(), () => true);
  const { metadata } = await kube.create(resources.services, 'shop', service);
  equal((await kube.get(resources.services, 'shop', 'web'))?.metadata.uid, metadata.uid);
  await kube.delete(resources.services, 'shop', 'web', metadata.uid);
  equal(await kube.get(resources.services, 'shop', 'web'), undefined);
});

test('who may not hold it any more still reads, and writes nothing', async () => {
  const memory = memoryKube();
  const { metadata } = await memory.create(resources.services, 'shop', service);
  const [kube, before] = [fenced(memory, () => false), [...memory.writes]];
  const { name, uid } = metadata;
  const writes = [
    () => kube.create(resources.services, 'shop', { ...service, metadata: { name: 'api' } }),
    () => kube.patch(resources.services, 'shop', name, { type: 'merge', body: { spec: {} } }),
    () => kube.delete(resources.services, 'shop', name, uid),
  ];
  for (const write of writes) await rejects(write(), (error) => hasCode(error, 'KUBE_CONFLICT'));
  deepEqual(memory.writes, before);
  equal((await kube.get(resources.services, 'shop', name))?.metadata.uid, uid);
});
