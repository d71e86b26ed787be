import type { Loud, Story } from './loud.ts';
import type { SmallShop } from './small-shop.ts';
import { writeWhole } from './stories.ts';

const brake = { own: 0, seconds: 30 };

/** A quarter of main's pods is to roll, and main is let go. */
function letGo(shop: SmallShop, spec: { readonly minReadySeconds?: number } = { minReadySeconds: 30 }): void {
  const now = shop.time.now;
  shop.apply('shop:2');
  const rolling = {
    phase: 'Rolling',
    startedAt: now,
    since: now,
    needed: 4,
    weight: 25,
    message: '',
  } as const;
  const checks = { at: now, failed: 0, silent: 0 };
  shop.write({ ...rolling, reached: false, checks, mixed: true });
  shop.write('minReadySeconds' in spec ? { brake } : {}, { paused: false, ...spec });
}

/** What a promotion in place may come to. */
export const braked: Story = async (shop) => {
  letGo(shop);
  shop.roll('shop:2', 2);
  await shop.pass(31_000);
  shop.roll('shop:2', 4);
};

export const inPlace: readonly Loud[] = [
  ['I20', 'main let go without a brake', (shop) => letGo(shop, {}), /was let go with no brake on: 25 %/],
  [
    'I20',
    'more pods than a batch',
    (shop) => {
      letGo(shop);
      shop.roll('shop:2', 3);
    },
    /3 pods of shop\/web run its candidate, unjudged: there were 0 when it was let go 0 ms ago, and a batch is 2/,
  ],
  [
    'I20',
    'a brake that is left behind',
    (shop) => {
      letGo(shop);
      const { brake: _, ...rest } = shop.state;
      writeWhole(shop, rest);
    },
    /is left with minReadySeconds 30, which its owner wants at 0/,
  ],
];
