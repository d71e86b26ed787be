// npm run bench:detection: how soon five failing requests of a hundred are seen, and what they cost until then, where Serin
// asks a Prometheus that scrapes each 15 s, and where it asks the pods' proxies itself each 2 s. Whole trials by production's
// code from the answers to the verdict, on a clock of its own.
import { parseArgs } from 'node:util';
import { started } from '../../prometheus/trial.ts';
import { median } from '../statistics.ts';

const { values } = parseArgs({ options: { runs: { type: 'string' } } });
const runs = Number(values.runs ?? 100);
const perSecond = 100;

interface Seen {
  readonly seconds: number;
  readonly errors: number;
}

/** One release that is rolled back: how long the canary had traffic, and the errors it served. */
async function release(weight: number, seed: number, scrapeMs: number | undefined): Promise<Seen> {
  let seconds = 0;
  const trial = started({
    ...{ weights: [weight, 90], seed, ...(scrapeMs === undefined ? {} : { scrapeMs }) },
    given: ({ shop }) => {
      shop.scrapeMs = 15_000;
      shop.perSecond = perSecond;
      shop.errors = { canary: 0.05, stable: 0.001 };
    },
    happens: (_, second) => {
      seconds = second;
    },
  });
  await trial.until('Failed');
  return { seconds, errors: trial.shop.served.canary.errors };
}

async function line(weight: number, says: string, scrapeMs?: number): Promise<string> {
  const all: Seen[] = [];
  for (let seed = 1; seed <= runs; seed += 1) all.push(await release(weight, seed, scrapeMs));
  const seconds = all.map((each) => each.seconds).toSorted((a, b) => a - b);
  const late = seconds[Math.floor(0.9 * seconds.length)] ?? 0;
  const errors = all.reduce((sum, each) => sum + each.errors, 0) / runs;
  return `| ${weight} % | ${says} | ${median(seconds)} s | ${late} s | ${errors.toFixed(1)} |`;
}

console.log(
  `5 % errors beside 0.1 % of stable, ${perSecond} requests a second, --settle 5s; ${runs} releases a line.\n`,
);
console.log(
  '| weight | counted by | median time to rollback | nine of ten | errors served |\n|---|---|---|---|---|',
);
for (const weight of [10, 50]) {
  console.log(await line(weight, 'Prometheus, 15 s'));
  console.log(await line(weight, '`--scrape 2s`', 2000));
}
