// Who may write over whom: versions, uids, names that are taken.
import { kinds } from '../../sim/api/kinds.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Observation } from '../cluster.ts';
import { shop } from '../shop.ts';
import { named, told } from './saying.ts';

const { deployments, configMaps } = kinds;
const held = { spec: { paused: true } };
const elsewhere = '00000000-0000-4000-8000-000000000000';

export const conflicts: readonly Observation[] = [
  {
    says: 'a replace from an old version is refused',
    scenario: async ({ create, patch, ask }) => {
      const old = await create(deployments, shop(held));
      await patch(deployments, 'web', 'merge', { spec: { replicas: 3 } });
      return told(await ask({ verb: 'update', resource: deployments, name: 'web', body: old }));
    },
    expected: [
      409,
      'Conflict',
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    ],
  },
  {
    says: 'a patch that names an old version is refused in the same words, though it changes nothing',
    scenario: async ({ create, patch, ask }) => {
      const { metadata } = await create(deployments, shop(held));
      await patch(deployments, 'web', 'merge', { spec: { replicas: 3 } });
      const { resourceVersion } = metadata;
      const patchWith = (body: JsonObject) =>
        ask({
          verb: 'patch',
          patchType: 'merge',
          resource: deployments,
          name: 'web',
          body,
        });
      return [
        told(await patchWith({ metadata: { resourceVersion }, spec: { replicas: 4 } })),
        told(await patchWith({ metadata: { resourceVersion } })),
      ];
    },
    expected: [
      [
        409,
        'Conflict',
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
      ],
      [
        409,
        'Conflict',
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
      ],
    ],
  },
  {
    says: 'a merge patch that names another uid is refused, and what it says',
    scenario: async ({ create, ask }) => {
      const { metadata } = await create(configMaps, { metadata: { name: 'a' } });
      const body = { metadata: { uid: elsewhere, annotations: { note: 'a' } } };
      const said = await ask({ verb: 'patch', patchType: 'merge', resource: configMaps, name: 'a', body });
      return named(told(said), { [metadata.uid]: 'UID', [elsewhere]: 'OTHER' });
    },
    expected: [
      422,
      'Invalid',
      'ConfigMap "a" is invalid: metadata.uid: Invalid value: "OTHER": field is immutable',
    ],
  },
  {
    says: 'a replace that names another uid is refused, and what it says',
    scenario: async ({ create, ask }) => {
      const object = await create(configMaps, { metadata: { name: 'a' } });
      const body = { ...object, metadata: { ...object.metadata, uid: elsewhere } };
      const said = await ask({ verb: 'update', resource: configMaps, name: 'a', body });
      return named(told(said), { [object.metadata.uid]: 'UID', [elsewhere]: 'OTHER' });
    },
    expected: [
      409,
      'Conflict',
      'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/NS/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: OTHER, UID in object meta: UID',
    ],
  },
  {
    says: 'a deletion that names another uid or an old version is refused',
    scenario: async ({ create, patch, ask }) => {
      const { metadata } = await create(configMaps, { metadata: { name: 'a' } });
      const { metadata: now } = await patch(configMaps, 'a', 'merge', { data: { a: 'b' } });
      const remove = (preconditions: Record<string, string>) =>
        ask({ verb: 'delete', resource: configMaps, name: 'a', body: { preconditions } });
      const all = [
        told(await remove({ uid: elsewhere })),
        told(await remove({ resourceVersion: metadata.resourceVersion })),
        told(await remove({ uid: metadata.uid })),
        told(await remove({ uid: metadata.uid })),
      ];
      return named(all, {
        [metadata.uid]: 'UID',
        [elsewhere]: 'OTHER',
        [now.resourceVersion]: 'NEW',
        [metadata.resourceVersion]: 'OLD',
      });
    },
    expected: [
      [
        409,
        'Conflict',
        'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (OTHER) does not match the UID in record (UID). The object might have been deleted and then recreated',
      ],
      [
        409,
        'Conflict',
        'Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (OLD) does not match the ResourceVersion in record (NEW). The object might have been modified',
      ],
      [200],
      [404, 'NotFound', 'configmaps "a" not found'],
    ],
  },
  {
    says: 'a name that is taken is refused',
    scenario: async ({ create, ask }) => {
      await create(deployments, shop(held));
      return told(await ask({ verb: 'create', resource: deployments, body: shop(held) }));
    },
    expected: [409, 'AlreadyExists', 'deployments.apps "web" already exists'],
  },
  {
    says: 'what is not there is not found, for every verb',
    scenario: async ({ ask }) => {
      const on = { resource: deployments, name: 'web' };
      return [
        told(await ask({ verb: 'get', ...on })),
        told(await ask({ verb: 'patch', patchType: 'merge', body: {}, ...on })),
        told(await ask({ verb: 'update', body: shop(), ...on })),
        told(await ask({ verb: 'delete', ...on })),
      ];
    },
    expected: [
      [404, 'NotFound', 'deployments.apps "web" not found'],
      [404, 'NotFound', 'deployments.apps "web" not found'],
      [404, 'NotFound', 'deployments.apps "web" not found'],
      [404, 'NotFound', 'deployments.apps "web" not found'],
    ],
  },
  {
    says: 'generateName makes a name of five letters more',
    scenario: async ({ create }) => {
      const { metadata } = await create(configMaps, { metadata: { generateName: 'a-' } });
      return [/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(metadata.name), metadata['generateName']];
    },
    expected: [true, 'a-'],
  },
  {
    says: 'a creation names a namespace that is not the one it is sent to',
    scenario: async ({ ask }) =>
      told(
        await ask({
          verb: 'create',
          resource: configMaps,
          body: { metadata: { name: 'a', namespace: 'b' } },
        }),
      ),
    expected: [
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
  },
  {
    says: 'a creation in a namespace that is not there is refused',
    scenario: async ({ ask }) =>
      told(
        await ask({
          ...{ verb: 'create', resource: configMaps, namespace: 'nowhere' },
          body: { metadata: { name: 'a' } },
        }),
      ),
    expected: [404, 'NotFound', 'namespaces "nowhere" not found'],
  },
  {
    says: 'a replace without a version writes over whatever is there',
    scenario: async ({ create, ask }) => {
      await create(configMaps, { metadata: { name: 'a' }, data: { a: '1', b: '1' } });
      const said = await ask({
        verb: 'update',
        resource: configMaps,
        name: 'a',
        body: { metadata: { name: 'a' }, data: { a: '2' } },
      });
      return [said.status, said.body['data']];
    },
    expected: [200, { a: '2' }],
  },
  {
    says: 'a version is refused at a creation',
    scenario: async ({ ask }) =>
      told(
        await ask({
          verb: 'create',
          resource: configMaps,
          body: { metadata: { name: 'a', resourceVersion: '1' } },
        }),
      ),
    expected: [500, null, 'resourceVersion should not be set on objects to be created'],
  },
];
