import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseFloor, usualFloor } from '../../src/config/floor.ts';

for (const text of [undefined, '', '{}', '# nothing'])
  test(`nothing asked for is the usual floor: ${JSON.stringify(text)}`, () =>
    deepEqual(parseFloor(text), { ok: true, floor: usualFloor }));

test('what is asked for is taken, and the rest is as usual', () => {
  deepEqual(parseFloor('interval: 1m30s\nstep: 20'), {
    ok: true,
    floor: { ...usualFloor, intervalMs: 90_000, step: 20 },
  });
});

const mistaken: { readonly [text: string]: readonly string[] } = {
  'interval: soon\nthreshold: 0\nstep: 100': ['interval', 'threshold', 'step'],
  'steps: 20': ['steps'],
  '[1]': [''],
  '[': [''],
};
for (const [text, paths] of Object.entries(mistaken))
  test(`every mistake is reported: ${JSON.stringify(text)}`, () => {
    const parsed = parseFloor(text);
    deepEqual(parsed.ok ? [] : parsed.mistakes.map(({ path }) => path), paths);
  });
