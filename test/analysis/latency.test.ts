// How often a canary as fast as stable is rolled back for its durations: by summing over every outcome where that can be
// done, else by playing it; and what a slower one shows.
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type LatencyEvidence,
  latencyWealth,
  noLatencyEvidence,
  tellingEdge,
  withDurations,
} from '../../src/analysis/latency.ts';
import { binomial, diceOf } from './chance.ts';

/** Parts of the requests by the bucket they fall into, the last one slower than every edge. */
type Parts = readonly number[];

/** Every way in which `requests` fall into the buckets, with how likely it is. */
function outcomes(
  requests: number,
  parts: Parts,
): readonly { readonly counts: readonly number[]; readonly chance: number }[] {
  const [part = 1, ...rest] = parts;
  if (rest.length === 0) return [{ counts: [requests], chance: part ** requests }];
  return Array.from({ length: requests + 1 }, (_, here) => here).flatMap((here) =>
    outcomes(requests - here, rest).map(({ counts, chance }) => ({
      counts: [here, ...counts],
      chance: choose(requests, here) * part ** here * chance,
    })),
  );
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 0; i < k; i += 1) ways = (ways * (n - i)) / (i + 1);
  return ways;
}

/** How many were slower than each edge. */
function armOf(counts: readonly number[]) {
  const requests = counts.reduce((sum, count) => sum + count, 0);
  let within = 0;
  return { requests, slower: counts.slice(0, -1).map((count) => requests - (within += count)) };
}

const after = (
  evidence: LatencyEvidence,
  canary: readonly number[],
  stable: readonly number[],
): LatencyEvidence => {
  const edges = canary.slice(1).map((_, at) => 100 * (at + 1));
  return withDurations(evidence, { edges, canary: armOf(canary), stable: armOf(stable) }, 1);
};

const sums = [
  [0.6, 0.3, 0.1],
  [0.2, 0.3, 0.5],
  [0.05, 0.9, 0.05],
];
for (const parts of sums) {
  test(`with ${parts.join(', ')} of the requests in the buckets, the mean wealth of a tick is 1, by every outcome there is`, () => {
    let mean = 0;
    for (const canary of outcomes(4, parts))
      for (const stable of outcomes(5, parts)) {
        const wealth = Math.exp(latencyWealth(after(noLatencyEvidence, canary.counts, stable.counts)));
        mean += canary.chance * stable.chance * wealth;
      }
    ok(Math.abs(mean - 1) < 1e-9, String(mean));
  });

  test(`with them at most one in five canaries is rolled back within two ticks (${parts.join(', ')})`, () => {
    const bar = Math.log(1 / 0.2);
    const walk = (evidence: LatencyEvidence, ticks: number): number => {
      if (latencyWealth(evidence) >= bar) return 1;
      if (ticks === 0) return 0;
      let chance = 0;
      for (const canary of outcomes(3, parts))
        for (const stable of outcomes(5, parts))
          chance +=
            canary.chance * stable.chance * walk(after(evidence, canary.counts, stable.counts), ticks - 1);
      return chance;
    };
    const chance = walk(noLatencyEvidence, 2);
    ok(chance > 0 && chance <= 0.2, String(chance));
  });
}

const alpha = 0.05;
const runs = 2000;
const days: readonly (readonly [what: string, parts: (tick: number) => Parts])[] = [
  ['steady', () => [0.5, 0.3, 0.15, 0.04, 0.01]],
  [
    'slow for a while, both arms alike',
    (tick) => (tick > 6 && tick < 14 ? [0.1, 0.2, 0.3, 0.3, 0.1] : [0.5, 0.3, 0.15, 0.04, 0.01]),
  ],
];
for (const [what, parts] of days) {
  test(`${what}: of ${runs} canaries as fast as stable hardly more are rolled back than allowed, looked at each tick`, () => {
    const dice = diceOf(what.length);
    let rolledBack = 0;
    for (let run = 0; run < runs; run += 1) {
      let evidence = noLatencyEvidence;
      for (let tick = 0; tick < 20; tick += 1) {
        const share = 0.1 * (1 + Math.floor(tick / 4));
        const canary = binomial(dice, 150, share);
        evidence = after(evidence, drawn(dice, canary, parts(tick)), drawn(dice, 150 - canary, parts(tick)));
        if (latencyWealth(evidence) < Math.log(1 / alpha)) continue;
        rolledBack += 1;
        break;
      }
    }
    const most = runs * (alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / runs));
    ok(rolledBack > 0 && rolledBack <= most, `${rolledBack} of ${runs}`);
  });
}

/** Requests by bucket: they fall into one after the other. */
function drawn(dice: () => number, requests: number, parts: Parts): readonly number[] {
  let [left, share] = [requests, 1];
  return parts.map((part, at) => {
    const here = at === parts.length - 1 ? left : binomial(dice, left, Math.min(1, part / share));
    left -= here;
    share -= part;
    return here;
  });
}

test('a tail that has grown is told by the edge beyond which it lies', () => {
  const dice = diceOf(1);
  let evidence = noLatencyEvidence;
  for (let tick = 0; tick < 20; tick += 1)
    evidence = after(
      evidence,
      drawn(dice, 300, [0.5, 0.3, 0.1, 0.02, 0.08]),
      drawn(dice, 300, [0.5, 0.3, 0.15, 0.045, 0.005]),
    );
  ok(latencyWealth(evidence) > Math.log(1 / 0.01));
  equal(tellingEdge(evidence), 400);
});
