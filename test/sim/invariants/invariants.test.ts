import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { resources } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { listAt } from '../../../src/routing/json.ts';
import { invariants } from './index.ts';
import { asked } from './loud-asked.ts';
import { evidence } from './loud-evidence.ts';
import { braked, inPlace } from './loud-in-place.ts';
import { kept } from './loud-kept.ts';
import { outcome } from './loud-outcome.ts';
import { pods } from './loud-pods.ts';
import { routes } from './loud-routes.ts';
import { said } from './loud-said.ts';
import { writes } from './loud-writes.ts';
import type { Story } from './loud.ts';
import { ann, SmallShop } from './small-shop.ts';
import { tell, tellFailure } from './stories.ts';

const loud = [...routes, ...pods, ...evidence, ...asked, ...writes, ...outcome, ...said, ...inPlace, ...kept];

async function found(
  story: Story,
): Promise<{ readonly broken: readonly string[]; readonly silent: readonly string[] }> {
  const shop = new SmallShop();
  const watched = shop.watch(invariants);
  shop.open();
  // What was before the first pod came up is nothing that anybody may go by any more.
  await shop.pass(20_000);
  await story(shop);
  watched.end();
  const silent = invariants.map(({ id }) => id).filter((id) => !watched.checked.has(id));
  return { broken: watched.broken, silent };
}

describe('the invariants are silent', () => {
  test('on a rollout that succeeds, and every one of them has looked', async () => {
    const { broken, silent } = await found(async (shop) => {
      await tell(shop, 'over');
      await shop.pass(400_000);
    });
    // Of these a plain rollout has nothing: copies, commands, a group, gates, a roll in place, policies, what pods read.
    const apart = ['I16', 'I17', 'I18', 'I19', 'I20', 'I22', 'I23'];
    assert.deepEqual({ broken, silent }, { broken: [], silent: apart });
  });

  const silent: readonly (readonly [what: string, story: Story])[] = [
    ['a rollout that fails', (shop) => tellFailure(shop).then(() => shop.pass(400_000))],
    [
      'an owner who changes a VirtualService while it is split',
      (shop) => tell(shop, 'trial').then(() => retime(shop, true)),
    ],
    [
      'an owner who puts a VirtualService back as it was',
      (shop) => tell(shop, 'trial').then(() => retime(shop, false)),
    ],
    [
      "an error that is the canary's own",
      (shop) => tell(shop, 'trial').then(() => shop.outcome({ workload: 'shop/web-canary', result: 'app' })),
    ],
    ['a batch of pods in place, and another when the brake is over', braked],
    ['requests lost with a node', (shop) => tell(shop, 'trial').then(() => lostNode(shop))],
    [
      'a weight that was on its way when the rollout was ended by hand',
      (shop) => tell(shop, 'trial').then(() => endByHand(shop)),
    ],
    [
      'a candidate that takes the place of another',
      (shop) => tell(shop, 'trial').then(() => supersede(shop)),
    ],
  ];
  for (const [what, story] of silent) {
    test(`on ${what}`, async () => {
      const { broken } = await found(async (shop) => {
        await story(shop);
        // What is not told to its end here is not at rest.
        shop.troubles.push({
          what: 'the story breaks off',
          from: shop.time.now,
          until: Number.POSITIVE_INFINITY,
          costsRequests: false,
        });
      });
      assert.deepEqual(broken, []);
    });
  }
});

describe('the invariants tell', () => {
  for (const [id, what, story, says] of loud) {
    test(`${id}: ${what}`, async () => {
      const { broken } = await found(story);
      const own = broken.filter((each) => each.startsWith(`${id}: `));
      assert.ok(
        own.some((each) => says.test(each)),
        `${id} said: ${own.join('\n') || 'nothing'}; others: ${broken.join('\n')}`,
      );
    });
  }

  test('each of them is tried', () => {
    const tried = new Set(loud.map(([id]) => id));
    assert.deepEqual(
      invariants.map(({ id }) => id).filter((id) => !tried.has(id)),
      [],
    );
  });
});

function retime(shop: SmallShop, keepsSplit: boolean): void {
  const { spec, metadata } = shop.route;
  const [route] = listAt(spec, 'http');
  const own = [{ destination: { host: 'web', port: { number: 80 } } }];
  const http = [{ ...(route as JsonObject), timeout: '20s', ...(keepsSplit ? {} : { route: own }) }];
  shop.put(ann, resources.virtualServices, {
    ...shop.route,
    metadata,
    spec: { ...(spec as JsonObject), http },
  });
  shop.weigh(25);
}

function lostNode(shop: SmallShop): void {
  shop.troubles.push({ what: 'a node dies', from: shop.time.now, until: shop.time.now, costsRequests: true });
  shop.outcome({ result: 'refused', count: 3 });
}

async function supersede(shop: SmallShop): Promise<void> {
  await shop.pass(60_000);
  shop.note('pass');
  shop.apply('shop:3');
  shop.weigh(0);
  await shop.pass(6_000);
  const now = shop.time.now;
  shop.write({ phase: 'Starting', startedAt: now, since: now, needed: 4, weight: 0, message: '' });
  shop.grow(1);
  shop.write({ phase: 'Progressing', since: now, weight: 25 });
  shop.weigh(25);
  shop.note(undefined, { revision: shop.state.revision, ticks: 0, passed: 0 });
}

function endByHand(shop: SmallShop): void {
  shop.grow(4);
  shop.ready(4);
  shop.apply('shop:1');
  shop.weigh(50);
}
