// What becomes of a release when traffic, pods or Prometheus itself are not as one would wish: by production's code from the
// answers of Prometheus to the verdict.
import { match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { started, type Story, type Trial } from './trial.ts';

const hour = 3_600_000;
const worse =
  /^canary worse than stable: canary failed \d+ of \d+, stable \d+ of \d+, odds ratio (above )?\d/;
const regression = { canary: 0.05, stable: 0.01 };

const promoted =
  /^analysis passed( by its timer)?, odds ratio (below )?\d.* at 95 %: moving all traffic to the canary$/;
const byTimer = /^analysis passed by its timer, odds ratio/;

const goOn: readonly Story[] = [
  {
    says: 'a canary as good as stable',
    words: promoted,
  },
  {
    says: 'both arms failing together for a minute, three of ten requests',
    happens: ({ shop }, second) => {
      const rate = second >= 70 && second < 130 ? 0.3 : 0.01;
      shop.errors = { canary: rate, stable: rate };
    },
    words: promoted,
  },
  {
    says: 'load and errors that rise and fall like a day while the weight rises',
    happens: ({ shop }, second) => {
      shop.perSecond = 100 + 90 * Math.sin(second / 25);
      const rate = 0.01 + 0.009 * Math.sin(second / 40);
      shop.errors = { canary: rate, stable: rate };
    },
    words: promoted,
  },
  {
    says: 'one request a second, about which nothing can be told',
    given: ({ shop }) => {
      shop.perSecond = 1;
    },
    words: byTimer,
  },
  {
    says: 'errors that come thirty at once, of which two in a row happen to meet the canary',
    given: ({ shop }) => {
      shop.perSecond = 500;
      shop.errors = { canary: 0, stable: 0 };
    },
    happens: ({ shop }, second) => {
      const meets = second === 40 || second === 50 ? 'canary' : 'stable';
      if (second % 10 === 0) shop.count(meets, 1, '503', 30);
    },
    weights: [10, 20, 30],
    words: promoted,
  },
  {
    says: 'proxies that start again and count from nothing',
    happens: ({ shop }, second) => {
      if (second % 20 === 0) shop.restart(second % 40 === 0 ? 'stable' : 'canary', 1);
    },
    words: promoted,
  },
  {
    says: 'a Prometheus that lost its memory, beside errors of the canary from before it had any weight',
    given: ({ shop }) => shop.count('canary', 1, '503', 500),
    happens: ({ shop }, second) => {
      if (second === 40 || second === 100) shop.forget();
    },
    words: promoted,
  },
  ...[hour, -hour].map((aheadMs) => ({
    says: `a Prometheus whose clock is an hour ${aheadMs > 0 ? 'ahead' : 'behind'}`,
    given: ({ shop }: Trial) => {
      shop.aheadMs = aheadMs;
    },
    words: promoted,
  })),
];
for (const { words, ...story } of goOn)
  test(`promoted: ${story.says}`, async () => {
    const trial = started(story);
    await trial.until('Succeeded');
    match(trial.world.events.find((each) => each.startsWith('analysis passed')) ?? '', words);
  });

const bad = ({ shop }: Trial): void => {
  shop.errors = regression;
};
const rolledBack: readonly Story[] = [
  { says: 'five of a hundred requests fail on the canary, one on stable', given: bad, words: worse },
  {
    says: 'the canary fails more while both arms fail',
    given: ({ shop }) => {
      shop.errors = { canary: 0.4, stable: 0.15 };
    },
    words: worse,
  },
  {
    says: 'a canary that fails every request of the few there are',
    given: ({ shop }) => {
      shop.perSecond = 1;
      shop.errors = { canary: 1, stable: 0 };
    },
    words: /^(canary worse than stable|failed checks threshold reached \(3\))/,
  },
  {
    says: 'a canary whose proxies start again every ten seconds',
    given: bad,
    happens: ({ shop }, second) => {
      if (second % 10 === 0) shop.restart('canary', 1);
    },
    words: worse,
  },
  {
    says: 'a regression that Prometheus had just begun to see when it lost its memory',
    given: bad,
    happens: ({ shop }, second) => {
      if (second === 8) shop.forget();
    },
    words: worse,
  },
  ...[hour, -hour].map((aheadMs) => ({
    says: `a regression by a clock that is an hour ${aheadMs > 0 ? 'ahead' : 'behind'}`,
    given: (trial: Trial) => {
      bad(trial);
      trial.shop.aheadMs = aheadMs;
    },
    words: worse,
  })),
];
for (const { words, ...story } of rolledBack)
  test(`rolled back: ${story.says}`, async () => {
    const trial = started(story);
    await trial.until('Failed');
    match(trial.message(), words);
    ok(trial.world.weight === 0 && trial.world.events.every((each) => !each.startsWith('analysis passed')));
  });

test('what was counted is what was served, also where proxies start again', async () => {
  const trial = started();
  const kept = () => trial.world.twin?.ledger?.comparison;
  trial.happens = (second) => {
    if (second % 20 === 0) trial.shop.restart('canary', 1);
  };
  await trial.until('Promoting.Shift');
  const served = trial.shop.served.canary.requests;
  const counted = kept()?.canary.requests ?? 0;
  // Not the first seconds, before every proxy knows the weight, nor those after a pod's last scrape.
  ok(counted > 0.8 * served && counted <= served, `${counted} of ${served}`);
});
