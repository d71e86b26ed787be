// Rollouts told as they go when all is well, up to a moment: from there a test does what must not be done.
import { objectAt } from '../../../src/routing/json.ts';
import { resources } from '../../../src/kube/objects.ts';
import type { SmallShop } from './small-shop.ts';

export type Chapter =
  | 'held'
  | 'starting'
  | 'ready'
  | 'trial'
  | 'judged'
  | 'shifting'
  | 'shifted'
  | 'rolled'
  | 'returned'
  | 'over';

const order: readonly Chapter[] = [
  'held',
  'starting',
  'ready',
  'trial',
  'judged',
  'shifting',
  'shifted',
  'rolled',
  'returned',
  'over',
];

const chapters: Readonly<Record<Chapter, (shop: SmallShop) => Promise<unknown> | void>> = {
  held: (shop) => shop.apply('shop:2'),
  starting: (shop) => {
    const now = shop.time.now;
    shop.write({ phase: 'Starting', startedAt: now, since: now, needed: 4, weight: 0, message: '' });
    shop.grow(1);
  },
  ready: async (shop) => {
    await shop.pass(3_000);
    shop.ready(1);
  },
  trial: (shop) => {
    shop.write({ phase: 'Progressing', since: shop.time.now, weight: 25 });
    shop.weigh(25);
    shop.note();
  },
  judged: async (shop) => {
    for (let second = 0; second < 60; second += 1) {
      await shop.pass(1_000);
      shop.outcome({ workload: 'shop/web-canary', count: 10 });
      shop.outcome({ workload: 'shop/web', count: 30 });
    }
    shop.note('pass');
  },
  shifting: (shop) => {
    shop.write({ phase: 'Promoting.Shift', since: shop.time.now });
    shop.grow(4);
    shop.ready(4);
  },
  shifted: async (shop) => {
    shop.weigh(100);
    shop.write({ phase: 'Promoting.Roll', ending: 'Succeeded', since: shop.time.now, weight: 100 });
    await shop.pass(6_000);
  },
  rolled: async (shop) => {
    shop.write({ since: shop.time.now }, { paused: false });
    shop.roll('shop:1', 0);
    shop.roll('shop:2', 4);
    await shop.pass(10_000);
    shop.write({ phase: 'Promoting.Return', since: shop.time.now });
    await shop.pass(6_000);
  },
  returned: async (shop) => {
    shop.write({ phase: 'Promoting.Return', weight: 0, since: shop.time.now });
    shop.weigh(0);
    shop.write({ phase: 'Finalising', since: shop.time.now });
    await shop.pass(6_000);
  },
  over: (shop) => {
    shop.unweigh();
    shop.removeTwin();
    const { v, revision, stableRevision, actor, ownPause, startedAt } = shop.state;
    const state = { v, revision, stableRevision, actor, ownPause, startedAt };
    const { metadata } = shop.main;
    const annotations = {
      'serin.dev/state': JSON.stringify({
        ...state,
        phase: 'Succeeded',
        endedAt: shop.time.now,
        message: '',
      }),
    };
    const body = { metadata: { resourceVersion: metadata.resourceVersion } };
    shop.put(
      shop.by,
      resources.deployments,
      { ...shop.main, metadata: { ...metadata, annotations } },
      { verb: 'patch', patchType: 'merge', body },
    );
  },
};

/** Tells a good rollout up to and with `last`. */
export async function tell(shop: SmallShop, last: Chapter): Promise<void> {
  for (const chapter of order.slice(0, order.indexOf(last) + 1)) await chapters[chapter](shop);
}

/** Tells a rollout that fails its checks, to its end. */
export async function tellFailure(shop: SmallShop, last: 'weight' | 'record' | 'end' = 'end'): Promise<void> {
  await tell(shop, 'trial');
  for (let check = 0; check < 5; check += 1) {
    await shop.pass(60_000);
    if (check < 4) shop.note('fail');
  }
  const { v, revision, stableRevision, actor, ownPause, startedAt } = shop.state;
  const identity = { v, revision, stableRevision, actor, ownPause, startedAt };
  const message = 'failed checks threshold reached (5): success rate';
  shop.weigh(0, revision);
  shop.note('fail');
  if (last === 'weight') return;
  writeWhole(shop, { ...identity, phase: 'RollingBack', ending: 'Failed', message });
  if (last === 'record') return;
  writeWhole(shop, { ...identity, phase: 'RollingBack', ending: 'Failed', message, since: shop.time.now });
  await shop.pass(6_000);
  shop.unweigh();
  shop.removeTwin();
  writeWhole(shop, { ...identity, phase: 'Failed', message, endedAt: shop.time.now });
  const condition = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `canary failed: ${message}`,
  };
  const status = { ...objectAt(shop.main, 'status'), conditions: [condition] };
  const body = { metadata: { resourceVersion: shop.main.metadata.resourceVersion } };
  shop.put(
    shop.by,
    resources.deployments,
    { ...shop.main, status },
    { verb: 'patch', patchType: 'strategic', subresource: 'status', body },
  );
}

/** Serin writes that state and nothing of the one before. */
export function writeWhole(shop: SmallShop, state: object): void {
  const { main } = shop;
  const annotations = { ...main.metadata.annotations, 'serin.dev/state': JSON.stringify(state) };
  const body = { metadata: { resourceVersion: main.metadata.resourceVersion } };
  const next = { ...main, metadata: { ...main.metadata, annotations } };
  shop.put(shop.by, resources.deployments, next, { verb: 'patch', patchType: 'merge', body });
}
