import { throws } from 'node:assert/strict';
import { test } from 'node:test';
import { golden, noStaleGolden } from './golden.ts';

test('a text equal to its golden file passes', () => golden('golden/sample.txt', 'kept\n'));

test('a text that differs from its golden file fails', { skip: process.env['UPDATE_GOLDEN'] === '1' }, () => {
  throws(() => golden('golden/sample.txt', 'changed\n'), { actual: 'changed\n', expected: 'kept\n' });
});

test('a missing golden file fails and says how to write it', {
  skip: process.env['UPDATE_GOLDEN'] === '1',
}, () => {
  throws(() => golden('golden/none.txt', ''), /test\/golden\/golden\/none.txt is missing: UPDATE_GOLDEN=1/);
});

test('no file of the folder is left that no test asked for', () => noStaleGolden('golden'));
