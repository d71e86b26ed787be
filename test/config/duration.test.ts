import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../src/config/duration.ts';

const durations: { readonly [text: string]: number | undefined } = {
  '60s': 60_000,
  '1m': 60_000,
  '1m30s': 90_000,
  '500ms': 500,
  '1.5h': 5_400_000,
  '1h1m1s1ms': 3_661_001,
  '0s': 0,
  '': undefined,
  '60': undefined,
  s: undefined,
  '1 m': undefined,
  '-1s': undefined,
  '1d': undefined,
  '1s ': undefined,
  '.5s': undefined,
};

for (const [text, ms] of Object.entries(durations)) {
  test(`"${text}" is ${ms === undefined ? 'no duration' : `${ms} ms`}`, () => equal(parseDuration(text), ms));
}
