// Server-side apply: who owns which field, and what becomes of fields that an owner no longer names.
import { kinds } from '../../sim/api/kinds.ts';
import { objectAt } from '../../../src/routing/json.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Cluster, Observation, Said } from '../cluster.ts';
import { imagePatch, shop } from '../shop.ts';
import { told } from './saying.ts';

const { deployments, configMaps } = kinds;

const apply = ({ ask }: Cluster, manager: string, body: JsonObject, query = {}): Promise<Said> =>
  ask({
    ...{ verb: 'patch', patchType: 'apply', resource: configMaps, name: 'a' },
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...body },
    query: { fieldManager: manager, ...query },
  });
const applyShop = ({ ask }: Cluster, manager: string, body: JsonObject, query = {}): Promise<Said> =>
  ask({
    ...{ verb: 'patch', patchType: 'apply', resource: deployments, name: 'web', body },
    query: { fieldManager: manager, ...query },
  });
const data = ({ body }: Said) => body['data'] ?? 'none';

export const applying: readonly Observation[] = [
  {
    says: 'apply creates what is not there (201) and changes what is (200)',
    scenario: async (cluster) => [
      (await apply(cluster, 'one', { data: { a: '1' } })).status,
      (await apply(cluster, 'one', { data: { a: '2' } })).status,
    ],
    expected: [201, 200],
  },
  {
    says: 'a field that its only owner no longer applies is taken out; what others own stays',
    scenario: async (cluster) => {
      await apply(cluster, 'one', { data: { a: '1', b: '1' } });
      await apply(cluster, 'two', { data: { c: '1' } });
      return data(await apply(cluster, 'one', { data: { a: '1' } }));
    },
    expected: { a: '1', c: '1' },
  },
  {
    says: 'a field with two owners stays until the second lets go of it too',
    scenario: async (cluster) => {
      await apply(cluster, 'one', { data: { a: '1' } });
      await apply(cluster, 'two', { data: { a: '1' } });
      return [data(await apply(cluster, 'one', {})), data(await apply(cluster, 'two', {}))];
    },
    expected: [{ a: '1' }, 'none'],
  },
  {
    says: "another manager's field is a conflict, whose text names manager and field; force takes it over",
    scenario: async (cluster) => {
      await apply(cluster, 'one', { data: { a: '1' } });
      const refused = await apply(cluster, 'two', { data: { a: '2' } });
      const forced = await apply(cluster, 'two', { data: { a: '2' } }, { force: 'true' });
      const back = await apply(cluster, 'one', { data: { a: '1' } });
      return [told(refused), data(forced), told(back)];
    },
    expected: [
      [409, 'Conflict', 'Apply failed with 1 conflict: conflict with "one": .data.a'],
      { a: '2' },
      [409, 'Conflict', 'Apply failed with 1 conflict: conflict with "two": .data.a'],
    ],
  },
  {
    says: 'a field that an update set belongs to its manager: applying another value is a conflict, the same value is none',
    scenario: async (cluster) => {
      await cluster.create(configMaps, { metadata: { name: 'a' }, data: { a: '1' } });
      return [
        told(await apply(cluster, 'one', { data: { a: '2' } })),
        told(await apply(cluster, 'one', { data: { a: '1' } })),
      ];
    },
    expected: [
      [409, 'Conflict', 'Apply failed with 1 conflict: conflict with "contract" using v1: .data.a'],
      [200],
    ],
  },
  {
    says: 'the same apply again writes nothing',
    scenario: async (cluster) => {
      const once = await apply(cluster, 'one', { data: { a: '1' } });
      const twice = await apply(cluster, 'one', { data: { a: '1' } });
      return (
        objectAt(once.body, 'metadata')['resourceVersion'] ===
        objectAt(twice.body, 'metadata')['resourceVersion']
      );
    },
    expected: true,
  },
  {
    says: 'a Deployment that is applied owns its image by container name; another applier meets a conflict there alone',
    scenario: async (cluster) => {
      await applyShop(cluster, 'one', shop({ spec: { paused: true } }));
      const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
      const image = await applyShop(cluster, 'two', { ...body, ...imagePatch('2') });
      const note = await applyShop(cluster, 'two', {
        ...body,
        metadata: { name: 'web', annotations: { a: 'b' } },
      });
      return [told(image), told(note)];
    },
    expected: [
      [
        409,
        'Conflict',
        'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="shop"].image',
      ],
      [200],
    ],
  },
  {
    says: 'what is set by others than the applier (paused, annotations) outlives another apply',
    scenario: async (cluster) => {
      await applyShop(cluster, 'one', shop());
      await cluster.patch(deployments, 'web', 'merge', {
        metadata: { annotations: { note: 'kept' } },
        spec: { paused: true },
      });
      const { body } = await applyShop(cluster, 'one', shop({ tag: '2' }));
      return [objectAt(objectAt(body, 'metadata'), 'annotations')['note'], objectAt(body, 'spec')['paused']];
    },
    expected: ['kept', true],
  },
  {
    says: 'replicas that are scaled belong to the scaler: an apply that names others is a conflict',
    scenario: async (cluster) => {
      await applyShop(cluster, 'one', shop());
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 3 } }, 'scale');
      const again = await applyShop(cluster, 'one', shop({ tag: '2' }));
      const { replicas: _, ...spec } = objectAt(shop({ tag: '2' }), 'spec');
      const without = await applyShop(cluster, 'one', { ...shop(), spec });
      return [told(again), without.status, objectAt(without.body, 'spec')['replicas']];
    },
    expected: [
      [
        409,
        'Conflict',
        'Apply failed with 1 conflict: conflict with "contract" with subresource "scale" using apps/v1: .spec.replicas',
      ],
      200,
      3,
    ],
  },
  {
    says: 'an apply with managedFields, or without a manager, is refused',
    scenario: async (cluster) => [
      told(await apply(cluster, '', { data: { a: '1' } })),
      told(
        await apply(cluster, 'one', {
          metadata: { name: 'a', managedFields: [{ manager: 'x', operation: 'Apply' }] },
        }),
      ),
    ],
    expected: [
      [
        422,
        'Invalid',
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      ],
      [400, 'BadRequest', 'metadata.managedFields must be nil'],
    ],
  },
];
