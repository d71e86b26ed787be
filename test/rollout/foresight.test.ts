import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparisonSpec } from '../../src/analysis/comparison.ts';
import { foreseen, type Traffic } from '../../src/rollout/foresight.ts';
import { aPlan } from './world.ts';

const usual: ComparisonSpec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };
const cases: readonly (readonly [Traffic | undefined, Partial<ComparisonSpec> | undefined, string])[] = [
  [
    { perSecond: 100, errorRate: 0.001 },
    {},
    '; 1.3 % errors are expected to be noticed at weight 10 within 60s (100 requests/s), stable has 0.1 %',
  ],
  [
    { perSecond: 1000, errorRate: 0.001 },
    {},
    '; 0.41 % errors are expected to be noticed at weight 10 within 60s (1000 requests/s), stable has 0.1 %',
  ],
  [
    { perSecond: 0.05, errorRate: 0.01 },
    {},
    '; too little traffic to notice more errors by comparison at weight 10 within 60s (0.05 requests/s)',
  ],
  [{ perSecond: 100, errorRate: 0.001 }, { errorRate: false }, ''],
  [{ perSecond: 100, errorRate: 0.001 }, undefined, ''],
  [undefined, {}, ''],
];
for (const [traffic, change, sentence] of cases) {
  test(`with ${JSON.stringify(traffic)} and ${JSON.stringify(change)}: ${sentence || 'nothing is foretold'}`, () => {
    const { spec } = aPlan();
    const compare = change === undefined ? {} : { compare: { ...usual, ...change } };
    equal(foreseen(aPlan({ analysis: { ...spec.analysis, ...compare } }), traffic), sentence);
  });
}
