// What it takes to judge a look of a large shop, and what is kept of a rollout's analysis.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  comparisonFrom,
  type Comparison,
  type ComparisonSpec,
  judge,
  withTicks,
} from '../../../src/analysis/comparison.ts';
import type { Series } from '../../../src/analysis/samples.ts';
import { names } from '../../../src/kube/objects.ts';
import { readLedger } from '../../../src/config/state.ts';
import { type Samples, ticksOf } from '../../../src/prometheus/ticks.ts';
import type { Arms } from '../../../src/prometheus/queries.ts';
import { median } from '../statistics.ts';

const arms: Arms = {
  ...{ namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 },
  services: { stable: 'web', canary: 'web-canary' },
};
const edges: readonly string[] = [
  ...['0.5', '1', '5', '10', '25', '50', '100', '250', '500', '1000', '2500', '5000', '10000'],
  ...['30000', '60000', '300000', '600000', '1800000', '3600000', '+Inf'],
];
const scrapeMs = 15_000;
/** Those of a look and of the two minutes before it, which are asked for with it. */
const scrapes = 9;
const begins = 1_700_000_000_000;
const usual: ComparisonSpec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };

/** Ten replicas of each arm, thirty series each, twenty buckets of each: what a look hears of them. */
function largeShop(replicas = 10, perReplica = 30): Samples {
  const requests: Series[] = [];
  const durations: Series[] = [];
  for (const workload of [arms.stable, arms.canary])
    for (let pod = 0; pod < replicas; pod += 1)
      for (let each = 0; each < perReplica; each += 1) {
        const labels = {
          ...{ reporter: 'destination', destination_workload: workload, source_workload: `client-${each}` },
          ...{
            destination_service: `${workload}.shop.svc.cluster.local`,
            response_code: each % 10 === 0 ? '503' : '200',
          },
          ...{ pod: `${workload}-${pod}`, instance: `${workload}-${pod}:15020` },
        };
        requests.push({ labels, points: pointsOf(20) });
        edges.forEach((le, at) => durations.push({ labels: { ...labels, le }, points: pointsOf(at + 1) }));
      }
  return { requests, durations };
}

function pointsOf(perScrape: number): Series['points'] {
  return Array.from({ length: scrapes }, (_, at) => [begins + at * scrapeMs, at * perScrape] as const);
}

/** Milliseconds of CPU from samples to a judgement, of one scrape of a large shop; the median of `looks`. */
export function msOfALook(looks: number): number {
  const samples = largeShop();
  const last = begins + (scrapes - 1) * scrapeMs;
  const asked = { routedSince: last - scrapeMs, timedFrom: 0, ready: { stable: 10, canary: 10 } };
  const times = Array.from({ length: looks }, () => {
    const before = process.cpuUsage();
    const counting = ticksOf(samples, arms, asked, 0);
    if (counting.kind !== 'ticks' || counting.ticks.length !== 1) throw new Error(JSON.stringify(counting));
    judge(withTicks(comparisonFrom(0), counting.ticks, usual), usual);
    return process.cpuUsage(before).user / 1000;
  });
  return median(times);
}

/** What is kept of a rollout that has been compared for an hour: as it is written, and in memory once it is read. */
export function bytesOfState(): { readonly written: number; readonly inMemory: number } {
  const text = JSON.stringify({
    ...{ v: 1, revision: '5f6d8c9b7d', startedAt: begins, ticks: 60, passed: 60, failed: 0, silent: 0 },
    ...{ weight: 50, weightAt: begins },
    last: {
      at: begins,
      weight: 50,
      verdict: 'pass',
      evidence: ['success rate 99.9 % >= 99 % (stable 99.9 %)'],
    },
    comparison: comparedForAnHour(),
  });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const read = (): unknown => readLedger({ [names.analysis]: text });
  const kept: unknown[] = [read()];
  collect();
  const before = process.memoryUsage().heapUsed;
  const count = 2000;
  for (let each = 0; each < count; each += 1) kept.push(read());
  collect();
  const inMemory = (process.memoryUsage().heapUsed - before) / count;
  if (kept.includes(undefined)) throw new Error('the ledger cannot be read');
  return { written: text.length, inMemory: Math.round(inMemory) };
}

function comparedForAnHour(): Comparison {
  const known = edges.slice(0, -1).map(Number);
  const arm = (requests: number, errors: number) => ({
    ...{ requests, errors },
    slower: known.map((_, at) => Math.round(requests / (at + 2) ** 2)),
  });
  const ticks = Array.from({ length: 240 }, (_, at) => ({
    ...{ until: begins + at * scrapeMs, edges: known },
    ...{ canary: arm(750, at % 3), stable: arm(751, at % 4) },
  }));
  return withTicks(comparisonFrom(0), ticks, usual);
}
