import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { aConfigMap, type Bench, openBench, said } from './bench.ts';
import { kinds } from './kinds.ts';

const { configMaps, namespaces, pods } = kinds;

const ownedBy = (
  name: string,
  ...owners: readonly { readonly name: string; readonly uid: string }[]
): JsonObject => ({
  ...aConfigMap(name),
  metadata: {
    name,
    ownerReferences: owners.map((owner) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...owner,
      blockOwnerDeletion: true,
    })),
  },
});
const ref = ({ metadata: { name, uid } }: KubeObject) => ({ name, uid });
const left = (bench: Bench): readonly string[] =>
  bench.api.list(configMaps, 'shop').map(({ metadata }) => metadata.name);
const remove = (bench: Bench, name: string, propagationPolicy?: string) =>
  bench.call({
    verb: 'delete',
    resource: configMaps,
    name,
    ...(propagationPolicy === undefined ? {} : { body: { propagationPolicy } }),
  });

async function family(): Promise<Bench> {
  const bench = await openBench();
  const parent = await bench.kube.create(configMaps, 'shop', aConfigMap('parent'));
  const child = await bench.kube.create(configMaps, 'shop', ownedBy('child', ref(parent)));
  await bench.kube.create(configMaps, 'shop', ownedBy('grandchild', ref(child)));
  return bench;
}

test('dependents go a moment after their owner, and theirs after them', async () => {
  const bench = await family();
  await remove(bench, 'parent');
  deepEqual(left(bench), ['child', 'grandchild']);
  await bench.pass(5_000);
  deepEqual(left(bench), []);
});

test('in the foreground the owner goes last', async () => {
  const bench = await family();
  await remove(bench, 'parent', 'Foreground');
  deepEqual(bench.api.get(configMaps, 'shop', 'parent')?.metadata['finalizers'], ['foregroundDeletion']);
  const gone: string[] = [];
  bench.api.onWrite(({ type, object }) => void (type === 'DELETED' && gone.push(object.metadata.name)));
  await bench.pass(20_000);
  deepEqual(gone, ['grandchild', 'child', 'parent']);
});

test('orphans stay, and no longer name who left them', async () => {
  const bench = await family();
  await remove(bench, 'parent', 'Orphan');
  await bench.pass(20_000);
  deepEqual(left(bench), ['child', 'grandchild']);
  equal(bench.api.get(configMaps, 'shop', 'child')?.metadata['ownerReferences'], undefined);
});

test('an owner is who has the uid: another of its name does not count, nor does one that never was', async () => {
  const bench = await openBench();
  const parent = await bench.kube.create(configMaps, 'shop', aConfigMap('parent'));
  await bench.kube.create(configMaps, 'shop', ownedBy('child', ref(parent)));
  await remove(bench, 'parent');
  await bench.kube.create(configMaps, 'shop', aConfigMap('parent'));
  await bench.kube.create(configMaps, 'shop', ownedBy('foundling', { name: 'parent', uid: 'u-0' }));
  await bench.pass(5_000);
  deepEqual(left(bench), ['parent']);
});

test('who has another owner left stays with that one', async () => {
  const bench = await openBench();
  const [one, two] = [
    await bench.kube.create(configMaps, 'shop', aConfigMap('one')),
    await bench.kube.create(configMaps, 'shop', aConfigMap('two')),
  ];
  await bench.kube.create(configMaps, 'shop', ownedBy('child', ref(one), ref(two)));
  await remove(bench, 'one');
  await bench.pass(5_000);
  const owners = bench.api.get(configMaps, 'shop', 'child')?.metadata[
    'ownerReferences'
  ] as readonly JsonObject[];
  deepEqual(
    owners.map(({ name }) => name),
    ['two'],
  );
});

test('what has a finalizer goes with the last of them, and takes no new one', async () => {
  const bench = await openBench();
  await bench.kube.create(configMaps, 'shop', { metadata: { name: 'a', finalizers: ['x.io/y'] } });
  equal((await remove(bench, 'a')).body['kind'], 'ConfigMap');
  const patch = (finalizers: readonly string[] | null) =>
    bench.call({
      verb: 'patch',
      patchType: 'merge',
      resource: configMaps,
      name: 'a',
      body: { metadata: { finalizers } },
    });
  equal(
    said(await patch(['x.io/y', 'x.io/z'])),
    '422 Invalid: ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/z"}',
  );
  deepEqual(left(bench), ['a']);
  equal(said(await patch(null)), '200');
  deepEqual(left(bench), []);
});

test('a pod on a node gets its grace, and goes when its kubelet says so', async () => {
  const bench = await openBench();
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  await bench.kube.create(pods, 'shop', { metadata: { name: 'p' }, spec });
  await bench.call({ verb: 'delete', resource: pods, name: 'p' });
  const { deletionTimestamp, deletionGracePeriodSeconds } = objectAt(
    bench.api.get(pods, 'shop', 'p') ?? {},
    'metadata',
  );
  deepEqual([deletionTimestamp, deletionGracePeriodSeconds], ['2026-11-24T09:00:30Z', 30]);
  await bench.call({ verb: 'delete', resource: pods, name: 'p', body: { gracePeriodSeconds: 0 } });
  equal(bench.api.get(pods, 'shop', 'p'), undefined);
});

test('a namespace that is deleted takes nothing new in, is emptied, and goes once all in it has', async () => {
  const bench = await openBench();
  await bench.kube.create(configMaps, 'shop', aConfigMap('a'));
  await bench.kube.create(configMaps, 'shop', { metadata: { name: 'b', finalizers: ['x.io/y'] } });
  await bench.call({ verb: 'delete', resource: namespaces, name: 'shop' });
  equal(
    said(await bench.call({ verb: 'create', resource: configMaps, body: aConfigMap('c') })),
    '403 Forbidden: configmaps "c" is forbidden: unable to create new content in namespace shop because it is being terminated',
  );
  await bench.pass(30_000);
  deepEqual(left(bench), ['b']);
  equal(bench.api.get(namespaces, undefined, 'shop')?.metadata.name, 'shop');
  await bench.call({
    verb: 'patch',
    patchType: 'merge',
    resource: configMaps,
    name: 'b',
    body: { metadata: { finalizers: null } },
  });
  await bench.pass(30_000);
  equal(bench.api.get(namespaces, undefined, 'shop'), undefined);
  equal(
    said(await bench.call({ verb: 'create', resource: configMaps, body: aConfigMap('c') })),
    '404 NotFound: namespaces "shop" not found',
  );
});
