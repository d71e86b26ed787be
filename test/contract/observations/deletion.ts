// How things go: at once, when their finalizers are done, with what they own, or with their namespace.
import { kinds } from '../../sim/api/kinds.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Cluster, Observation } from '../cluster.ts';
import { named, told } from './saying.ts';

const { configMaps, namespaces } = kinds;

const remove = ({ ask }: Cluster, name: string, options: JsonObject = {}) =>
  ask({ verb: 'delete', resource: configMaps, name, body: options });

/** ConfigMap `b` that ConfigMap `a` owns. */
async function family({ create }: Cluster): Promise<KubeObject> {
  const owner = await create(configMaps, { metadata: { name: 'a' } });
  const { uid } = owner.metadata;
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid, blockOwnerDeletion: true };
  await create(configMaps, { metadata: { name: 'b', ownerReferences: [reference] } });
  return owner;
}

const isGone = async ({ ask }: Cluster, name: string): Promise<boolean> =>
  (await ask({ verb: 'get', resource: configMaps, name })).status === 404;

export const deletion: readonly Observation[] = [
  {
    says: 'a deletion answers a Status of success with the uid',
    scenario: async (cluster) => {
      const { metadata } = await cluster.create(configMaps, { metadata: { name: 'a' } });
      const { status, body } = await remove(cluster, 'a');
      return named([status, body], { [metadata.uid]: 'UID' });
    },
    expected: [
      200,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'a', kind: 'configmaps', uid: 'UID' },
      },
    ],
  },
  {
    says: 'a finalizer holds an object, which says when its deletion was asked for; without it, it is gone',
    scenario: async (cluster) => {
      await cluster.create(configMaps, { metadata: { name: 'a', finalizers: ['e.example/held'] } });
      const { status, body } = await remove(cluster, 'a');
      const held = await cluster.get(configMaps, 'a');
      const again = await remove(cluster, 'a');
      const changed = await cluster.ask({
        ...{ verb: 'patch', patchType: 'merge', resource: configMaps, name: 'a' },
        body: { metadata: { finalizers: ['e.example/held', 'e.example/more'] } },
      });
      await cluster.patch(configMaps, 'a', 'merge', { metadata: { finalizers: null } });
      return [
        status,
        body['kind'],
        typeof held.metadata['deletionTimestamp'],
        held.metadata['deletionGracePeriodSeconds'],
        again.status,
        told(changed),
        await isGone(cluster, 'a'),
      ];
    },
    expected: [
      200,
      'ConfigMap',
      'string',
      0,
      200,
      [
        422,
        'Invalid',
        'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"e.example/more"}',
      ],
      true,
    ],
  },
  {
    says: 'in the background an owner goes at once and its dependents after it',
    scenario: async (cluster) => {
      await family(cluster);
      await remove(cluster, 'a', { propagationPolicy: 'Background' });
      const owner = await isGone(cluster, 'a');
      await cluster.until('the dependent to go', () => isGone(cluster, 'b'));
      return owner;
    },
    expected: true,
  },
  {
    says: 'in the foreground an owner stays, with a finalizer, until its dependents are gone',
    scenario: async (cluster) => {
      const { metadata } = await cluster.create(configMaps, { metadata: { name: 'a' } });
      const owner = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: 'a',
        uid: metadata.uid,
        blockOwnerDeletion: true,
      };
      await cluster.create(configMaps, {
        metadata: { name: 'b', ownerReferences: [owner], finalizers: ['e.example/held'] },
      });
      await remove(cluster, 'a', { propagationPolicy: 'Foreground' });
      const waiting = await cluster.until('the dependent to be deleted', async () => {
        const { metadata: dependent } = await cluster.get(configMaps, 'b');
        return dependent['deletionTimestamp'] !== undefined && cluster.get(configMaps, 'a');
      });
      await cluster.patch(configMaps, 'b', 'merge', { metadata: { finalizers: null } });
      await cluster.until('the owner to go', () => isGone(cluster, 'a'));
      return waiting.metadata['finalizers'];
    },
    expected: ['foregroundDeletion'],
  },
  {
    says: 'orphaned, dependents stay and name no owner',
    scenario: async (cluster) => {
      await family(cluster);
      await remove(cluster, 'a', { propagationPolicy: 'Orphan' });
      await cluster.until('the owner to go', () => isGone(cluster, 'a'));
      return (await cluster.get(configMaps, 'b')).metadata['ownerReferences'] ?? 'none';
    },
    expected: 'none',
  },
  {
    says: 'whose owner is no more when it is created is collected, even where the name lives on with another uid',
    scenario: async (cluster) => {
      await cluster.create(configMaps, { metadata: { name: 'a' } });
      const uid = '00000000-0000-4000-8000-000000000000';
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid };
      await cluster.create(configMaps, { metadata: { name: 'b', ownerReferences: [reference] } });
      await cluster.until('the stray to go', () => isGone(cluster, 'b'));
      return isGone(cluster, 'a');
    },
    expected: false,
  },
  {
    says: 'nothing is created in a namespace that goes, and all that is in it goes',
    scenario: async (cluster) => {
      await cluster.create(configMaps, { metadata: { name: 'a', finalizers: ['e.example/held'] } });
      const { status, body } = await cluster.ask({
        verb: 'delete',
        resource: namespaces,
        name: cluster.namespace,
      });
      const refused = await cluster.ask({
        verb: 'create',
        resource: configMaps,
        body: { metadata: { name: 'b' } },
      });
      const causes = refused.body['details'];
      await cluster.until('its content to be deleted', async () => {
        const { metadata } = await cluster.get(configMaps, 'a');
        return metadata['deletionTimestamp'] !== undefined;
      });
      const changed = await cluster.ask({
        ...{ verb: 'patch', patchType: 'merge', resource: configMaps, name: 'a' },
        body: { metadata: { annotations: { note: 'a' } } },
      });
      await cluster.patch(configMaps, 'a', 'merge', { metadata: { finalizers: null } });
      await cluster.until(
        'the namespace to go',
        async () =>
          (await cluster.ask({ verb: 'get', resource: namespaces, name: cluster.namespace })).status === 404,
      );
      return [status, body['status'], told(refused), causes, changed.status];
    },
    expected: [
      200,
      { phase: 'Terminating' },
      [
        403,
        'Forbidden',
        'configmaps "b" is forbidden: unable to create new content in namespace NS because it is being terminated',
      ],
      {
        name: 'b',
        kind: 'configmaps',
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: 'namespace NS is being terminated',
            field: 'metadata.namespace',
          },
        ],
      },
      200,
    ],
  },
];
