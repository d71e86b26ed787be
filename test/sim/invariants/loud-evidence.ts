import { names } from '../../../src/kube/objects.ts';
import { tell, tellFailure, writeWhole } from './stories.ts';
import type { Loud } from './loud.ts';

export const evidence: readonly Loud[] = [
  [
    'I5',
    'a tick counted twice',
    async (shop) => {
      await tell(shop, 'judged');
      shop.note(undefined, { ticks: 2, passed: 2 });
    },
    /counts its tick at \d+ again/,
  ],
  [
    'I5',
    'a tick that goes back',
    async (shop) => {
      await tell(shop, 'judged');
      shop.note(undefined, { ticks: 0, passed: 0 });
    },
    /went from 1 to 0 ticks/,
  ],
  [
    'I5',
    'a tick before the interval is over',
    async (shop) => {
      await tell(shop, 'judged');
      await shop.pass(10_000);
      shop.note('pass');
    },
    /has a tick at \d+, due at \d+/,
  ],
  [
    'I5',
    'a trial that begins with the evidence of another',
    async (shop) => {
      await tell(shop, 'judged');
      shop.apply('shop:3');
      shop.write({
        phase: 'Starting',
        startedAt: shop.time.now,
        since: 0,
        needed: 4,
        weight: 0,
        message: '',
      });
      shop.note(undefined, { ticks: 2, passed: 2 });
    },
    /begins a trial with 2 ticks/,
  ],
  [
    'I5',
    'a state that cannot be read',
    async (shop) => {
      await tell(shop, 'trial');
      writeWhole(shop, { v: 1, phase: 'Elsewhere' });
    },
    /I5: Deployment shop\/web: .*phase/,
  ],
  [
    'I6',
    'weight that rises after a rollback',
    async (shop) => {
      await tellFailure(shop, 'weight');
      shop.weigh(25);
    },
    /raised revision \w+ from 0 to 25 percent after its rollback/,
  ],
  [
    'I6',
    'weight that rises when the rollout was ended by hand',
    async (shop) => {
      await tell(shop, 'trial');
      shop.apply('shop:1');
      await shop.pass(20_000);
      shop.weigh(50);
    },
    /raised revision \w+ from 25 to 50 percent after its rollback/,
  ],
  [
    'I6',
    'a rollback recorded before the traffic is gone',
    async (shop) => {
      await tell(shop, 'trial');
      const { v, revision, stableRevision, actor, ownPause } = shop.state;
      writeWhole(shop, {
        v,
        revision,
        stableRevision,
        actor,
        ownPause,
        phase: 'RollingBack',
        ending: 'Failed',
        message: 'x',
      });
    },
    /is recorded as rolled back while the routes give its twin 25 percent/,
  ],
  [
    'I6',
    'a failure that is forgotten',
    async (shop) => {
      await tellFailure(shop);
      shop.write({ phase: 'Starting', startedAt: 1, since: 1, needed: 4, weight: 0, message: '' });
    },
    /the failure of revision \w+ became Starting by Serin/,
  ],
  [
    'I7',
    'a phase left out',
    async (shop) => {
      await tell(shop, 'ready');
      shop.write({ phase: 'Promoting.Return', ending: 'Succeeded', weight: 100 });
    },
    /went from Starting to Promoting.Return/,
  ],
  [
    'I7',
    'a revision changed on the way',
    async (shop) => {
      await tell(shop, 'trial');
      shop.write({ revision: 'other' });
    },
    /changed revision from \w+ to other/,
  ],
  [
    'I7',
    'a way back that leads elsewhere',
    async (shop) => {
      await tell(shop, 'trial');
      shop.write({}, {}, { [names.stable]: '[]' });
    },
    /the way back leads to \w+, stable is \w+/,
  ],
  [
    'I7',
    'a rollback whose traffic stays',
    async (shop) => {
      await tell(shop, 'trial');
      const { v, revision, stableRevision, actor, ownPause } = shop.state;
      writeWhole(shop, {
        v,
        revision,
        stableRevision,
        actor,
        ownPause,
        phase: 'RollingBack',
        ending: 'Aborted',
        message: 'x',
      });
      await shop.pass(120_000);
    },
    /was given up \d+ s ago and its twin still has 25 percent/,
  ],
];
