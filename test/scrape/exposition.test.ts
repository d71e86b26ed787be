import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelsOf, readPage } from '../../src/scrape/exposition.ts';

const isWanted = (name: string): boolean => name === 'requests' || name === 'durations_bucket';
const read = (text: string) => {
  const page = readPage(text, isWanted);
  if (page.kind === 'error') return page.why;
  return page.samples.map(({ name, labels, value }) => [name, labelsOf(labels), value]);
};

test('the samples that are wanted are read, and comments, blank lines and other metrics passed over', () => {
  const page = `# HELP requests All of them.
# TYPE requests counter
requests{code="200",reporter="destination"} 1027 1395066363000
requests{code="500",} 3
requests 1

other{broken
durations_bucket{le="+Inf"} 4.5e+2
`;
  deepEqual(read(page), [
    ['requests', { code: '200', reporter: 'destination' }, 1027],
    ['requests', { code: '500' }, 3],
    ['requests', {}, 1],
    ['durations_bucket', { le: '+Inf' }, 450],
  ]);
});

const wrong: readonly (readonly [text: string, why: string])[] = [
  ['requests 1', 'the page ends in the middle of a line'],
  ['# TYPE requests counter\nrequests{code="200"}\n', 'line 2 of the page is no sample'],
  ['requests{code="200" 1\n', 'line 1 of the page is no sample'],
  ['requests 1 2 3\n', 'line 1 of the page is no sample'],
  ['requests 1 12.5\n', 'line 1 of the page is no sample'],
  ['requests one\n', 'line 1 of the page is no sample'],
  ['requests 0x1f\n', 'line 1 of the page is no sample'],
  ['requests \n', 'line 1 of the page is no sample'],
  ['<html>\n', 'line 1 of the page is no sample'],
];
for (const [text, why] of wrong)
  test(`a page that is ${JSON.stringify(text)} is refused`, () => equal(read(text), why));

for (const text of [
  'code=200',
  'code="200',
  'code="2\\q"',
  'code="1",code="2"',
  'code="1" x="2"',
  '="1"',
  ',',
  '2x="1"',
])
  test(`labels that are ${text} are refused`, () => equal(labelsOf(text), undefined));

test('a value that is no number is told as it is', () => {
  deepEqual(read('requests NaN\nrequests +Inf\nrequests -Inf\nrequests Inf\n'), [
    ['requests', {}, Number.NaN],
    ['requests', {}, Number.POSITIVE_INFINITY],
    ['requests', {}, Number.NEGATIVE_INFINITY],
    ['requests', {}, Number.POSITIVE_INFINITY],
  ]);
});

const spaces = fc.constantFrom('', ' ', '\t ');
const label = fc.tuple(
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/),
  fc.string({ unit: fc.oneof(fc.constantFrom('\\', '"', '\n', '{', '}', ',', '=', '#', ' '), fc.string()) }),
);
const sample = fc.record({
  name: fc.constantFrom('requests', 'durations_bucket'),
  labels: fc.uniqueArray(label, { selector: ([name]) => name, maxLength: 5 }),
  value: fc.oneof(fc.nat(), fc.double(), fc.bigInt({ min: 0n, max: 1n << 64n }).map(Number)),
  timestamp: fc.option(fc.integer(), { nil: undefined }),
  space: fc.tuple(spaces, spaces, fc.constantFrom(' ', '\t')),
  comma: fc.boolean(),
});

const escaped = (text: string): string =>
  text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`);
const valueText = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';

test('whatever is written as the format wants it is read as it was meant', () => {
  fc.assert(
    fc.property(fc.array(sample), (samples) => {
      const lines = samples.map(
        ({ name, labels, value, timestamp, space: [before, inside, after], comma }) => {
          const pairs = labels.map(([key, text]) => `${inside}${key}${inside}="${escaped(text)}"${inside}`);
          const all = pairs.length === 0 ? '' : `{${pairs.join(',')}${comma ? ',' : ''}}`;
          return `${name}${before}${all}${after}${valueText(value)}${timestamp === undefined ? '' : ` ${timestamp}`}\n`;
        },
      );
      const meant = samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value || 0]);
      deepEqual(read(lines.join('')), meant);
    }),
  );
});

test('a page that is cut anywhere but between two lines is refused', () => {
  const page = 'requests{code="200"} 10\nrequests{code="500"} 27\n';
  fc.assert(
    fc.property(fc.integer({ min: 1, max: page.length - 1 }), (length) => {
      const half = page.slice(0, length);
      equal(readPage(half, isWanted).kind, half.endsWith('\n') ? 'page' : 'error');
    }),
  );
});
