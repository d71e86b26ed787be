// What a watch brings, and when it must begin anew.
import { kinds } from '../../sim/api/kinds.ts';
import { objectAt, textAt } from '../../../src/routing/json.ts';
import type { Cluster, Line, Observation } from '../cluster.ts';

const { configMaps } = kinds;

const summary = (lines: readonly Line[]) =>
  lines.map(({ type, object }) => [
    type,
    objectAt(object, 'metadata')['name'] ?? '',
    object['data'] ?? 'none',
  ]);

const versionNow = async ({ ask }: Cluster): Promise<string> =>
  textAt(objectAt((await ask({ verb: 'list', resource: configMaps })).body, 'metadata'), 'resourceVersion') ??
  '';

const mine = { fieldSelector: 'metadata.name!=kube-root-ca.crt' };

export const watching: readonly Observation[] = [
  {
    says: 'a watch from a version brings every later write, in order, the last one with the object as it was',
    scenario: async (cluster) => {
      const { create, patch, ask, watch } = cluster;
      await create(configMaps, { metadata: { name: 'before' } });
      const resourceVersion = await versionNow(cluster);
      await create(configMaps, { metadata: { name: 'a' }, data: { a: '1' } });
      await patch(configMaps, 'a', 'merge', { data: { a: '2' } });
      await patch(configMaps, 'a', 'merge', { data: { a: '2' } });
      await ask({ verb: 'delete', resource: configMaps, name: 'a' });
      const lines = await watch(configMaps, { resourceVersion, ...mine }, ({ length }) => length === 3);
      return summary(lines);
    },
    expected: [
      ['ADDED', 'a', { a: '1' }],
      ['MODIFIED', 'a', { a: '2' }],
      ['DELETED', 'a', { a: '2' }],
    ],
  },
  {
    says: 'a DELETED line has a version of its own, newer than the last write',
    scenario: async (cluster) => {
      const resourceVersion = await versionNow(cluster);
      const { metadata } = await cluster.create(configMaps, { metadata: { name: 'a' } });
      await cluster.ask({ verb: 'delete', resource: configMaps, name: 'a' });
      const lines = await cluster.watch(
        configMaps,
        { resourceVersion, ...mine },
        ({ length }) => length === 2,
      );
      const last = objectAt(lines[1]?.object, 'metadata')['resourceVersion'];
      return Number(last) > Number(metadata.resourceVersion);
    },
    expected: true,
  },
  {
    says: 'without a version a watch begins with what there is, as ADDED',
    scenario: async ({ create, watch }) => {
      await create(configMaps, { metadata: { name: 'a' } });
      return summary(await watch(configMaps, { ...mine }, ({ length }) => length === 1));
    },
    expected: [['ADDED', 'a', 'none']],
  },
  {
    says: 'a selector makes ADDED and DELETED of what comes to meet it and ceases to',
    scenario: async (cluster) => {
      const { create, patch, watch } = cluster;
      await create(configMaps, { metadata: { name: 'a' } });
      const resourceVersion = await versionNow(cluster);
      await patch(configMaps, 'a', 'merge', { metadata: { labels: { on: 'yes' } } });
      await patch(configMaps, 'a', 'merge', { data: { a: '1' } });
      await patch(configMaps, 'a', 'merge', { metadata: { labels: { on: null } } });
      const lines = await watch(
        configMaps,
        { resourceVersion, labelSelector: 'on=yes' },
        ({ length }) => length === 3,
      );
      return lines.map(({ type, object }) => [type, objectAt(object, 'metadata')['labels'] ?? 'none']);
    },
    expected: [
      ['ADDED', { on: 'yes' }],
      ['MODIFIED', { on: 'yes' }],
      ['DELETED', { on: 'yes' }],
    ],
  },
  {
    says: 'a watch from an ancient version is told 410 in an ERROR line, and ended',
    scenario: async ({ watch }) => {
      // Of a kind that came late: the API server keeps the writes of others since its own beginning.
      const lines = await watch(kinds.virtualServices, { resourceVersion: '1' }, () => false);
      return lines.map(({ type, object }) => [
        type,
        object['code'],
        object['reason'],
        /^too old resource version: 1 \(\d+\)$/.test(textAt(object, 'message') ?? ''),
      ]);
    },
    expected: [['ERROR', 410, 'Expired', true]],
  },
  {
    says: 'a bookmark brings nothing but a version, before the end of the watch',
    scenario: async (cluster) => {
      await cluster.create(configMaps, { metadata: { name: 'a' } });
      const resourceVersion = await versionNow(cluster);
      const query = { resourceVersion, allowWatchBookmarks: 'true', timeoutSeconds: '4' };
      const lines = await cluster.watch(configMaps, query, () => false);
      const bookmark = lines.find(({ type }) => type === 'BOOKMARK');
      const { resourceVersion: version, ...rest } = objectAt(bookmark?.object, 'metadata');
      return [
        lines.every(({ type }) => type === 'BOOKMARK'),
        Number(version) >= Number(resourceVersion),
        rest,
      ];
    },
    expected: [true, true, {}],
  },
  {
    says: 'a watch ends by itself after its timeoutSeconds',
    scenario: async (cluster) => {
      const resourceVersion = await versionNow(cluster);
      return cluster.watch(configMaps, { resourceVersion, timeoutSeconds: '1' }, () => false);
    },
    expected: [],
  },
  {
    says: 'a list is paged by limit and continue, as of its first page; the version is the same on each',
    scenario: async ({ create, ask }) => {
      for (const name of ['a', 'b', 'c'])
        await create(configMaps, { metadata: { name, labels: { x: 'y' } } });
      const query = { labelSelector: 'x=y', limit: '2' };
      const one = await ask({ verb: 'list', resource: configMaps, query });
      await create(configMaps, { metadata: { name: 'd', labels: { x: 'y' } } });
      const page = objectAt(one.body, 'metadata');
      const { resourceVersion, remainingItemCount = 'none' } = page;
      const next = textAt(page, 'continue') ?? '';
      const two = await ask({
        ...{ verb: 'list', resource: configMaps },
        query: { ...query, continue: next },
      });
      const names = ({ body }: typeof one) =>
        (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
      return [
        names(one),
        names(two),
        remainingItemCount,
        objectAt(two.body, 'metadata')['resourceVersion'] === resourceVersion,
        objectAt(two.body, 'metadata')['continue'] ?? 'none',
      ];
    },
    expected: [['a', 'b'], ['c'], 'none', true, 'none'],
  },
  {
    says: 'items of a list of a built-in kind have no kind and apiVersion of their own; a single object has',
    scenario: async ({ create, ask }) => {
      const object = await create(configMaps, { metadata: { name: 'a', labels: { x: 'y' } } });
      const { body } = await ask({ verb: 'list', resource: configMaps, query: { labelSelector: 'x=y' } });
      const [item] = body['items'] as readonly { kind?: string }[];
      return [object['kind'], object['apiVersion'], item?.kind ?? 'none', body['kind']];
    },
    expected: ['ConfigMap', 'v1', 'none', 'ConfigMapList'],
  },
];
