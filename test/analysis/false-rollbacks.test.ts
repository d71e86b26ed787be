// How often a healthy canary is rolled back: by summing over every outcome where that can be done, else by playing it.
import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type Evidence, logWealth, noEvidence, withTick } from '../../src/analysis/sequential.ts';
import { binomial, diceOf } from './chance.ts';

/** The chance that the wealth ever reaches 1/alpha in ticks of 1 canary and 3 stable requests, each failing by its rate. */
function chanceOfRollback(rates: readonly number[], alpha: number): number {
  const walk = (evidence: Evidence, at: number): number => {
    if (logWealth(evidence) >= Math.log(1 / alpha)) return 1;
    const rate = rates[at];
    if (rate === undefined) return 0;
    let sum = 0;
    for (let x = 0; x <= 4; x += 1)
      for (let y = 0; y <= 8; y += 1) {
        const tick = { canary: { requests: 4, errors: x }, stable: { requests: 8, errors: y } };
        sum += mass(4, x, rate) * mass(8, y, rate) * walk(withTick(evidence, tick, 1), at + 1);
      }
    return sum;
  };
  return walk(noEvidence, 0);
}

function mass(n: number, k: number, p: number): number {
  let choose = 1;
  for (let i = 0; i < k; i += 1) choose = (choose * (n - i)) / (i + 1);
  return choose * p ** k * (1 - p) ** (n - k);
}

for (const rates of [
  [0.3, 0.3, 0.3],
  [0.1, 0.5, 0.2],
  [0.05, 0.05, 0.05],
]) {
  test(`with error rates ${rates.join(', ')} of both arms, at most one in ten is rolled back, by every outcome there is`, () => {
    const chance = chanceOfRollback(rates, 0.1);
    ok(chance > 0 && chance <= 0.1, String(chance));
  });
}

const alpha = 0.01;
const runs = 2000;
const traffics = [
  { what: 'steady traffic', rate: () => 0.001, requests: () => 1500 },
  {
    what: 'an incident of both arms',
    rate: (tick: number) => (tick > 10 && tick < 20 ? 0.05 : 0.001),
    requests: () => 1500,
  },
  {
    what: 'a day that rises and falls',
    rate: (tick: number) => 0.002 + 0.0015 * Math.sin(tick / 3),
    requests: (tick: number) => 800 + 700 * Math.sin(tick / 5),
  },
  { what: 'hardly any traffic', rate: () => 0.02, requests: () => 15 },
] as const;
for (const { what, rate, requests } of traffics) {
  test(`${what}: of ${runs} healthy canaries hardly more are rolled back than allowed, looked at each tick`, () => {
    const dice = diceOf(what.length);
    let rolledBack = 0;
    for (let run = 0; run < runs; run += 1) {
      let evidence = noEvidence;
      for (let tick = 0; tick < 40; tick += 1) {
        const share = Math.min(0.5, 0.05 * (1 + Math.floor(tick / 4)));
        const all = Math.round(requests(tick));
        const canary = binomial(dice, all, share);
        const counts = {
          canary: { requests: canary, errors: binomial(dice, canary, rate(tick)) },
          stable: { requests: all - canary, errors: binomial(dice, all - canary, rate(tick)) },
        };
        evidence = withTick(evidence, counts, 1);
        if (logWealth(evidence) >= Math.log(1 / alpha)) {
          rolledBack += 1;
          break;
        }
      }
    }
    ok(rolledBack <= runs * (alpha + 3 * Math.sqrt(alpha / runs)), `${rolledBack} of ${runs}`);
  });
}
