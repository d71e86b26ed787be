// Tries a mutant: processes of its own play what is to catch it, one run after another, until something fails.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Ended, endedMark } from './ended.ts';
import { nameOf, type Mutant, type Run } from './mutant.ts';
import type { Found } from './play.ts';

/** How a trial ended. */
export interface Tried {
  /** Undefined where nothing noticed. */
  readonly found: Found | undefined;
  readonly cpuMs: number;
  /** Why it could not be tried, or not to the end. */
  readonly broken?: string;
}

type OfMatrix = Extract<Run, { readonly row: string }>;

const root = join(import.meta.dirname, '../../..');
/** Longer than any run on a machine that has much else to do; whoever does not come to an end has not been caught. */
const longestMs = 600_000;

/** Plays `runs` with the mutant in place, or with none. Throws where they could not be played. */
export async function tryMutant(mutant: Mutant | undefined, runs: readonly Run[]): Promise<Tried> {
  const isRow = (run: Run): run is OfMatrix => 'row' in run;
  const played = runs.filter((run) => !isRow(run));
  let cpuMs = 0;
  if (played.length > 0) {
    const { stdout, ended } = await inProcess(mutant, ['test/sim/harness/play.ts', JSON.stringify(played)]);
    cpuMs += ended.cpuMs;
    const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Partial<Found>;
    if (found.by !== undefined && found.what !== undefined)
      return { found: { by: found.by, what: found.what }, cpuMs };
  }
  for (const row of runs.filter(isRow)) {
    const pattern = `--test-name-pattern=^${row.row}`;
    const file = `test/sim/matrix/${row.in}.test.ts`;
    const { stdout, ended } = await inProcess(mutant, ['--test-reporter=tap', pattern, file]);
    cpuMs += ended.cpuMs;
    const what = failureIn(stdout);
    if (what !== undefined) return { found: { by: nameOf(row), what }, cpuMs };
    if (!/^# pass [1-9]/m.test(stdout)) throw new Error(`there is no test for ${nameOf(row)}:\n${stdout}`);
  }
  return { found: undefined, cpuMs };
}

/** The first test of the matrix that failed, with its error; undefined where none did. */
function failureIn(tap: string): string | undefined {
  const failure = /^\s*not ok \d+ - ((?:row|technique:) .*)$[^]*?^\s*error: (?:\|-\s*)?(.*)$/m.exec(tap);
  return failure === null ? undefined : `${failure[1]}: ${failure[2]}`;
}

interface Process {
  readonly stdout: string;
  readonly ended: Ended;
}

function inProcess(mutant: Mutant | undefined, args: readonly string[]): Promise<Process> {
  const { SERIN_MUTANT: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', './test/sim/harness/preload.ts', ...args], {
    cwd: root,
    env: { ...env, ...(mutant === undefined ? {} : { SERIN_MUTANT: mutant.name }) },
    timeout: longestMs,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString('utf8')));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString('utf8')));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const line = stderr.split('\n').find((each) => each.startsWith(endedMark));
      const fail = (why: string): void =>
        reject(
          new Error(`${mutant?.name ?? 'without a mutant'}: ${why}\n${args.join(' ')}\n${stdout}${stderr}`),
        );
      if (line === undefined) return fail('it did not come to an end');
      const ended = JSON.parse(line.slice(endedMark.length)) as Ended;
      if (stdout === '') return fail('nothing was played');
      if (mutant !== undefined && !ended.isApplied) return fail(`nobody loaded src/${mutant.file}`);
      resolve({ stdout, ended });
    });
  });
}
