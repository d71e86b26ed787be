import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diffLines, folded } from '../../../src/dashboard/page/diff.ts';

const signs = { same: ' ', gone: '-', new: '+' };
const shown = (before: string, after: string): readonly string[] =>
  diffLines(before, after).map(({ is, text }) => `${signs[is]}${text}`);

test('a line that changed is taken and given, and the others stay', () => {
  deepEqual(shown('a\nimage: 1\nc\n', 'a\nimage: 2\nc\n'), [' a', '-image: 1', '+image: 2', ' c']);
});

test('a line that came in the middle moves no other', () => {
  deepEqual(shown('a\nb\nc', 'a\nb\nx\nc'), [' a', ' b', '+x', ' c']);
  deepEqual(shown('', 'x'), ['+x']);
  deepEqual(shown('same\n', 'same\n'), [' same']);
});

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'dd'), { maxLength: 12 })
  .map((lines) => lines.join('\n'));

test('what is not new makes the one text, and what is not gone the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      const of = (gone: string): string =>
        lines.flatMap((line) => (line.is === gone ? [] : [line.text])).join('\n');
      equal(of('new'), before);
      equal(of('gone'), after);
    }),
  );
});

test('texts too long to compare are shown as replaced, ends that are alike kept', () => {
  const numbered = (of: string): string =>
    Array.from({ length: 3_000 }, (_, index) => `${of}${index}`).join('\n');
  const lines = diffLines(`head\n${numbered('a')}\ntail`, `head\n${numbered('b')}\ntail`);
  equal(lines.length, 6_002);
  deepEqual([lines[0]?.text, lines.at(-1)?.text], ['head', 'tail']);
});

test('far from a change lines are only counted', () => {
  const before = Array.from({ length: 20 }, (_, index) => String(index)).join('\n');
  const lines = folded(diffLines(before, `${before}\nend`), 2);
  deepEqual(lines, [
    { is: 'folded', lines: 18 },
    { is: 'same', text: '18' },
    { is: 'same', text: '19' },
    { is: 'new', text: 'end' },
  ]);
  ok(folded(diffLines(before, before)).every(({ is }) => is === 'folded'));
});
