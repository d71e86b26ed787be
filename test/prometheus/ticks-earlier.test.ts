import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonFrom, judge, withTicks } from '../../src/analysis/comparison.ts';
import type { Series } from '../../src/analysis/samples.ts';
import type { Arms } from '../../src/prometheus/queries.ts';
import { at, counter } from './counters.ts';
import { type Asked, type Samples, ticksOf } from '../../src/prometheus/ticks.ts';

const arms: Arms = {
  ...{ namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 },
  services: { stable: 'web', canary: 'web-canary' },
};
const asked: Asked = { routedSince: at(5), timedFrom: at(5), ready: { stable: 1, canary: 1 } };
const counts = (requests: readonly Series[], change: Partial<Asked> = {}, samples: Partial<Samples> = {}) =>
  ticksOf({ requests, durations: [], ...samples }, arms, { ...asked, ...change }, 0);

const stable = counter({ workload: 'web' }, 1000, 1100, 1200, 1300, 1400);
const canary = counter({ workload: 'web-canary' }, 0, 10, 20, 30, 40);

test('a request whose duration is not told yet is not a slow one, and counts with the tick that tells it', () => {
  const durations = [
    ...['100', '+Inf'].map((le) => counter({ workload: 'web', le }, 900, 1000, 1100, 1200, 1300)),
    ...['100', '+Inf'].map((le) => counter({ workload: 'web-canary', le }, 0, 0, 0, 20, 20)),
  ];
  const counting = counts([stable, canary], {}, { durations });
  ok(counting.kind === 'ticks');
  deepEqual(
    counting.ticks.map(({ canary: { requests, timed, slower } }) => [requests, timed, slower]),
    [
      [10, 0, [0]],
      [10, 20, [0]],
      [10, 0, [0]],
    ],
  );
});

test('before anything is counted, what stable did earlier is told', () => {
  const requests = [
    counter({ workload: 'web' }, 1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700),
    counter({ workload: 'web', code: '500' }, 0, 0, 0, 1, 1, 3, 3, 3),
    counter({ workload: 'web-canary' }, 0, 0, 0, 0, 0, 0, 10, 20),
  ];
  const earlierOf = (change: Partial<Asked>): unknown => {
    const counting = counts(requests, { routedSince: at(25), ...change });
    return counting.kind === 'ticks' ? counting.earlier : counting;
  };
  deepEqual(earlierOf({}), [
    [101, 1],
    [100, 0],
    [102, 2],
  ]);
  deepEqual(earlierOf({ countedUntil: at(25) }), undefined);
  // Of two ticks nothing can be told.
  deepEqual(earlierOf({ routedSince: at(20) }), undefined);
});

test('a comparison begins with how stable scattered before it', () => {
  const tick = {
    ...{ until: at(30), edges: [] },
    canary: { requests: 100, errors: 30, slower: [] },
    stable: { requests: 100, errors: 1, slower: [] },
  };
  const spec = { errorRate: true, latency: false, falseRollback: 0.01, tolerance: 1.5 };
  const wealthAfter = (...earlier: readonly (readonly [number, number])[]): number =>
    judge(withTicks(comparisonFrom(0, earlier), [tick], spec), spec).wealth;
  const knowingNothing = wealthAfter();
  ok(wealthAfter([100, 1], [100, 1], [100, 1]) === knowingNothing);
  // Thirty at once are nothing new to it.
  ok(wealthAfter([100, 0], [100, 30], [100, 0], [100, 0]) < knowingNothing / 10);
});
