// npm run sim: many seeds, or one with its trace, or a history that was written down.
import { writeFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type History, parseHistory } from './history.ts';
import { invariants } from './invariants/index.ts';
import { historyOf } from './plan.ts';
import { run } from './run.ts';
import { type Outcome, playSeeds } from './seeds.ts';
import { shrink } from './shrink.ts';
import { Summary } from './summary.ts';
import { type Sweep, sweepAll } from './sweep/workers.ts';

const usage = `npm run sim -- [--seeds N] [--from S] [--workers W]   plays N seeds (300) from S (1) on
npm run sim -- --seed S [--trace]                   plays one seed
npm run sim -- --replay FILE [--trace]              plays a history that was written down
npm run sim -- --crash | --sieve [--workers W]      plays every plan of a sweep: each write met by each fault, or each
                                                    pair of states kept from the controller
  --no-shrink    a violation is shown as it was found
  --keep-going   plays on after a violation
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    workers: { type: 'string' },
    seed: { type: 'string' },
    replay: { type: 'string' },
    trace: { type: 'boolean' },
    'no-shrink': { type: 'boolean' },
    'keep-going': { type: 'boolean' },
    crash: { type: 'boolean' },
    sieve: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

if (values.help === true) process.stdout.write(usage);
else if (values.seed !== undefined) await playOne(historyOf(Number(values.seed)));
else if (values.replay !== undefined) await playOne(parseHistory(readFileSync(values.replay, 'utf8')));
else if (values.crash === true || values.sieve === true)
  await sweep(values.sieve === true ? 'sieve' : 'crash');
else await playMany();

/** One history, with its trace where that was asked for or something is wrong. */
async function playOne(history: History): Promise<void> {
  const { trace, violation, virtualMs, rollouts } = await run(history, invariants, { withTrace: true });
  if (values.trace === true || violation !== undefined) process.stdout.write(trace?.text ?? '');
  if (violation === undefined) {
    console.log(
      `no violation in ${Math.round(virtualMs / 1_000)} s of virtual time: ${JSON.stringify(rollouts)}`,
    );
    return;
  }
  console.log(`\n${violation.id} after ${violation.at / 1_000} s: ${violation.what}`);
  process.exitCode = 1;
}

/** Every plan of a sweep; what is found is told as it is. */
async function sweep(which: Sweep): Promise<void> {
  let found = 0;
  const { plans, played } = await sweepAll({
    sweep: which,
    ...(values.workers === undefined ? {} : { workers: Number(values.workers) }),
    onFound: (what) => {
      found += 1;
      console.log(what);
    },
  });
  console.log(`${played} of ${plans} plans played, ${found} ended otherwise than their reference`);
  if (found > 0) process.exitCode = 1;
}

async function playMany(): Promise<void> {
  const count = Number(values.seeds ?? 300);
  const summary = new Summary();
  const failed: Outcome[] = [];
  await playSeeds({
    from: Number(values.from ?? 1),
    count,
    ...(values.workers === undefined ? {} : { workers: Number(values.workers) }),
    isOver: () => failed.length > 0 && values['keep-going'] !== true,
    onOutcome: (outcome) => {
      summary.add(outcome);
      if (outcome.violation !== undefined) {
        failed.push(outcome);
        console.log(`seed ${outcome.seed}: ${outcome.violation.id} ${outcome.violation.what}`);
      }
      if (summary.seeds % 500 === 0)
        console.log(`${summary.seeds} of ${count} seeds, ${failed.length} failed`);
    },
  });
  console.log(summary.text);
  if (failed.length > 0) process.exitCode = 1;
  const [first] = failed;
  if (first !== undefined) await explain(first);
}

/** What to do about a seed that failed. */
async function explain({ seed, violation, history }: Outcome): Promise<void> {
  if (violation === undefined) return;
  console.log(`\nseed ${seed} breaks ${violation.id} after ${violation.at / 1_000} s: ${violation.what}`);
  console.log(`replay: npm run sim -- --seed ${seed} --trace`);
  if (values['no-shrink'] === true) return;
  const smallest = await shrink(history, violation.id, invariants);
  const file = `/tmp/serin-sim-${seed}.json`;
  writeFileSync(file, `${JSON.stringify(smallest, null, 2)}\n`);
  console.log(
    `\nthe smallest history that does so (keep it as test/sim/regressions/<name>.json once it is mended):`,
  );
  console.log(JSON.stringify(smallest, null, 2));
  console.log(`replay: npm run sim -- --replay ${file} --trace`);
}
