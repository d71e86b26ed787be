// When a write makes a new generation, and when it makes nothing at all.
import { kinds } from '../../sim/api/kinds.ts';
import { objectAt, textAt } from '../../../src/routing/json.ts';
import type { Observation } from '../cluster.ts';
import { imagePatch, shop } from '../shop.ts';

const { deployments, replicaSets, services, configMaps } = kinds;
const held = { spec: { paused: true } };

export const generation: readonly Observation[] = [
  {
    says: 'a Deployment is born with generation 1; an annotation makes a new one, a label does not',
    scenario: async ({ create, patch }) => {
      const born = await create(deployments, shop(held));
      const labelled = await patch(deployments, 'web', 'merge', { metadata: { labels: { team: 'a' } } });
      const noted = await patch(deployments, 'web', 'merge', { metadata: { annotations: { note: 'a' } } });
      return [born, labelled, noted].map(({ metadata }) => metadata.generation);
    },
    expected: [1, 1, 2],
  },
  {
    says: 'a change of scale makes a new generation, directly and through /scale',
    scenario: async ({ create, patch, get }) => {
      await create(deployments, shop(held));
      const direct = await patch(deployments, 'web', 'merge', { spec: { replicas: 3 } });
      await patch(deployments, 'web', 'merge', { spec: { replicas: 4 } }, 'scale');
      const { metadata, spec } = (await get(deployments, 'web')) as typeof direct & {
        spec: { replicas: number };
      };
      return [direct.metadata.generation, metadata.generation, spec.replicas];
    },
    expected: [2, 3, 4],
  },
  {
    says: 'a write of the status makes no new generation, changes neither spec nor labels, but does change annotations',
    scenario: async ({ create, patch, quiet }) => {
      await create(deployments, shop(held));
      await quiet();
      const written = await patch(
        deployments,
        'web',
        'merge',
        {
          metadata: { labels: { team: 'a' }, annotations: { note: 'a' } },
          spec: { replicas: 9 },
          status: { collisionCount: 7 },
        },
        'status',
      );
      const { metadata, spec, status } = written as typeof written & {
        spec: { replicas: number };
        status: { collisionCount: number };
      };
      return [
        metadata.generation,
        metadata.labels,
        metadata.annotations?.['note'],
        spec.replicas,
        status.collisionCount,
      ];
    },
    expected: [1, { app: 'web' }, 'a', 2, 7],
  },
  {
    says: 'a write beside the status does not change the status',
    scenario: async ({ create, patch, quiet }) => {
      await create(deployments, shop(held));
      await quiet();
      const written = await patch(deployments, 'web', 'merge', { status: { collisionCount: 7 } });
      return (written['status'] as { collisionCount?: number }).collisionCount ?? 'absent';
    },
    expected: 'absent',
  },
  {
    says: 'a status given at birth is dropped',
    scenario: async ({ create }) => {
      const born = await create(deployments, {
        ...shop(held),
        status: { replicas: 5, observedGeneration: 9 },
      });
      return born['status'];
    },
    expected: {},
  },
  {
    says: 'a write that changes nothing keeps the resourceVersion: merge, strategic, JSON, replace',
    scenario: async ({ create, patch, quiet, get, ask }) => {
      await create(deployments, shop(held));
      await quiet();
      const before = await get(deployments, 'web');
      const after = [
        await patch(deployments, 'web', 'merge', { spec: { replicas: 2 } }),
        await patch(deployments, 'web', 'strategic', imagePatch('1')),
        await patch(deployments, 'web', 'json', [{ op: 'replace', path: '/spec/replicas', value: 2 }]),
        (await ask({ verb: 'update', resource: deployments, name: 'web', body: before }))
          .body as typeof before,
      ];
      return after.map(({ metadata }) => metadata.resourceVersion === before.metadata.resourceVersion);
    },
    expected: [true, true, true, true],
  },
  {
    says: 'a ReplicaSet and a Pod count their spec alone; a Service and a ConfigMap count nothing',
    scenario: async ({ create, patch }) => {
      const labels = { app: 'web' };
      const template = objectAt(objectAt(shop(), 'spec'), 'template');
      const set = {
        metadata: { name: 'web' },
        spec: { replicas: 0, selector: { matchLabels: labels }, template },
      };
      const born = [
        await create(replicaSets, set),
        await create(services, { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } }),
        await create(configMaps, { metadata: { name: 'web' } }),
      ];
      const noted = await patch(replicaSets, 'web', 'merge', { metadata: { annotations: { note: 'a' } } });
      const scaled = await patch(replicaSets, 'web', 'merge', { spec: { minReadySeconds: 1 } });
      const ports = await patch(services, 'web', 'merge', { spec: { ports: [{ port: 81 }] } });
      return [...born, noted, scaled, ports].map(({ metadata }) => metadata.generation ?? 'none');
    },
    expected: [1, 'none', 'none', 1, 2, 'none'],
  },
  {
    says: 'a creation cannot set uid and times; a generation it can, where the kind does not count',
    scenario: async ({ create }) => {
      const { metadata } = await create(configMaps, {
        metadata: {
          name: 'a',
          uid: 'mine',
          generation: 7,
          creationTimestamp: '2001-01-01T00:00:00Z',
          deletionTimestamp: '2001-01-01T00:00:00Z',
        },
      });
      const year = textAt(metadata, 'creationTimestamp')?.slice(0, 4) === '2001';
      return [
        metadata.uid === 'mine',
        metadata.generation ?? 'none',
        year,
        metadata['deletionTimestamp'] ?? 'none',
      ];
    },
    expected: [false, 7, false, 'none'],
  },
];
