// docs/plugin.md shows what the plugin shows: its screens are golden files, and its help is what it says.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verbHelp } from '../../src/plugin/help.ts';
import { verbs } from '../../src/plugin/verbs.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = join(docs, 'plugin.md');
const block = /<!-- (shown|help): (\S+) -->\n```\n([^]*?)```\n/g;

/** What stands in the block of that name. */
function wanted(kind: string, name: string): string {
  if (kind === 'shown') return readFileSync(join(import.meta.dirname, '../golden/plugin', name), 'utf8');
  const verb = verbs.find((each) => each.name === name);
  ok(verb, `no verb ${name}`);
  return verbHelp(verb);
}

test('every screen and every help of docs/plugin.md is what the plugin writes', () => {
  const text = readFileSync(page, 'utf8');
  const right = text.replaceAll(
    block,
    (_, kind: string, name: string) => `<!-- ${kind}: ${name} -->\n\`\`\`\n${wanted(kind, name)}\`\`\`\n`,
  );
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, right);
  else equal(text, right, 'docs/plugin.md differs: UPDATE_GOLDEN=1 writes it anew');
  equal([...text.matchAll(block)].length >= 6, true);
});

test('every verb is on a page of the documentation', () => {
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
  const text = pages.map((name) => readFileSync(join(docs, name), 'utf8')).join('\n');
  deepEqual(
    verbs.map(({ name }) => name).filter((name) => !text.includes(`kubectl canary ${name}`)),
    [],
  );
});
