import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanary } from '../../src/config/canary.ts';
import type { Strategy } from '../../src/rollout/strategy.ts';
import { mistakesOf, withAnalysis, withoutComparison } from './plans.ts';

test('what the Deployment says lies over the defaults of the namespace, map by map', () => {
  const defaults =
    'service: {port: 80, gateways: [a/b]}\nanalysis: {threshold: 3, maxWeight: 30, metrics: []}\nonFailure: restore\n';
  const text = 'service: {port: 8080}\ncanaryAnalysis: {stepWeight: 15, interval: 30s}\n';
  deepEqual(parseCanary(text, defaults), {
    ok: true,
    spec: {
      ...withoutComparison({
        intervalMs: 30_000,
        threshold: 3,
        strategy: { kind: 'weights', weights: [15, 30] },
        metrics: [],
      }),
      service: { port: 8080, gateways: ['a/b'] },
      onFailure: 'restore',
    },
    notes: [],
  });
});

test('a key without a value leaves what the defaults say, whichever names each uses', () => {
  const defaults = 'enable: true\nonFailure: restore\ncanaryAnalysis: {threshold: 3}\n';
  deepEqual(parseCanary('enabled: true\nonFailure:\nanalysis: {stepWeight: 25}\n', defaults), {
    ok: true,
    spec: {
      ...withAnalysis({ threshold: 3, strategy: { kind: 'weights', weights: [25, 50] } }),
      onFailure: 'restore',
    },
    notes: [],
  });
});

const steps: { readonly [behaviour: string]: readonly [defaults: string, text: string, weights: number[]] } =
  {
    'stepWeights over a stepWeight of the defaults': [
      'stepWeight: 5, maxWeight: 10',
      'stepWeights: [7]',
      [7],
    ],
    'a stepWeight over stepWeights of the defaults': ['stepWeights: [7]', 'stepWeight: 25', [25, 50]],
    'a maxWeight over stepWeights of the defaults': ['stepWeights: [7]', 'maxWeight: 20', [10, 20]],
  };
const ab = 'iterations: 4, match: [{port: 80}]';
const match = [{ port: 80 }];
const otherWays: {
  readonly [behaviour: string]: readonly [defaults: string, text: string, strategy: Strategy];
} = {
  'stepWeights over A/B of the defaults': [ab, 'stepWeights: [7]', { kind: 'weights', weights: [7] }],
  'a stepWeight over A/B of the defaults': [ab, 'stepWeight: 25', { kind: 'weights', weights: [25, 50] }],
  'iterations over steps of the defaults': [
    'stepWeight: 5, maxWeight: 10, stepWeightPromotion: 20',
    'iterations: 3',
    { kind: 'iterations', iterations: 3 },
  ],
  'more checks of the same A/B': [ab, 'iterations: 9', { kind: 'iterations', iterations: 9, match }],
  'nobody to match': [ab, 'match: []', { kind: 'iterations', iterations: 4 }],
};
for (const [behaviour, [defaults, text, strategy]] of Object.entries(otherWays)) {
  test(`the Deployment's way to move the traffic wins: ${behaviour}`, () =>
    deepEqual(parseCanary(`analysis: {${text}}`, `analysis: {${defaults}}`), {
      ok: true,
      spec: withAnalysis({ strategy }),
      notes: [],
    }));
}

for (const [behaviour, [defaults, text, weights]] of Object.entries(steps)) {
  test(`the Deployment's way to say the steps wins: ${behaviour}`, () => {
    const parsed = parseCanary(`analysis: {${text}}`, `canaryAnalysis: {${defaults}}`);
    deepEqual(parsed, {
      ok: true,
      spec: withAnalysis({ strategy: { kind: 'weights', weights } }),
      notes: [],
    });
  });
}

test("mistakes of the defaults are told apart from the Deployment's own", () => {
  deepEqual(mistakesOf(parseCanary('onFailure: x', 'enabled: false\nanalysis: {threshold: 0}\n')), [
    'ConfigMap serin cannot disable a namespace: take its label serin.dev/mode off',
    'ConfigMap serin: analysis.threshold: expected a whole number from 1 to 10000, got 0',
    'onFailure: expected hold or restore, got "x"',
  ]);
  deepEqual(mistakesOf(parseCanary(undefined, 'disabled')), [
    'ConfigMap serin cannot disable a namespace: take its label serin.dev/mode off',
  ]);
  deepEqual(
    mistakesOf(parseCanary('[', '{')).map((line) => line.split(':')[0]),
    ['ConfigMap serin is not YAML', 'serin.dev/canary is not YAML'],
  );
});
