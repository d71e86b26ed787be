import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { aConfigMap, aDeployment, openBench, said } from './bench.ts';
import { kinds } from './kinds.ts';
import type { Write } from './types.ts';

const { configMaps, deployments, virtualServices } = kinds;
const modified =
  'the object has been modified; please apply your changes to the latest version and try again';

test('what is created has a uid, a version, a time and its defaults', async () => {
  const { kube } = await openBench();
  const { metadata, ...made } = await kube.create(deployments, 'shop', aDeployment('web'));
  match(metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  deepEqual(
    [metadata.generation, metadata['creationTimestamp'], metadata.namespace],
    [1, '2026-11-24T09:00:00Z', 'shop'],
  );
  const { strategy, progressDeadlineSeconds } = objectAt(made, 'spec');
  deepEqual([made['status'], progressDeadlineSeconds], [{}, 600]);
  deepEqual(strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } });
});

test('versions are counted over all kinds, and what is stored cannot be changed in place', async () => {
  const { kube, api } = await openBench();
  const first = await kube.create(configMaps, 'shop', aConfigMap('a'));
  const second = await kube.create(deployments, 'shop', aDeployment('web'));
  equal(Number(second.metadata.resourceVersion), Number(first.metadata.resourceVersion) + 1);
  equal(api.version, Number(second.metadata.resourceVersion));
  ok(Object.isFrozen(objectAt(objectAt(second, 'spec'), 'template')));
});

test('a write that changes nothing is none: no version, no event', async () => {
  const { kube, api } = await openBench();
  const made = await kube.create(configMaps, 'shop', aConfigMap('a', { x: '1' }));
  const writes: Write[] = [];
  api.onWrite((write) => writes.push(write));
  const same = await kube.patch(configMaps, 'shop', 'a', { type: 'merge', body: { data: { x: '1' } } });
  equal(same, made);
  deepEqual(writes, []);
});

const generations: readonly (readonly [string, JsonObject, 'status' | 'scale' | undefined, number])[] = [
  ['the spec', { spec: { paused: true } }, undefined, 2],
  ['an annotation', { metadata: { annotations: { a: 'b' } } }, undefined, 2],
  ['a label', { metadata: { labels: { a: 'b' } } }, undefined, 1],
  ['the status beside /status', { status: { replicas: 7 } }, undefined, 1],
  ['the status', { status: { replicas: 7 } }, 'status', 1],
  ['an annotation through /status', { metadata: { annotations: { a: 'b' } } }, 'status', 1],
  ['the replicas through /scale', { spec: { replicas: 9 } }, 'scale', 2],
];
for (const [what, body, subresource, generation] of generations)
  test(`the generation of a Deployment is ${generation} after a change of ${what}`, async () => {
    const { kube, api } = await openBench();
    await kube.create(deployments, 'shop', aDeployment('web'));
    await kube.patch(deployments, 'shop', 'web', { type: 'merge', body }, subresource);
    equal(api.get(deployments, 'shop', 'web')?.metadata.generation, generation);
  });

test('a custom kind counts its spec, not its metadata nor its status', async () => {
  const { kube } = await openBench();
  await kube.create(virtualServices, 'shop', { metadata: { name: 'v' }, spec: { hosts: ['a'] } });
  const after = async (body: JsonObject) =>
    (await kube.patch(virtualServices, 'shop', 'v', { type: 'merge', body })).metadata.generation;
  equal(await after({ metadata: { annotations: { a: 'b' } } }), 1);
  equal(await after({ spec: { hosts: ['b'] } }), 2);
  const through = await kube.patch(
    virtualServices,
    'shop',
    'v',
    { type: 'merge', body: { status: { a: 1 }, spec: {} } },
    'status',
  );
  deepEqual(
    [through.metadata.generation, through['spec'], through['status']],
    [2, { hosts: ['b'] }, { a: 1 }],
  );
});

test('through /status a Deployment gets status and annotations, and nothing else', async () => {
  const { kube } = await openBench();
  await kube.create(deployments, 'shop', aDeployment('web'));
  const body = {
    metadata: { labels: { l: '1' }, annotations: { a: '1' } },
    spec: { replicas: 9 },
    status: { replicas: 2 },
  };
  const { metadata, spec, status } = await kube.patch(
    deployments,
    'shop',
    'web',
    { type: 'merge', body },
    'status',
  );
  deepEqual(
    [metadata.labels, metadata.annotations, objectAt({ spec: spec ?? null }, 'spec')['replicas'], status],
    [undefined, { a: '1' }, 2, { replicas: 2 }],
  );
});

test('preconditions that do not hold are answered as 1.36 answers each', async () => {
  const bench = await openBench();
  const { metadata } = await bench.kube.create(deployments, 'shop', aDeployment('web'));
  const on = { resource: deployments, name: 'web' } as const;
  const patch = async (body: JsonObject, subresource?: 'scale') =>
    said(await bench.call({ ...on, verb: 'patch', patchType: 'merge', body, subresource }));
  const other = '11111111-1111-4111-a111-111111111111';
  deepEqual(
    [
      await patch({ metadata: { resourceVersion: '1' }, spec: { replicas: 5 } }),
      await patch({ metadata: { uid: other }, spec: { replicas: 5 } }),
      await patch({ metadata: { uid: other }, spec: { replicas: 5 } }, 'scale'),
      await patch({ metadata: { resourceVersion: '1' }, spec: { replicas: 5 } }, 'scale'),
      said(
        await bench.call({
          ...on,
          verb: 'update',
          body: { ...aDeployment('web'), metadata: { name: 'web', uid: other } },
        }),
      ),
      said(await bench.call({ ...on, verb: 'delete', body: { preconditions: { uid: other } } })),
      await patch({
        metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion },
        spec: { replicas: 5 },
      }),
    ],
    [
      `409 Conflict: Operation cannot be fulfilled on deployments.apps "web": ${modified}`,
      `422 Invalid: Deployment.apps "web" is invalid: metadata.uid: Invalid value: "${other}": field is immutable`,
      `409 Conflict: Operation cannot be fulfilled on deployments/scale.apps "web": Precondition failed: UID in precondition: ${other}, UID in object meta: ${metadata.uid}`,
      `409 Conflict: Operation cannot be fulfilled on deployments.apps "web": ${modified}`,
      `409 Conflict: Operation cannot be fulfilled on deployments.apps "web": StorageError: invalid object, Code: 4, Key: /registry/deployments/shop/web, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${other}, UID in object meta: ${metadata.uid}`,
      `409 Conflict: Operation cannot be fulfilled on Deployment.apps "web": the UID in the precondition (${other}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      '200',
    ],
  );
});

const refusals: readonly (readonly [string, JsonObject, string])[] = [
  [
    "a selector that is not the template's",
    aDeployment('web', { selector: { matchLabels: { app: 'x' } } }),
    '422 Invalid: Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    'fewer than no replicas',
    aDeployment('web', { replicas: -1 }),
    '422 Invalid: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'too many annotations',
    { ...aDeployment('web'), metadata: { name: 'web', annotations: { a: 'x'.repeat(262_144) } } },
    '422 Invalid: Deployment.apps "web" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
  ],
  [
    'a name that is taken',
    aDeployment('there'),
    '409 AlreadyExists: deployments.apps "there" already exists',
  ],
];
for (const [what, body, answer] of refusals)
  test(`${what} is refused`, async () => {
    const bench = await openBench();
    await bench.kube.create(deployments, 'shop', aDeployment('there'));
    equal(said(await bench.call({ verb: 'create', resource: deployments, body })), answer);
  });

test('a selector stays as it is', async () => {
  const bench = await openBench();
  await bench.kube.create(deployments, 'shop', aDeployment('web'));
  const body = {
    spec: { selector: { matchLabels: { x: 'y' } }, template: { metadata: { labels: { x: 'y' } } } },
  };
  const answer = await bench.call({
    verb: 'patch',
    patchType: 'merge',
    resource: deployments,
    name: 'web',
    body,
  });
  match(said(answer), /^422 Invalid: .*spec\.selector: Invalid value: .*field is immutable$/);
});

test('a dry run answers as if, and stores nothing', async () => {
  const bench = await openBench();
  const query = { dryRun: 'All' };
  const { version } = bench.api;
  equal(
    said(await bench.call({ verb: 'create', resource: configMaps, body: aConfigMap('a'), query })),
    '201',
  );
  equal(bench.api.version, version);
  equal(bench.api.get(configMaps, 'shop', 'a'), undefined);
});

test('a kind that is not installed is not served, and what is missing is not found', async () => {
  const { kube, api } = await openBench();
  api.missing.add('virtualservices.networking.istio.io');
  equal(await kube.list(virtualServices, {}), undefined);
  equal(await kube.get(configMaps, 'shop', 'nothing'), undefined);
  const failed: unknown = await kube
    .patch(configMaps, 'shop', 'nothing', { type: 'merge', body: {} })
    .catch((error: unknown) => error);
  ok(failed instanceof SerinError);
  deepEqual(
    [failed.code, failed.message],
    ['KUBE_NOT_FOUND', 'cannot patch configmaps shop/nothing: configmaps "nothing" not found'],
  );
});

test('who is told of a write and writes in turn is told of that afterwards: all hear all writes in one order', async () => {
  const { kube, api } = await openBench();
  const heard: string[] = [];
  api.onWrite(({ object }) => {
    heard.push(`first ${object.metadata.name}`);
    if (object.metadata.name === 'a') void kube.create(configMaps, 'shop', aConfigMap('b'));
  });
  api.onWrite(({ object }) => void heard.push(`second ${object.metadata.name}`));
  await kube.create(configMaps, 'shop', aConfigMap('a'));
  deepEqual(heard, ['first a', 'second a', 'first b', 'second b']);
});

test('an eviction is a deletion that somebody can stand in the way of', async () => {
  const bench = await openBench();
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await bench.kube.create(kinds.pods, 'shop', pod);
  const evict = () =>
    bench.call({ verb: 'create', resource: kinds.pods, name: 'p', subresource: 'eviction', body: {} });
  bench.api.eviction = () => ({
    status: 429,
    body: { reason: 'TooManyRequests', message: 'no' },
    warnings: [],
  });
  equal(said(await evict()), '429 TooManyRequests: no');
  bench.api.eviction = undefined;
  equal(said(await evict()), '201');
  equal(bench.api.get(kinds.pods, 'shop', 'p'), undefined);
});
