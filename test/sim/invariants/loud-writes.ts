import { resources } from '../../../src/kube/objects.ts';
import { end, lease } from './misdeeds.ts';
import { ann, leader } from './small-shop.ts';
import { tell } from './stories.ts';
import { manifest } from './small-world.ts';
import type { Loud } from './loud.ts';

export const writes: readonly Loud[] = [
  [
    'I11',
    'a patch without a version',
    async (shop) => {
      await tell(shop, 'held');
      shop.put(leader, resources.deployments, shop.main, {
        verb: 'patch',
        patchType: 'merge',
        body: { spec: { paused: false } },
      });
    },
    /patch merge of deployments shop\/web has no precondition/,
  ],
  [
    'I11',
    'a deletion without a uid',
    async (shop) => {
      await tell(shop, 'held');
      shop.put(leader, resources.deployments, shop.main, { verb: 'delete', body: {} });
    },
    /delete of deployments shop\/web has no precondition/,
  ],
  [
    'I11',
    "an apply over somebody else's object",
    (shop) => {
      shop.put(
        ann,
        resources.services,
        manifest(resources.services, { name: 'web-canary', namespace: 'shop' }),
      );
      shop.apply('shop:2');
      shop.grow(1);
    },
    /it is owned by nobody of ours/,
  ],
  [
    'I11',
    'a deposed leader that raises the weight',
    async (shop) => {
      lease(shop, 'serin-a');
      await tell(shop, 'trial');
      lease(shop, 'serin-b');
      shop.by = { serin: 'serin-b' };
      shop.weigh(0);
      shop.by = leader;
      shop.weigh(25);
    },
    /by serin-a, which no longer leads, overrules what serin-b had written/,
  ],
  [
    'I12',
    'a twin that is left when the end is recorded',
    async (shop) => {
      await tell(shop, 'returned');
      shop.unweigh();
      end(shop);
    },
    /shop\/web ended and left Deployment shop\/web-canary/,
  ],
  [
    'I12',
    'a note that is left',
    async (shop) => {
      await tell(shop, 'returned');
      shop.removeTwin();
      end(shop);
    },
    /ended and left the note of a split in VirtualService shop\/shop/,
  ],
  [
    'I12',
    'an edit that outlives its Deployment',
    async (shop) => {
      await tell(shop, 'trial');
      shop.remove(ann, resources.deployments, shop.main);
    },
    /at rest there is a destination shop\/web-canary in VirtualService shop\/shop/,
  ],
];
