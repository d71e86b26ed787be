// What a webhook is asked, and what its answer does.
import { objectAt } from '../../../src/routing/json.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { told } from './saying.ts';
import { allow, create, hooked, note, patching, unlessProbe } from './hooks.ts';
const { configMaps } = kinds;

export const webhooks: readonly Observation[] = [
  {
    says: 'a patch of a webhook is done to what is stored and answered',
    scenario: async (cluster) => {
      await hooked(cluster, { decide: unlessProbe(() => patching(note('hooked'))) });
      const { body } = await create(cluster);
      return objectAt(objectAt(body, 'metadata'), 'annotations');
    },
    expected: { note: 'hooked' },
  },
  {
    says: 'warnings of a webhook come to the caller',
    scenario: async (cluster) => {
      await hooked(cluster, { decide: unlessProbe(() => ({ allowed: true, warnings: ['mind the gap'] })) });
      return (await create(cluster)).warnings;
    },
    expected: ['mind the gap'],
  },
  {
    says: 'a denial is told with the code, reason and message that the webhook gives, or by default',
    scenario: async (cluster) => {
      await hooked(cluster, {
        decide: unlessProbe((request) => {
          const { name } = objectAt(objectAt(request, 'object'), 'metadata');
          if (name === 'plain') return { allowed: false };
          if (name === 'said') return { allowed: false, status: { message: 'not today' } };
          return { allowed: false, status: { code: 422, reason: 'Invalid', message: 'not so' } };
        }),
      });
      return [
        told(await create(cluster, 'plain')),
        told(await create(cluster, 'said')),
        told(await create(cluster)),
      ];
    },
    expected: [
      [400, null, 'admission webhook "hook.e.example" denied the request without explanation'],
      [400, null, 'admission webhook "hook.e.example" denied the request: not today'],
      [422, 'Invalid', 'admission webhook "hook.e.example" denied the request: not so'],
    ],
  },
  {
    says: 'what a review says of a creation, an update and a deletion',
    scenario: async (cluster) => {
      const reviews = await hooked(cluster, { decide: () => allow });
      await create(cluster);
      await cluster.patch(configMaps, 'a', 'merge', { data: { a: '1' } });
      await cluster.ask({ verb: 'delete', resource: configMaps, name: 'a' });
      return reviews.map((request) => {
        const { uid: _, object, oldObject, userInfo, options, ...rest } = request;
        return {
          ...rest,
          user: objectAt({ userInfo: userInfo ?? null }, 'userInfo')['username'],
          object: object === null ? null : typeof object,
          oldObject: oldObject === null ? null : typeof oldObject,
          options: objectAt({ options: options ?? null }, 'options')['kind'],
        };
      });
    },
    expected: [
      {
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
        requestResource: { group: '', version: 'v1', resource: 'configmaps' },
        name: 'a',
        namespace: 'NS',
        operation: 'CREATE',
        dryRun: false,
        user: 'admin',
        object: 'object',
        oldObject: null,
        options: 'CreateOptions',
      },
      {
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
        requestResource: { group: '', version: 'v1', resource: 'configmaps' },
        name: 'a',
        namespace: 'NS',
        operation: 'UPDATE',
        dryRun: false,
        user: 'admin',
        object: 'object',
        oldObject: 'object',
        options: 'UpdateOptions',
      },
      {
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
        requestResource: { group: '', version: 'v1', resource: 'configmaps' },
        name: 'a',
        namespace: 'NS',
        operation: 'DELETE',
        dryRun: false,
        user: 'admin',
        object: null,
        oldObject: 'object',
        options: 'DeleteOptions',
      },
    ],
  },
  {
    says: 'a dry run is told to the webhook',
    scenario: async (cluster) => {
      const reviews = await hooked(cluster, { decide: () => allow });
      await cluster.ask({
        ...{ verb: 'create', resource: configMaps, query: { dryRun: 'All' } },
        body: { metadata: { name: 'a' } },
      });
      return reviews.map((request) => request['dryRun']);
    },
    expected: [true],
  },
  {
    says: 'a validating webhook sees the object as mutated and stored, and its patch is not done',
    scenario: async (cluster) => {
      const seen: Json[] = [];
      await hooked(cluster, {
        isValidating: true,
        decide: (request) => {
          seen.push(typeof objectAt(objectAt(request, 'object'), 'metadata')['uid']);
          return allow;
        },
      });
      seen.length = 0;
      const { status } = await create(cluster);
      return [status, seen];
    },
    expected: [201, ['string']],
  },
];
