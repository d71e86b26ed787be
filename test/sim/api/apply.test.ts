import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { aDeployment, type Bench, openBench, said } from './bench.ts';
import { kinds } from './kinds.ts';
import type { Answer } from './types.ts';

const { deployments, services } = kinds;

function apply(
  bench: Bench,
  body: JsonObject,
  query: Record<string, string> = {},
  resource: Resource = deployments,
): Promise<Answer> {
  const name = textAt(objectAt(body, 'metadata'), 'name');
  return bench.call({
    verb: 'patch',
    patchType: 'apply',
    resource,
    name,
    body,
    query: { fieldManager: 'git', ...query },
  });
}

const specOf = ({ body }: Answer): JsonObject => objectAt(body, 'spec');

test('an apply creates, and the same again changes nothing', async () => {
  const bench = await openBench();
  equal((await apply(bench, aDeployment('web'))).status, 201);
  const { version } = bench.api;
  equal((await apply(bench, aDeployment('web'))).status, 200);
  equal(bench.api.version, version);
});

test('what is no longer applied goes, unless another manages it or it has a default', async () => {
  const bench = await openBench();
  await apply(bench, aDeployment('web', { paused: true, minReadySeconds: 5, replicas: 4 }));
  const by = { type: 'merge', body: { spec: { minReadySeconds: 6 } } } as const;
  await bench.kube.patch(deployments, 'shop', 'web', by);
  const { replicas: _, ...spec } = objectAt(aDeployment('web'), 'spec');
  const answer = await apply(bench, { ...aDeployment('web'), spec });
  const { paused, minReadySeconds, replicas } = specOf(answer);
  deepEqual([paused, minReadySeconds, replicas], [undefined, 6, 1]);
});

test('what another has changed is a conflict that names them, and force takes it', async () => {
  const bench = await openBench();
  await apply(bench, aDeployment('web'));
  await bench.kube.patch(
    deployments,
    'shop',
    'web',
    { type: 'merge', body: { spec: { replicas: 7 } } },
    'scale',
  );
  equal(
    said(await apply(bench, aDeployment('web'))),
    '409 Conflict: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
  );
  equal(specOf(await apply(bench, aDeployment('web'), { force: 'true' }))['replicas'], 2);
  equal(said(await apply(bench, aDeployment('web'))), '200');
});

test('conflicts with several are listed by manager', async () => {
  const bench = await openBench();
  await bench.kube.create(deployments, 'shop', aDeployment('web'));
  await apply(bench, aDeployment('web', { paused: true }));
  equal(
    said(
      await apply(bench, aDeployment('web', { paused: false, replicas: 9 }, 'web:2'), {
        fieldManager: 'helm',
      }),
    ),
    [
      '409 Conflict: Apply failed with 5 conflicts: conflicts with "git":',
      '- .spec.paused',
      '- .spec.replicas',
      '- .spec.template.spec.containers[name="web"].image',
      'conflicts with "kubectl" using apps/v1:',
      '- .spec.replicas',
      '- .spec.template.spec.containers[name="web"].image',
    ].join('\n'),
  );
});

test('a replacement that carries a status does not come to own it', async () => {
  const bench = await openBench();
  await apply(bench, aDeployment('web'));
  const body = { ...aDeployment('web'), status: { replicas: 9 } };
  await bench.call({ verb: 'update', resource: deployments, name: 'web', body });
  const name = 'web';
  const query = { fieldManager: 'me' };
  const on = { verb: 'patch', patchType: 'apply', resource: deployments, subresource: 'status' } as const;
  equal(
    said(await bench.call({ ...on, name, query, body: { metadata: { name }, status: { replicas: 1 } } })),
    '200',
  );
  equal(
    said(
      await bench.call({
        ...on,
        name,
        query: { fieldManager: 'you' },
        body: { metadata: { name }, status: { replicas: 2 } },
      }),
    ),
    '409 Conflict: Apply failed with 1 conflict: conflict with "me" with subresource "status": .status.replicas',
  );
});

test('two managers that say the same share it: it stays while one of them says it', async () => {
  const bench = await openBench();
  await apply(bench, aDeployment('web', { paused: true }));
  await apply(bench, aDeployment('web', { paused: true }), { fieldManager: 'helm' });
  equal(specOf(await apply(bench, aDeployment('web')))['paused'], true);
  equal(specOf(await apply(bench, aDeployment('web'), { fieldManager: 'helm' }))['paused'], undefined);
});

test('containers and variables are kept apart by their names, arguments are one value, a selector too', async () => {
  const bench = await openBench();
  const container = (more: JsonObject): JsonObject =>
    aDeployment('web', {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'web:1', ...more }] },
      },
    });
  await apply(
    bench,
    container({
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      args: ['x', 'y'],
    }),
  );
  const body = {
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'side', image: 's' },
            { name: 'web', env: [{ name: 'C', value: '3' }] },
          ],
        },
      },
    },
  };
  await bench.kube.patch(deployments, 'shop', 'web', { type: 'strategic', body });
  const answer = await apply(bench, container({ env: [{ name: 'B', value: '9' }], args: ['z'] }));
  const containers = listAt(objectAt(objectAt(specOf(answer), 'template'), 'spec'), 'containers');
  deepEqual(
    containers.map((each) => [
      textAt(each, 'name'),
      (each as JsonObject)['args'] ?? null,
      listAt(each, 'env'),
    ]),
    [
      ['side', null, []],
      [
        'web',
        ['z'],
        [
          { name: 'C', value: '3' },
          { name: 'B', value: '9' },
        ],
      ],
    ],
  );
  const service = (selector: JsonObject): JsonObject => ({
    metadata: { name: 's' },
    spec: { selector, ports: [{ port: 80 }] },
  });
  await apply(bench, service({ a: '1', b: '2' }), {}, services);
  deepEqual(specOf(await apply(bench, service({ b: '2' }), {}, services))['selector'], { b: '2' });
});

test('metadata tells who manages what, as of the last apply', async () => {
  const bench = await openBench();
  await apply(
    bench,
    { metadata: { name: 's', labels: { a: 'b' } }, spec: { ports: [{ port: 80 }] } },
    {},
    services,
  );
  deepEqual(bench.api.get(services, 'shop', 's')?.metadata['managedFields'], [
    {
      manager: 'git',
      operation: 'Apply',
      apiVersion: 'v1',
      time: '2026-11-24T09:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': { 'f:a': {} } },
        'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
      },
    },
  ]);
});

test('an apply needs the name of a manager, and one for a certain object does not make another', async () => {
  const bench = await openBench();
  const nameless = await bench.call({
    verb: 'patch',
    patchType: 'apply',
    resource: deployments,
    name: 'web',
    body: aDeployment('web'),
  });
  equal(
    said(nameless),
    '422 Invalid: PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  );
  const body = { ...aDeployment('web'), metadata: { name: 'web', uid: 'u-1' } };
  equal(
    said(await apply(bench, body)),
    '409 Conflict: Operation cannot be fulfilled on deployments.apps "web": uid mismatch: the provided object specified uid u-1, and no existing object was found',
  );
});
