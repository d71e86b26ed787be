// docs/rules.md says of every rule why there is one, an example, and the very sentence that it is refused with: made from
// the rules themselves. UPDATE_GOLDEN=1 writes the page anew.
import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { violationsOf } from '../../../src/admission/judge.ts';
import { rules } from '../../../src/admission/rules/index.ts';
import { examples } from './examples.ts';
import { around } from './world.ts';

const file = join(import.meta.dirname, '../../../docs/rules.md');
const [begin, end] = ['<!-- rules: made by npm test -->\n', '<!-- end of rules -->'];

test('every rule has an example, in the order that refusals name them', () => {
  deepEqual(
    Object.keys(examples),
    rules.map(({ id }) => id),
  );
});

for (const [id, example] of Object.entries(examples))
  test(`the example of ${id} breaks that rule and no other`, async () => {
    const found = await violationsOf(example.attempt, example.around ?? around());
    deepEqual([...new Set(found.map(({ rule }) => rule))], [id]);
  });

async function section(id: string): Promise<string> {
  const example = examples[id];
  if (example === undefined) throw new Error(`no example of ${id}`);
  const [first] = await violationsOf(example.attempt, example.around ?? around());
  const verb = first?.effect === 'warn' ? 'Warned' : 'Refused';
  return [
    `### \`${id}\``,
    example.why,
    ['```sh', example.does, '```'].join('\n'),
    `${verb}: *${first?.seen}.*`,
    `Instead: ${first?.todo}.`,
  ].join('\n\n');
}

test('docs/rules.md lists every rule with its example, its sentence and the way out', async () => {
  const page = readFileSync(file, 'utf8');
  const [before = '', rest = ''] = page.split(begin);
  const [listed = '', after = ''] = rest.split(end);
  const sections = await Promise.all(rules.map(({ id }) => section(id)));
  const wanted = `\n${sections.join('\n\n')}\n\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, [before, begin, wanted, end, after].join(''));
  else equal(listed, wanted, 'docs/rules.md differs: UPDATE_GOLDEN=1 writes it anew');
});
