import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { type Api, ApiError } from '../api.ts';
import { environmentOf, expand } from './environment.ts';
import type { EnvVar, Pod } from './pod.ts';

const objects: Readonly<Record<string, object>> = {
  '/api/v1/namespaces/shop/secrets/keys': { data: { one: Buffer.from('secret').toString('base64') } },
  '/api/v1/namespaces/shop/configmaps/settings': { data: { one: 'plain' } },
};
const api = {
  get: async (path: string) => {
    const object = objects[path];
    if (object === undefined) throw new ApiError(404, path);
    return object;
  },
} as unknown as Api;
const pod: Pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', resourceVersion: '1' },
  spec: { containers: [], serviceAccountName: 'web', nodeName: 'rig' },
};
const resolve = (...env: readonly EnvVar[]) =>
  environmentOf(api, pod, { name: 'web', image: 'shop:1', env }, '10.244.0.9');
const field = (fieldPath: string): EnvVar => ({ name: fieldPath, valueFrom: { fieldRef: { fieldPath } } });

test('plain values, and those before them by $(NAME)', async () => {
  const env = await resolve({ name: 'A', value: 'a' }, { name: 'B', value: '$(A)b $(NONE)' }, { name: 'C' });
  deepEqual(env, { A: 'a', B: 'ab $(NONE)', C: '' });
});

test('fields of the pod', async () => {
  const paths = [
    'metadata.name',
    'metadata.namespace',
    'metadata.uid',
    'spec.nodeName',
    'spec.serviceAccountName',
    'status.podIP',
  ];
  deepEqual(Object.values(await resolve(...paths.map(field))), [
    'web-1',
    'shop',
    'u1',
    'rig',
    'web',
    '10.244.0.9',
  ]);
  await rejects(resolve(field('status.hostIP')), /the rig knows no field status.hostIP/);
});

test('keys of Secrets and ConfigMaps, which may be absent only where they are optional', async () => {
  const of = (
    kind: 'secretKeyRef' | 'configMapKeyRef',
    name: string,
    key: string,
    optional = false,
  ): EnvVar => ({
    name: 'X',
    valueFrom: { [kind]: { name, key, optional } },
  });
  deepEqual(await resolve(of('secretKeyRef', 'keys', 'one')), { X: 'secret' });
  deepEqual(await resolve(of('configMapKeyRef', 'settings', 'one')), { X: 'plain' });
  deepEqual(await resolve(of('configMapKeyRef', 'none', 'one', true)), {});
  await rejects(resolve(of('secretKeyRef', 'keys', 'two')), /secrets keys has no key two/);
  await rejects(resolve(of('configMapKeyRef', 'none', 'one')), /configmaps none has no key one/);
});

test('arguments with a variable in the middle', () => {
  equal(expand('--name=$(A)/$(B)', { A: 'x' }), '--name=x/$(B)');
});
