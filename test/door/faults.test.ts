import { ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultTable } from './faults.ts';

test('docs/admission.md has the table of faults that the tests on the control plane try', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/admission.md'), 'utf8');
  ok(text.includes(`${faultTable()}\n`), `it should be:\n${faultTable()}`);
});
