import { equal, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chapters, tables } from './table.ts';

const file = join(import.meta.dirname, '../../docs/clients.md');
const mark =
  '<!-- Written by UPDATE_GOLDEN=1 npm test -- test/clients from the rows that the tests run. -->\n\n';

test('docs/clients.md shows the rows that the tests run', () => {
  const [words = '', shown] = readFileSync(file, 'utf8').split(mark);
  ok(shown !== undefined, 'the mark is there');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${words}${mark}${tables()}\n`);
  else equal(shown, `${tables()}\n`, 'UPDATE_GOLDEN=1 writes it anew');
});

test('a warning of ours is one sentence that a terminal shows whole', () => {
  const told = Object.values(chapters).flatMap((rows) => rows.flatMap(({ ends }) => ends.told.split('\n')));
  for (const line of told) ok(line.length <= 'Warning: '.length + 256, line);
  ok(
    told.filter((line) => line.length > 0 && line.length <= 'Warning: '.length + 130).length >
      told.filter(Boolean).length / 2,
  );
});
