// What becomes of a release while something of what Prometheus should say is missing: by production's code from its answers
// to the verdict.
import { deepEqual, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { started, type Story, type Trial } from './trial.ts';

const holds: readonly (Story & { readonly cured: (trial: Trial) => void })[] = [
  {
    says: 'a replica of the canary that nobody scrapes',
    given: ({ shop }) => shop.unscraped.add('web-canary-2'),
    cured: ({ shop }) => shop.unscraped.clear(),
    words: /not compared: only 1 of 2 ready pods of web-canary are scraped$/,
  },
  {
    says: 'a replica of stable that nobody scrapes',
    given: ({ shop }) => shop.unscraped.add('web-3'),
    cured: ({ shop }) => shop.unscraped.clear(),
    words: /not compared: only 3 of 4 ready pods of web are scraped$/,
  },
  {
    says: 'both arms failing more than the objective',
    given: ({ shop }) => {
      shop.errors = { canary: 0.3, stable: 0.3 };
    },
    cured: ({ shop }) => {
      shop.errors = { canary: 0.01, stable: 0.01 };
    },
    compare: { objective: 5 },
    words: /stable itself fails more than 5 %: canary not shown to be worse/,
  },
  ...(
    [
      ['truncated', 'JSON that ends in the middle', /http:\/\/prometheus.test.*: the answer is not one of/],
      ['NaN', 'NaN in place of numbers', /not compared: .*: the answer has a sample that is not a number$/],
      ['slow', 'answers that take 30 s', /not compared: .*: no answer within 5000 ms$/],
    ] as const
  ).map(([ailment, says, words]) => ({
    ...{ says, words },
    given: ({ shop }: Trial) => {
      shop.ailment = ailment;
    },
    cured: ({ shop }: Trial) => {
      shop.ailment = 'none';
    },
  })),
];
for (const { cured, words, ...story } of holds)
  test(`held, neither failed nor advanced, until it is over: ${story.says}`, async () => {
    const trial = started(story);
    await trial.until('Waiting');
    const { world } = trial;
    match(trial.message(), words);
    deepEqual([world.weight, world.twin?.ledger?.passed, world.twin?.ledger?.failed], [50, 0, 0]);
    cured(trial);
    await trial.until('Succeeded');
  });

test('a replica that nobody scrapes does not hide what those that are scraped have shown', async () => {
  const given: Story['given'] = ({ shop }) => {
    shop.errors = { canary: 0.05, stable: 0.01 };
    shop.unscraped.add('web-canary-2');
  };
  const trial = started({ given });
  trial.happens = (second) => {
    if (second === 200) trial.shop.unscraped.clear();
  };
  await trial.until('Failed');
  match(trial.message(), /^canary worse than stable/);
});

test('two Prometheus that scrape the same count once: the evidence is that of one', async () => {
  const counts = async (replicas: Trial['shop']['replicas']) => {
    const trial = started();
    trial.shop.replicas = replicas;
    await trial.until('Promoting.Shift');
    return trial.world.twin?.ledger?.comparison;
  };
  const one = await counts([{}]);
  ok(one !== undefined && one.stable.requests > 5000);
  deepEqual(await counts([{ prometheus_replica: 'a' }, { prometheus_replica: 'b' }]), one);
});

test('however long a weight holds, by whatever clock, Prometheus is asked for no more than is not counted yet', async () => {
  const given: Story['given'] = ({ shop }) => {
    shop.aheadMs = -3_600_000;
    shop.errors = { canary: 0.3, stable: 0.3 };
  };
  const { until, shop } = started({ given, compare: { objective: 5 } });
  await until('Waiting');
  const seconds = shop.asked.flatMap(
    (query) => /^istio_request_duration_milliseconds_bucket.*\[(\d+)s\]$/.exec(query)?.[1] ?? [],
  );
  ok(seconds.length > 20 && seconds.every((text) => Number(text) < 300), seconds.join());
});
