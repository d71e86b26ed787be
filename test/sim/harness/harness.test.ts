import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { attemptsAt, controls, make, type Result } from './harness.ts';
import { mutated } from './mutant.ts';
import { mutantCalled, mutants } from './mutants/index.ts';

/** Of each kind one that costs little; `npm run test:harness` tries them all. */
const few = [
  'route-without-version',
  'all-traffic-before-pods',
  'promotion-before-evidence',
  'interval-cut-short',
  'nothing-swept',
  'abort-keeps-hold',
].map(mutantCalled);

async function resultsOf(attempts: Parameters<typeof make>[0]): Promise<readonly Result[]> {
  const results: Result[] = [];
  await make(attempts, { workers: 2, onResult: (result) => results.push(result) });
  return results;
}

test('what is taken away from the product is noticed by the simulator', async () => {
  const results = await resultsOf(attemptsAt(few, []));
  const caught = results.filter(({ found, broken }) => found !== undefined && broken === undefined);
  assert.deepEqual(
    results.filter((result) => !caught.includes(result)),
    [],
  );
  assert.equal(caught.length, few.length);
});

test('the same runs notice nothing where nothing is taken away', async () => {
  const results = await resultsOf(controls(few, 1));
  assert.deepEqual(
    results.map(({ found, broken }) => found ?? broken),
    [undefined],
  );
});

test('every mutant changes one place that is there, and names what notices it', () => {
  assert.ok(mutants.length >= 28);
  assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length);
  for (const mutant of mutants) {
    const source = readFileSync(join(import.meta.dirname, '../../../src', mutant.file), 'utf8');
    assert.notEqual(mutated(mutant, source), source, mutant.name);
    assert.ok(mutant.caughtBy.length > 0, mutant.name);
  }
});

test('a text that is not there, or there twice, is no mutant', () => {
  const [mutant] = few;
  assert.ok(mutant !== undefined);
  assert.throws(() => mutated(mutant, ''), /is there no time/);
  assert.throws(() => mutated(mutant, `${mutant.text}${mutant.text}`), /more than one time/);
});
