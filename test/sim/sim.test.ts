import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseHistory } from './history.ts';
import { invariants } from './invariants/index.ts';
import { historyOf } from './plan.ts';
import { run } from './run.ts';
import { playSeeds } from './seeds.ts';
import { Summary } from './summary.ts';

const seeds = 240;

test(`in ${seeds} random histories nothing happens that must not`, async (t) => {
  const summary = new Summary();
  const found: string[] = [];
  await playSeeds({
    from: 1,
    count: seeds,
    workers: 2,
    onOutcome: (outcome) => {
      summary.add(outcome);
      const { seed, violation } = outcome;
      if (violation === undefined) return;
      found.push(`${violation.id}: ${violation.what}\n  npm run sim -- --seed ${seed} --trace`);
    },
  });
  t.diagnostic(summary.text);
  assert.deepEqual(found, []);
  assert.ok(summary.ended >= seeds, 'rollouts came to an end');
  for (const outcome of ['Succeeded', 'Failed', 'Aborted'])
    assert.ok((summary.rollouts[outcome] ?? 0) > 10, `some of them ${outcome}`);
  for (const { id } of invariants) assert.ok((summary.checks[id] ?? 0) > 0, `${id} looked`);
  assert.ok(summary.calls > 10_000 && summary.virtualMs > 3_600_000, 'there were calls and hours');
});

test('the same seed gives the same run, to the last line', async () => {
  for (const seed of [3, 8, 21]) {
    const [first, second] = [await traced(seed), await traced(seed)];
    assert.ok(first.length > 1_000, 'there is a trace');
    assert.equal(first, second);
  }
  assert.notEqual(await traced(3), await traced(8));
});

async function traced(seed: number): Promise<string> {
  const { trace } = await run(historyOf(seed), invariants, { withTrace: true });
  return trace?.text ?? '';
}

describe('what was found and mended stays so', () => {
  const folder = join(import.meta.dirname, 'regressions');
  for (const file of globSync('*.json', { cwd: folder }).sort()) {
    test(file.replace('.json', '').replaceAll('-', ' '), async () => {
      const { violation } = await run(parseHistory(readFileSync(join(folder, file), 'utf8')), invariants);
      assert.equal(violation, undefined);
    });
  }
});

test('nothing in the simulator reads the time of the machine', () => {
  const files = globSync('**/*.ts', { cwd: import.meta.dirname });
  const reading = files.filter((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    return !file.endsWith('.test.ts') && /new Date\(\)|Date\(\)(?!\.)/.test(text);
  });
  assert.ok(files.length > 30, 'the files were found');
  assert.deepEqual(reading, []);
});
