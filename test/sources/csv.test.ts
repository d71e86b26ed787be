import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvRows } from '../../src/sources/csv.ts';

test('quoted fields hold commas, quotes and line ends; empty fields and lines stay', () => {
  deepEqual(csvRows('a,"b, ""c""",\n\n,"d\r\ne"\r\nf'), [['a', 'b, "c"', ''], [''], ['', 'd\r\ne'], ['f']]);
  deepEqual(csvRows(''), []);
  deepEqual(csvRows('a,b\n'), [['a', 'b']]);
});

test('what was written is read', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ') });
  const rows = fc.array(fc.array(field, { minLength: 2 }), { minLength: 1 });
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(rows, (table) => {
      const text = table.map((row) => `${row.map(quoted).join(',')}\n`).join('');
      deepEqual(csvRows(text), table);
    }),
  );
});

test('a hostile text is read in one go', () => {
  const started = performance.now();
  for (const text of [
    `"${'a'.repeat(500_000)}`,
    `${'a'.repeat(500_000)}"`,
    '"a'.repeat(250_000),
    '",'.repeat(250_000),
  ])
    csvRows(text);
  ok(performance.now() - started < 2000, 'quadratic or worse');
});
