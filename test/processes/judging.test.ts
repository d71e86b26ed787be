// The judge with what it asks of the cluster: copies, the namespace's settings, permissions; and whom it tells.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Verdict } from '../../src/admission/verdict.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import type { Reflector } from '../../src/kube/reflector.ts';
import { Store } from '../../src/kube/store.ts';
import { createJudge } from '../../src/processes/judging.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { annotations, changed, deleting, main, service, updating } from '../admission/rules/world.ts';
import { memoryKube } from '../rig/memory-kube.ts';

interface Wishes {
  readonly synced?: boolean;
  readonly allowed?: boolean;
  /** Whether the clock's waits end at once: whatever does not answer is late. */
  readonly hurried?: boolean;
}

function judging({ synced = true, allowed = true, hurried = false }: Wishes = {}) {
  const copy = (...objects: readonly KubeObject[]): Reflector => {
    const store = new Store();
    store.replace(objects);
    return {
      ...{ store, synced, isInstalled: true },
      stats: { lastSeen: undefined, relists: 0, restarts: 0, trouble: undefined },
      run: () => Promise.resolve(),
      announceAll: () => undefined,
    };
  };
  const lines: string[] = [];
  const kube = memoryKube();
  const web = service('web', { app: 'web' });
  void kube.create(resources.services, 'shop', web);
  const asked: JsonObject[] = [];
  kube.ask = (_, body): Promise<Json> => {
    asked.push(body);
    return Promise.resolve({ status: { allowed } });
  };
  const metrics = createMetrics();
  const clock = {
    now: () => 0,
    sleep: (_: number, signal?: AbortSignal): Promise<void> =>
      hurried
        ? Promise.resolve()
        : new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
  };
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const judge = createJudge({ kube, clock, log, metrics }, { services: copy(web), deployments: copy(main) });
  const count = async (of: string): Promise<string | undefined> =>
    (await metrics.registry.metrics())
      .split('\n')
      .find((line) => line.startsWith(`serin_enforce_total{${of}}`));
  return { judge, kube, asked, lines, count };
}
const messageOf = (verdict: Verdict): string => (verdict.kind === 'deny' ? verdict.message : '');
const plan = updating(
  'apps/deployments',
  main,
  annotations({ 'serin.dev/canary': 'analysis: {interval: 10s}' }),
);

test('every rule is published at 0 before it is broken, and counted then', async () => {
  const { judge, count } = judging();
  equal(
    await count('rule="delete",outcome="refused"'),
    'serin_enforce_total{rule="delete",outcome="refused"} 0',
  );
  match(
    messageOf(await judge(deleting('apps/deployments', main), 'refuse')),
    /\[delete\] web is what Service web leads to/,
  );
  equal(
    await count('rule="delete",outcome="refused"'),
    'serin_enforce_total{rule="delete",outcome="refused"} 1',
  );
});

test('before the copies are whole, what needs them is refused and says so', async () => {
  const { judge } = judging({ synced: false });
  const verdict = await judge(deleting('apps/deployments', main), 'refuse');
  match(
    messageOf(verdict),
    /\[delete\] cannot be judged just now: the Services of the cluster are not known yet; try again/,
  );
});

test('a plan is judged by the floor in ConfigMap serin as it is now', async () => {
  const { judge, kube } = judging();
  equal((await judge(plan, 'refuse')).kind, 'allow');
  const data = { 'enforce.yaml': 'interval: 30s' };
  await kube.create(resources.configMaps, 'shop', { metadata: { name: 'serin', namespace: 'shop' }, data });
  match(messageOf(await judge(plan, 'refuse')), /\[plan\] the plan looks every 10s/);
});

test('an API server that does not answer in time is not waited for', async () => {
  const { judge, kube } = judging({ hurried: true });
  kube.before = () => new Promise(() => undefined);
  match(
    messageOf(await judge(plan, 'refuse')),
    /\[plan\] cannot be judged just now: ConfigMap serin not known: no answer/,
  );
});

const bypassing = deleting('apps/deployments', changed(main, annotations({ 'serin.dev/bypass': 'moved' })));

test('who goes around is told of by an Event on the object, and in the log', async () => {
  const { judge, kube, asked, lines, count } = judging();
  const events: JsonObject[] = [];
  const create = kube.create.bind(kube);
  kube.create = (resource, namespace, object) => {
    events.push(object);
    return create(resource, namespace, { ...object, metadata: { name: 'e' } });
  };
  equal((await judge(bypassing, 'refuse')).kind, 'allow');
  equal(asked.length, 1);
  const [event] = events;
  deepEqual(
    [event?.['type'], event?.['reason'], event?.['message'], event?.['reportingComponent']],
    ['Warning', 'CanaryBypassed', 'ann went around delete: moved', 'serin.dev/webhook'],
  );
  equal(objectAt(event, 'involvedObject')['uid'], main.metadata.uid);
  match(lines.join(''), /ann went around delete: moved/);
  equal(
    await count('rule="delete",outcome="bypassed"'),
    'serin_enforce_total{rule="delete",outcome="bypassed"} 1',
  );
});

test('an Event that cannot be written holds nothing up', async () => {
  const { judge, kube, lines } = judging();
  kube.create = () => Promise.reject(new Error('full'));
  equal((await judge(bypassing, 'refuse')).kind, 'allow');
  await new Promise(setImmediate);
  ok(lines.some((line) => line.includes('event not written: full')));
});
