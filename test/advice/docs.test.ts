import { deepEqual, equal } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/advice.md'), 'utf8');
const told = globSync('test/golden/advice/**/*.txt', { cwd: root }).map((path) =>
  readFileSync(join(root, path), 'utf8').replaceAll('lint/', ''),
);

test('what the page shows is what the verbs say', () => {
  const shown = [...page.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, text = '']) =>
    text.replaceAll(/20\d\d-\d\d-\d\d/g, 'DAY'),
  );
  equal(shown.length, 6);
  deepEqual(
    shown.filter((text) => !told.some((each) => each.includes(text))),
    [],
  );
});
