import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { RangeAnswer } from '../../src/prometheus/answers.ts';
import type { Ask } from '../../src/prometheus/client.ts';
import { type Incoming, incoming } from '../../src/prometheus/incoming.ts';

const arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 300_000 };

type Points = readonly (readonly [at: number, value: number])[];

/** Counters of the workload, as scraped at those times. */
const counter = (points: Points, labels: Record<string, string> = {}) => ({
  labels: { reporter: 'destination', destination_workload: 'web', response_code: '200', ...labels },
  points,
});

function seen(answer: RangeAnswer): Promise<Incoming | undefined> {
  const ask: Pick<Ask, 'samples'> = { samples: () => Promise.resolve(answer) };
  return incoming(ask as Ask, arms);
}

const series = (...all: ReturnType<typeof counter>[]): RangeAnswer => ({
  kind: 'series',
  series: all,
  warnings: [],
});

test('what came in is told with the time it was seen over, not with the time that was asked for', async () => {
  const twentySeconds = series(
    counter([
      [0, 1_000],
      [10_000, 2_000],
      [20_000, 2_980],
    ]),
    counter(
      [
        [0, 10],
        [20_000, 30],
      ],
      { response_code: '503' },
    ),
  );
  deepEqual(await seen(twentySeconds), {
    requests: 2_000,
    of: { requests: 2_000, errors: 20 },
    overMs: 20_000,
  });
});

test('a pod that restarts loses nothing, and the canary has its part of what comes in and its errors for itself', async () => {
  const restarted = series(
    counter([
      [0, 500],
      [10_000, 40],
      [20_000, 90],
    ]),
    counter(
      [
        [0, 0],
        [20_000, 700],
      ],
      { destination_workload: 'web-canary', response_code: '503' },
    ),
  );
  deepEqual(await seen(restarted), { requests: 790, of: { requests: 90, errors: 0 }, overMs: 20_000 });
});

test('right after a promotion all that came in is known by the canary that had it', async () => {
  const promoted = series(
    counter(
      [
        [0, 0],
        [20_000, 2_000],
      ],
      { destination_workload: 'web-canary' },
    ),
  );
  deepEqual(await seen(promoted), {
    requests: 2_000,
    of: { requests: 2_000, errors: 0 },
    overMs: 20_000,
  });
});

const nothing: { readonly [what: string]: RangeAnswer } = {
  'no series': series(),
  'one sample alone': series(counter([[5_000, 70]])),
  'a source that fails': { kind: 'error', why: 'connection refused' },
};
for (const [what, answer] of Object.entries(nothing))
  test(`nothing is told of ${what}`, async () => equal(await seen(answer), undefined));
