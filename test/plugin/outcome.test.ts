// How a rollout that CI waits for has come out.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isMeant, outcomeOf, type Target } from '../../src/plugin/outcome.ts';
import { reportOf } from '../../src/report/compose.ts';
import type { HistoryEntry } from '../../src/rollout/types.ts';
import { ago, now, objectsOf, revisions, type Shop, states } from '../report/shop.ts';

const aborted = { ...states.failed, phase: 'Aborted' } as const;
const entry: HistoryEntry = {
  ...{
    revision: revisions.candidate,
    outcome: 'Aborted',
    startedAt: ago(90),
    endedAt: ago(20),
    actor: 'ann',
  },
  message: 'the stable template was applied again by ann',
};
const ours: Target = { revision: revisions.candidate };
const live: Target = { revision: revisions.stable };
const other: Target = { image: 'shop:3' };

const cases: readonly (readonly [what: string, shop: Shop, target: Target, wasSeen: boolean, is: string])[] =
  [
    ['a trial is waited for', { state: states.onTrial }, {}, false, 'open'],
    ['so is that very version', { state: states.onTrial }, ours, false, 'open'],
    ['and its image', { state: states.onTrial }, { image: 'shop:2' }, false, 'open'],
    ['what was promoted is done', { state: states.promoted }, {}, true, 'done'],
    ['what is live is done, whatever is on trial', { state: states.onTrial }, live, false, 'done'],
    ['what is promoted is live', { state: states.promoted }, ours, true, 'done'],
    ['what failed has failed', { state: states.failed }, {}, true, 'failed'],
    ['and so has its revision', { state: states.failed }, ours, false, 'failed'],
    ['what was taken back has failed', { state: aborted, history: [entry] }, {}, true, 'failed'],
    ['by its history too', { state: aborted, history: [entry] }, ours, false, 'failed'],
    ['what was never seen may come yet', { state: states.onTrial }, other, false, 'open'],
    ['what was seen and is no more was superseded', { state: states.onTrial }, other, true, 'failed'],
    ['where nothing was ever released nothing is waited for', {}, {}, false, 'done'],
    ['where Serin holds nothing nothing will ever be said', { labels: {} }, other, false, 'nothing'],
    ['what was live once is not', { history: [{ ...entry, outcome: 'Succeeded' }] }, ours, false, 'failed'],
  ];

for (const [what, shop, target, wasSeen, is] of cases)
  test(what, () => equal(outcomeOf(reportOf(objectsOf(shop), now), target, wasSeen).is, is));

test('an image is meant with its registry or without, and never a part of a name', () => {
  const of = (image: string) => ({
    ...{ revision: 'a', pods: { ready: 1, wanted: 1 } },
    images: [
      { container: 'proxy', image: 'proxy:1' },
      { container: 'web', image },
    ],
  });
  const meant = (image: string, wanted: string): boolean => isMeant(of(image), { image: wanted });
  deepEqual(
    [
      meant('shop:2', 'shop:2'),
      meant('ghcr.io/acme/shop:2', 'shop:2'),
      meant('ghcr.io/acme/shop:2', 'acme/shop:2'),
      meant('ghcr.io/acme/workshop:2', 'shop:2'),
      meant('shop:21', 'shop:2'),
    ],
    [true, true, true, false, false],
  );
});
