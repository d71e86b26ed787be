// The client, the reflector and the Lease against a real kube-apiserver: what the scripted one was told to say is what
// a real one says.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { type Clock, systemClock } from '../../src/clock.ts';
import { runAsLeader } from '../../src/controller/lease.ts';
import { SerinError } from '../../src/errors.ts';
import { createKube } from '../../src/kube/client.ts';
import { type Resource, resources } from '../../src/kube/objects.ts';
import { createReflector, type Reflector } from '../../src/kube/reflector.ts';
import { createTransport } from '../../src/kube/transport.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared: binaries } = await enterNamespace(() => toolchain(controlPlaneTools));
const plane = await startControlPlane({ stateDir, binaries });
after(() => plane.stop());
const config = new KubeConfig();
config.loadFromFile(plane.kubeconfigPath);
const kube = createKube(createTransport(config), systemClock);
const { configMaps, deployments, virtualServices } = resources;

const definitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const virtualServiceDefinition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'virtualservices.networking.istio.io' },
  spec: {
    group: virtualServices.group,
    scope: 'Namespaced',
    names: { kind: virtualServices.kind, plural: virtualServices.plural },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { app: 'test' } }, data };
}

async function failureOf(work: Promise<unknown>): Promise<readonly [string, string]> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  ok(error instanceof SerinError);
  return [error.code, error.message];
}

test('writes of each kind arrive, as the manager serin, and fail with the code of what is wrong', async () => {
  const made = await kube.create(configMaps, 'default', configMap('a', { x: '1' }));
  const stale = { metadata: { resourceVersion: made.metadata.resourceVersion }, data: { x: '3' } };
  await kube.patch(configMaps, 'default', 'a', {
    type: 'json',
    ops: [{ op: 'replace', path: '/data/x', value: '2' }],
  });
  deepEqual(await failureOf(kube.patch(configMaps, 'default', 'a', { type: 'merge', body: stale })), [
    'KUBE_CONFLICT',
    'cannot patch configmaps default/a: Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  ]);
  await kube.patch(configMaps, 'default', 'a', { type: 'strategic', body: { data: { y: 'ü' } } });
  const applied = await kube.patch(configMaps, 'default', 'a', {
    type: 'apply',
    body: configMap('a', { z: '1' }),
  });
  deepEqual(applied['data'], { x: '2', y: 'ü', z: '1' });
  match(JSON.stringify(applied.metadata['managedFields']), /"manager":"serin"/);
  deepEqual(await failureOf(kube.create(configMaps, 'default', configMap('a'))), [
    'KUBE_CONFLICT',
    'cannot create configmaps default/a: configmaps "a" already exists',
  ]);
  const outOfRange = kube.patch(configMaps, 'default', 'b', { type: 'merge', body: {} });
  deepEqual(await failureOf(outOfRange), [
    'KUBE_NOT_FOUND',
    'cannot patch configmaps default/b: configmaps "b" not found',
  ]);
  const [code] = await failureOf(kube.create(configMaps, 'default', configMap('No!')));
  equal(code, 'KUBE_INVALID');
});

test('what is not there, or not installed, is undefined', async () => {
  equal(await kube.get(configMaps, 'default', 'nothing'), undefined);
  equal(await kube.get(configMaps, 'nowhere', 'nothing'), undefined);
  equal(await kube.get(virtualServices, 'default', 'nothing'), undefined);
  equal(await kube.list(virtualServices, {}), undefined);
  deepEqual((await kube.list(deployments, {}))?.items, []);
});

test('only that very object is deleted, and one that is gone is fine', async () => {
  const first = await kube.create(configMaps, 'default', configMap('d'));
  await kube.delete(configMaps, 'default', 'd', first.metadata.uid);
  await kube.delete(configMaps, 'default', 'd', first.metadata.uid);
  const second = await kube.create(configMaps, 'default', configMap('d'));
  await kube.delete(configMaps, 'default', 'd', first.metadata.uid);
  deepEqual((await kube.get(configMaps, 'default', 'd'))?.metadata.uid, second.metadata.uid);
  await kube.delete(configMaps, 'default', 'd', second.metadata.uid);
});

test('a list is walked page by page, and its items are whole objects', async () => {
  for (const name of ['p', 'q', 'r']) await kube.create(configMaps, 'default', configMap(name));
  const page = await kube.list(configMaps, { namespace: 'default', labelSelector: 'app=test', limit: 2 });
  deepEqual(
    page?.items.map(({ kind, apiVersion, metadata }) => [kind, apiVersion, metadata.name]),
    [
      ['ConfigMap', 'v1', 'a'],
      ['ConfigMap', 'v1', 'p'],
    ],
  );
  const last = await kube.list(configMaps, {
    namespace: 'default',
    labelSelector: 'app=test',
    limit: 2,
    continue: page?.continue ?? '',
  });
  deepEqual(
    last?.items.map(({ metadata }) => metadata.name),
    ['q', 'r'],
  );
});

/** A reflector at work in namespace `default`, which looks for a kind that is not installed each 200 ms. */
function following(t: TestContext, resource: Resource): { reflector: Reflector; changes: string[] } {
  const changes: string[] = [];
  const clock: Clock = {
    now: () => systemClock.now(),
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 200), signal),
  };
  const reflector = createReflector({
    ...{ kube, resource, clock, random: Math.random, scope: { namespace: 'default' } },
    onChange: (key, object) => changes.push(`${object === undefined ? '-' : '+'}${key}`),
  });
  const stopping = new AbortController();
  const running = reflector.run(stopping.signal);
  t.after(async () => {
    stopping.abort();
    await running;
  });
  return { reflector, changes };
}

test('a reflector knows the truth throughout, though kube-apiserver is killed', async (t) => {
  const { reflector, changes } = following(t, configMaps);
  const seen = (change: string) => until(change, () => changes.includes(change));
  await until('the first list', () => reflector.synced);
  await kube.create(configMaps, 'default', configMap('first'));
  await seen('+default/first');
  await plane.restart('kube-apiserver');
  const { metadata } = await kube.create(configMaps, 'default', configMap('second'));
  await seen('+default/second');
  await kube.delete(configMaps, 'default', 'second', metadata.uid);
  await seen('-default/second');
  const truth = await kube.list(configMaps, { namespace: 'default' });
  deepEqual(
    reflector.store.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
    truth?.items,
  );
  // A server that has just begun remembers nothing of before.
  const { signal } = new AbortController();
  const events = kube.watch(configMaps, { resourceVersion: '1', timeoutSeconds: 5 }, signal);
  const [code] = await failureOf(events[Symbol.asyncIterator]().next());
  equal(code, 'KUBE_GONE');
});

test('a kind is followed from when it is installed until it is taken away', async (t) => {
  const { reflector, changes } = following(t, virtualServices);
  await until('the answer that there is none', () => reflector.synced);
  equal(reflector.isInstalled, false);
  const installed = await kube.create(definitions, undefined, virtualServiceDefinition);
  await until('the kind', () => reflector.isInstalled);
  const virtualService = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web' },
  };
  await kube.create(virtualServices, 'default', virtualService);
  await until('the object', () => changes.length === 1);
  await kube.delete(definitions, undefined, installed.metadata.name, installed.metadata.uid);
  await until('the end of the kind', () => !reflector.isInstalled);
  deepEqual(changes, ['+default/web', '-default/web']);
});

test('the Lease is one that kube-apiserver takes, renewed and given free', async () => {
  const stopping = new AbortController();
  const fences: number[] = [];
  const lease = async (): Promise<Record<string, unknown>> => {
    const found = await kube.get(resources.leases, 'default', 'leader');
    return (found?.['spec'] ?? {}) as Record<string, unknown>;
  };
  const done = runAsLeader(
    {
      ...{
        kube,
        clock: systemClock,
        random: Math.random,
        namespace: 'default',
        name: 'leader',
        identity: 'me',
      },
      lead: async (signal, fence) => {
        fences.push(fence);
        const taken = await lease();
        await until('a renewal', async () => (await lease())['renewTime'] !== taken['renewTime']);
        stopping.abort();
        equal(signal.aborted, true);
        equal((await lease())['holderIdentity'], 'me');
      },
      onFailure: (error) => {
        throw error;
      },
    },
    stopping.signal,
  );
  await done;
  deepEqual(fences, [1]);
  equal((await lease())['holderIdentity'], undefined);
});
