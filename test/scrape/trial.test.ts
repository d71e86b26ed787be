// What becomes of a release whose pods' proxies are asked themselves: by production's code from their pages to the verdict.
import { deepEqual, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { started, type Story } from '../prometheus/trial.ts';

const direct = { scrapeMs: 2000 };
const worse =
  /^canary worse than stable: canary failed \d+ of \d+, stable \d+ of \d+, odds ratio (above )?\d/;

const bad: Story['given'] = ({ shop }) => {
  shop.errors = { canary: 0.05, stable: 0.01 };
};

test('a canary as good as stable is promoted, and what was counted is what was served', async () => {
  const trial = started(direct);
  await trial.until('Promoting.Shift');
  const { served } = trial.shop;
  const kept = trial.world.twin?.ledger?.comparison;
  const counted = kept?.canary.requests ?? 0;
  // Not the seconds before every proxy knows a weight.
  ok(
    counted > 0.8 * served.canary.requests && counted <= served.canary.requests,
    `${counted} of ${served.canary.requests}`,
  );
  ok((kept?.canary.errors ?? 0) <= served.canary.errors);
  deepEqual(
    new Set(trial.proxies.asked.map((url) => url.replace(/10\.0\.[01]\.\d/, 'POD'))),
    new Set(['http://POD:15090/stats/prometheus']),
  );
});

const rolledBack: readonly Omit<Story, 'words'>[] = [
  { says: 'five of a hundred requests fail on the canary, one on stable', given: bad },
  {
    says: 'a canary whose proxies start again every ten seconds',
    given: bad,
    happens: ({ shop }, second) => {
      if (second % 10 === 0) shop.restart('canary', 1);
    },
  },
  {
    says: 'a Prometheus that says nothing of either',
    given: (trial) => {
      bad(trial);
      trial.shop.ailment = 'truncated';
    },
  },
];
for (const story of rolledBack)
  test(`rolled back: ${story.says}`, async () => {
    const trial = started({ ...direct, ...story });
    await trial.until('Failed');
    match(trial.message(), worse);
  });

test('errors of the canary from before it had any weight are not counted', async () => {
  const trial = started({ ...direct, given: ({ shop }) => shop.count('canary', 1, '503', 500) });
  await trial.until('Succeeded');
});

for (const [pod, arm] of [
  ['web-canary-2', 'canary'],
  ['web-3', 'stable'],
] as const)
  test(`held while the proxy of a ready pod of ${arm} is not heard, until it is`, async () => {
    const trial = started({ ...direct, given: ({ shop }) => shop.unscraped.add(pod) });
    await trial.until('Waiting');
    const { world } = trial;
    match(
      trial.message(),
      new RegExp(`not compared: the proxy of pod ${pod} is not heard: connect ECONNREFUSED`),
    );
    deepEqual([world.weight, world.twin?.ledger?.passed, world.twin?.ledger?.failed], [50, 0, 0]);
    trial.shop.unscraped.clear();
    await trial.until('Succeeded');
  });
