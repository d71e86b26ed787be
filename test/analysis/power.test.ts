import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { rateInterval } from '../../src/analysis/absolute.ts';
import { detectable, requestsToTell } from '../../src/analysis/power.ts';

const strict = { alpha: 0.01, tolerance: 1 };
const isClose = (actual: number, wanted: number): void =>
  ok(Math.abs(actual / wanted - 1) < 1e-3, `${actual} is not ${wanted}`);

// Worked out with numpy: error rate of stable, of the canary, and the requests of both arms, five percent to the canary.
for (const [stable, canary, requests] of [
  [0.001, 0.002, 369_621],
  [0.001, 0.005, 36_414],
  [0.001, 0.01, 10_913],
  [0.001, 0.05, 1214],
  [0.01, 0.05, 3641],
  [0.0001, 0.01, 5384],
] as const) {
  test(`${canary} beside ${stable} is told after ${requests} requests`, () => {
    isClose(requestsToTell({ share: 0.05, errorRate: stable }, canary, strict), requests);
  });
}

for (const [stable, share, requests, times] of [
  [0.001, 0.05, 1e4, 10.57],
  [0.001, 0.5, 1e5, 1.87],
  [0.01, 0.05, 1e3, 10.57],
  [0.0001, 0.05, 1e6, 3.13],
] as const) {
  test(`with ${requests} requests at ${share} of ${stable}, ${times} times as many errors can be told`, () => {
    ok(Math.abs(detectable({ share, errorRate: stable }, requests, strict) - times) < 0.01);
  });
}

test('what is no worse than the tolerance is never told', () => {
  ok(requestsToTell({ share: 0.1, errorRate: 0.01 }, 0.012, { alpha: 0.01, tolerance: 1.5 }) === Infinity);
});

for (const [errors, requests, least, most] of [
  [5, 500, 0.000907, 0.03787],
  [1, 1000, 0, 0.012354],
  [0, 300, 0, 0.028593],
  [10, 10_000, 0.000156, 0.003162],
] as const) {
  test(`${errors} of ${requests} is an error rate of ${least} to ${most}, at 95 % and whenever one looks`, () => {
    const seen = rateInterval({ errors, requests }, 0.05);
    ok(Math.abs(seen.least - least) < 1e-6 && Math.abs(seen.most - most) < 1e-6, JSON.stringify(seen));
  });
}
