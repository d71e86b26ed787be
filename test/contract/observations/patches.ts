// What each kind of patch makes of an object, and which ones are refused.
import { listAt, objectAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { imagePatch, shop } from '../shop.ts';
import { conditionsOf } from './saying.ts';
import { tell } from './steps.ts';
const { deployments, configMaps } = kinds;
const held = { spec: { paused: true } };

export const patches: readonly Observation[] = [
  {
    says: 'a JSON patch whose test fails is refused, and nothing of it is done',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop(held));
      const said = await tell(cluster, 'json', [
        { op: 'replace', path: '/spec/replicas', value: 7 },
        { op: 'test', path: '/spec/paused', value: false },
      ]);
      return [said, objectAt(await cluster.get(deployments, 'web'), 'spec')['replicas']];
    },
    expected: [[422, 'Invalid', 'the server rejected our request due to an error in our request'], 2],
  },
  {
    says: 'a JSON patch with a test of the resourceVersion that fails is refused the same way',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop(held));
      return tell(cluster, 'json', [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]);
    },
    expected: [422, 'Invalid', 'the server rejected our request due to an error in our request'],
  },
  {
    says: 'a JSON patch that takes away or replaces what is not there is refused; a missing parent too',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop(held));
      return [
        await tell(cluster, 'json', [{ op: 'remove', path: '/metadata/annotations/none' }]),
        await tell(cluster, 'json', [{ op: 'replace', path: '/spec/none', value: 1 }]),
        await tell(cluster, 'json', [{ op: 'add', path: '/metadata/annotations/a', value: 'b' }]),
      ];
    },
    expected: [
      [422, 'Invalid', 'the server rejected our request due to an error in our request'],
      [200],
      [422, 'Invalid', 'the server rejected our request due to an error in our request'],
    ],
  },
  {
    says: 'a JSON patch escapes / in keys, and adds to lists by index and at the end',
    scenario: async ({ create, patch }) => {
      await create(deployments, shop({ ...held, annotations: { 'a/b': '1', c: '1' } }));
      const { metadata } = await patch(deployments, 'web', 'json', [
        { op: 'replace', path: '/metadata/annotations/a~1b', value: '2' },
        { op: 'remove', path: '/metadata/annotations/c' },
        { op: 'add', path: '/metadata/finalizers', value: ['e.example/b'] },
        { op: 'add', path: '/metadata/finalizers/0', value: 'e.example/a' },
        { op: 'add', path: '/metadata/finalizers/-', value: 'e.example/c' },
      ]);
      return [metadata.annotations, metadata['finalizers']];
    },
    expected: [{ 'a/b': '2' }, ['e.example/a', 'e.example/b', 'e.example/c']],
  },
  {
    says: 'a merge patch replaces a list as a whole; a strategic one merges containers by name',
    scenario: async ({ create, patch }) => {
      await create(deployments, shop(held));
      const container = { name: 'side', image: 'shop:9' };
      const body = { spec: { template: { spec: { containers: [container] } } } };
      const added = await patch(deployments, 'web', 'strategic', body);
      const images = await patch(deployments, 'web', 'strategic', imagePatch('2'));
      const replaced = await patch(deployments, 'web', 'merge', body);
      return [added, images, replaced].map((object) =>
        listAt(objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'spec'), 'containers').map(
          (each) => objectAt({ each }, 'each')['image'],
        ),
      );
    },
    expected: [['shop:9', 'shop:1'], ['shop:9', 'shop:2'], ['shop:9']],
  },
  {
    says: 'a strategic patch of the status merges conditions by type, and a merge patch replaces them all',
    scenario: async ({ create, patch, quiet }) => {
      await create(deployments, shop(held));
      await quiet();
      const said = { status: 'False', reason: 'Said', message: 'said' };
      const strategic = await patch(
        deployments,
        'web',
        'strategic',
        { status: { conditions: [{ type: 'Progressing', ...said }] } },
        'status',
      );
      const merge = await patch(
        deployments,
        'web',
        'merge',
        { status: { conditions: [{ type: 'Odd', ...said }] } },
        'status',
      );
      return [conditionsOf(strategic), conditionsOf(merge)];
    },
    expected: [['Progressing=False/Said', 'Available=False/MinimumReplicasUnavailable'], ['Odd=False/Said']],
  },
  {
    says: 'null takes a key out, in merge and strategic patches',
    scenario: async ({ create, patch }) => {
      await create(deployments, shop({ ...held, annotations: { a: '1', b: '1' } }));
      const merge = await patch(deployments, 'web', 'merge', { metadata: { annotations: { a: null } } });
      const strategic = await patch(deployments, 'web', 'strategic', {
        metadata: { annotations: { b: null } },
      });
      return [merge.metadata.annotations, strategic.metadata.annotations ?? 'none'];
    },
    expected: [{ b: '1' }, 'none'],
  },
  {
    says: 'a merge patch that is no object and a body that does not parse as the kind are refused',
    scenario: async (cluster) => {
      await cluster.create(configMaps, { metadata: { name: 'a' } });
      const on = { verb: 'patch', patchType: 'merge', resource: configMaps, name: 'a' } as const;
      return [
        (await cluster.ask({ ...on, body: [1] })).status,
        (await cluster.ask({ ...on, body: { data: { a: 1 } } })).status,
      ];
    },
    expected: [400, 422],
  },
];
