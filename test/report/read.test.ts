// What is read for a report, with whose rights, and again when.
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode, SerinError } from '../../src/errors.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import { listReports, readReport } from '../../src/report/read.ts';
import { watchReport } from '../../src/report/watch.ts';
import type { MemoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { serving, tellingOf } from './serving.ts';
import { ledger, mainOf, now, type Shop, states } from './shop.ts';

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
  const tell = tellingOf(kube);
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
  tell({ type: 'MODIFIED', object: other });
  await clock.advance(400);
  equal(seen.length, begun, 'another Deployment is no news');
  const changed = { ...main, metadata: { ...mainOf({}).metadata, resourceVersion: '91', uid: 'uid-web' } };
  tell({ type: 'MODIFIED', object: changed });
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
