import { tell, tellFailure, writeWhole } from './stories.ts';
import { lease } from './misdeeds.ts';
import type { Loud } from './loud.ts';

export const outcome: readonly Loud[] = [
  [
    'I13',
    'an advance without a pass',
    async (shop) => {
      await tell(shop, 'trial');
      shop.write({ weight: 50 });
    },
    /went from Progressing 25 to Progressing 50, and its last verdict is none/,
  ],
  [
    'I13',
    'a verdict where nothing is known',
    async (shop) => {
      await tell(shop, 'trial');
      shop.mesh.ailment = 'down';
      lease(shop, 'serin-a');
      await shop.pass(60_000);
      shop.note('pass');
    },
    /is a pass though Prometheus has said nothing for 60 s/,
  ],
  [
    'I13',
    'a failure with too few failed checks',
    async (shop) => {
      await tell(shop, 'trial');
      const { v, revision, stableRevision, actor, ownPause } = shop.state;
      shop.weigh(0, revision);
      writeWhole(shop, {
        v,
        revision,
        stableRevision,
        actor,
        ownPause,
        phase: 'RollingBack',
        ending: 'Failed',
        message: 'failed checks threshold reached (5)',
      });
    },
    /failed by its checks with 0 of 5 failed/,
  ],
  [
    'I13',
    'a bad version promoted',
    async (shop) => {
      shop.behaviours.set('shop:2', { errors: 0.3 });
      await tell(shop, 'shifting');
    },
    /promotes image shop:2, 30 % of whose 600 requests failed on trial/,
  ],
  ['I14', 'a rollout that stands still', (shop) => tell(shop, 'ready'), /is still Starting at rest/],
  [
    'I15',
    'a request to no pod',
    async (shop) => {
      await tell(shop, 'trial');
      await shop.pass(60_000);
      shop.outcome({ result: 'no-endpoint', count: 3 });
    },
    /3 requests to shop.example.com came to no-endpoint/,
  ],
  [
    'I15',
    'a stream cut by the promotion',
    async (shop) => {
      await tell(shop, 'over');
      await shop.pass(60_000);
      shop.outcome({ result: 'cut', workload: 'shop/web' });
    },
    /came to cut at shop\/web/,
  ],
  [
    'I15',
    'requests to a candidate that was given up',
    async (shop) => {
      await tellFailure(shop, 'record');
      await shop.pass(30_000);
      shop.outcome({ workload: 'shop/web-canary', count: 2 });
    },
    /2 requests came to shop\/web-canary, whose weight has been 0 for 30000 ms/,
  ],
];
