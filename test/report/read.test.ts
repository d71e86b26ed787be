// What is read for a report, with whose rights, and again when.
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode, SerinError } from '../../src/errors.ts';
import type { WatchEvent } from '../../src/kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../../src/kube/objects.ts';
import { listReports, readReport } from '../../src/report/read.ts';
import { watchReport } from '../../src/report/watch.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { ledger, mainOf, now, objectsOf, type Shop, states } from './shop.ts';

/** The API server with all that is around the shop; uids are as the shop has them. */
async function serving(shop: Shop): Promise<MemoryKube> {
  const kube = memoryKube();
  const objects = objectsOf(shop);
  const add = (resource: Resource, all: readonly KubeObject[]): Promise<unknown> =>
    Promise.all(all.map((each) => kube.create(resource, resource.namespaced ? 'shop' : undefined, each)));
  await add(resources.namespaces, [objects.space ?? { metadata: objects.main.metadata }]);
  await add(resources.deployments, [objects.main, ...(objects.twin === undefined ? [] : [objects.twin])]);
  await add(resources.replicaSets, objects.sets);
  await add(resources.pods, objects.pods);
  await add(resources.services, objects.services);
  await add(resources.events, objects.events);
  await add(resources.configMaps, objects.defaults === undefined ? [] : [objects.defaults]);
  for (const { resource, object } of objects.routes) await kube.create(resource, 'shop', object);
  // What owns what is told by uid, which the API server gives: here as a uid was wished.
  const [get, list] = [kube.get.bind(kube), kube.list.bind(kube)];
  kube.get = async (...asked) => named(await get(...asked));
  kube.list = async (...asked) => {
    const found = await list(...asked);
    return found && { ...found, items: found.items.flatMap((each) => named(each) ?? []) };
  };
  return kube;
}

function named(object: KubeObject | undefined): KubeObject | undefined {
  return object && { ...object, metadata: { ...object.metadata, uid: `uid-${object.metadata.name}` } };
}

function forbidding(kube: MemoryKube, ...plurals: string[]): void {
  kube.before = ({ plural }) => {
    if (plurals.includes(plural)) throw new SerinError('KUBE_FORBIDDEN', `cannot read ${plural}`);
  };
}

const shop: Shop = { state: states.onTrial, ledger, weight: 20 };

test('everything about one Deployment is read, as it is made from its objects', async () => {
  const kube = await serving(shop);
  const report = await readReport({ kube, clock: virtualClock(now) }, 'shop', 'web');
  equal(report?.phase, 'Progressing');
  deepEqual(report.weight.seen, [{ route: 'VirtualService web', weight: 20 }]);
  deepEqual(
    report.steps.map(({ is }) => is),
    ['done', 'now', 'ahead', 'ahead'],
  );
  deepEqual(
    [report.stable.pods, report.candidate?.pods],
    [
      { ready: 4, wanted: 4 },
      { ready: 1, wanted: 1 },
    ],
  );
  equal(report.unread, undefined);
  equal(report.events.length, 1);
  equal(await readReport({ kube, clock: virtualClock(now) }, 'shop', 'wep'), undefined);
});

test('what may not be read is left out and said; the Deployment itself must be', async () => {
  const kube = await serving(shop);
  const source = { kube, clock: virtualClock(now) };
  forbidding(
    kube,
    'pods',
    'replicasets',
    'events',
    'namespaces',
    'configmaps',
    'virtualservices',
    'services',
  );
  const report = await readReport(source, 'shop', 'web');
  const unread = ['configmaps', 'events', 'namespaces', 'pods', 'replicasets', 'services', 'virtualservices'];
  deepEqual(report?.unread?.toSorted(), unread);
  // By the Deployments, where the ReplicaSets are not known.
  deepEqual(report.candidate?.pods, { ready: 1, wanted: 1 });
  deepEqual(report.weight, { asked: 20, seen: [], unsplit: 'the routes may not be read' });
  forbidding(kube, 'deployments');
  await rejects(readReport(source, 'shop', 'web'), (error) => hasCode(error, 'KUBE_FORBIDDEN'));
});

test('what somebody has to look at comes first in the list, and twins and other Deployments are not in it', async () => {
  const kube = await serving(shop);
  const add = (name: string, more: Shop, namespace = 'shop'): Promise<KubeObject> => {
    const main = mainOf(more);
    return kube.create(resources.deployments, namespace, {
      ...main,
      metadata: { ...main.metadata, name, namespace },
    });
  };
  await add('idle', {});
  await add('aaa', { state: states.promoted });
  await add('zzz', { state: states.failed });
  await add('off', { annotations: { 'serin.dev/canary': 'disabled' } });
  await kube.create(resources.namespaces, undefined, { metadata: { name: 'other' } });
  await add('theirs', {}, 'other');
  const reports = await listReports({ kube, clock: virtualClock(now) });
  deepEqual(
    reports.map(({ name, phase }) => `${name} ${phase}`),
    ['zzz Failed', 'web Progressing', 'aaa Succeeded', 'idle Idle'],
  );
  deepEqual(reports[1]?.weight.seen, [{ route: 'VirtualService web', weight: 20 }]);
});

test('it is read again when the Deployment changes, now and then, and after trouble', async () => {
  const kube = await serving(shop);
  const clock = virtualClock(now);
  const tellers: ((event: WatchEvent) => void)[] = [];
  kube.watch = async function* (_resource, _scope, signal) {
    while (!signal.aborted) {
      const next = Promise.withResolvers<WatchEvent>();
      tellers.push(next.resolve);
      signal.addEventListener('abort', () => next.resolve({ type: 'BOOKMARK', resourceVersion: '9' }));
      yield await next.promise;
    }
  };
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    const source = { kube, clock, random: () => 0, everyMs: 5_000 };
    for await (const look of watchReport(source, 'shop', 'web', stop.signal))
      seen.push('seen' in look ? (look.seen?.phase ?? 'gone') : look.trouble);
  })();
  await clock.advance(1_000);
  const begun = seen.length;
  const main = await kube.get(resources.deployments, 'shop', 'web');
  const other = { ...main, metadata: { ...mainOf({}).metadata, name: 'other', resourceVersion: '90' } };
  tellers.at(-1)?.({ type: 'MODIFIED', object: other });
  await clock.advance(400);
  equal(seen.length, begun, 'another Deployment is no news');
  const changed = { ...main, metadata: { ...mainOf({}).metadata, resourceVersion: '91', uid: 'uid-web' } };
  tellers.at(-1)?.({ type: 'MODIFIED', object: changed });
  await clock.advance(400);
  equal(seen.length, begun + 1);
  kube.before = () => {
    throw new SerinError('KUBE_UNREACHABLE', 'nobody answers');
  };
  await clock.advance(6_000);
  equal(seen.at(-1), 'nobody answers');
  kube.before = () => undefined;
  await clock.advance(6_000);
  equal(seen.at(-1), 'Progressing');
  stop.abort();
  await clock.advance(1_000);
  await following;
});
