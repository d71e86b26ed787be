import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { courseOf } from '../../src/advice/course.ts';
import type { Planned, Trial } from '../../src/advice/plan.ts';
import { parseCanary } from '../../src/config/canary.ts';
import { painted } from '../../src/plugin/lines.ts';
import { planLines } from '../../src/plugin/render-plan.ts';
import type { Traffic } from '../../src/rollout/foresight.ts';
import type { RolloutSpec } from '../../src/rollout/types.ts';
import { golden, noStaleGolden } from '../golden.ts';

function specOf(text: string): RolloutSpec {
  const parsed = parseCanary(text);
  if (parsed.ok !== true) throw new Error(text);
  return parsed.spec;
}

const traffic = (perSecond: number, errorRate = 0.001): Traffic => ({ perSecond, errorRate });

interface Scenario extends Partial<Trial> {
  readonly traffics: readonly Traffic[];
  readonly known: Trial['known'];
  readonly isSplit?: boolean;
}

function trial(text: string, { traffics, known, isSplit = true, ...rest }: Scenario): Trial {
  const spec = specOf(text);
  return {
    ...{ course: courseOf(spec, isSplit, traffics), traffics, known, deadlineMs: spec.progressDeadlineMs },
    touched: [
      { kind: 'Deployment', name: 'web', how: 'held, and rolled by Kubernetes once it is promoted' },
      { kind: 'Service', name: 'web-canary', how: 'made, and gone at the end' },
      {
        kind: 'VirtualService',
        name: 'istio-ingress/shop-of-everybody',
        how: 'the weights of what it sends to Service web; given back at the end',
      },
    ],
    unread: [],
    ...rest,
  };
}

const held: Planned = {
  ...{ kind: 'Deployment', namespace: 'shop', name: 'web' },
  fate: { is: 'held', revision: '9c1d02ab33', stableRevision: '21a5f2c1d0' },
  warnings: ['held: web rolls out as a canary; follow it with kubectl rollout status deploy/web'],
  changed: {
    images: [
      {
        container: 'web',
        from: 'registry.example.com/shop/web:1.4.1',
        to: 'registry.example.com/shop/web:1.4.2',
      },
    ],
    also: ['containers.web.env'],
  },
};
const known = { from: 'Prometheus, the last 10m' };
const quiet: Planned = {
  kind: 'Service',
  namespace: 'shop',
  name: 'web',
  fate: { is: 'taken' },
  warnings: [],
};
const other = (fate: Planned['fate']): Planned => ({
  ...held,
  fate,
  warnings: [],
  changed: { images: [], also: ['metadata.annotations'] },
});

const shown: Readonly<Record<string, readonly Planned[]>> = {
  held: [
    {
      ...held,
      trial: trial('analysis: {interval: 1m, stepWeights: [5, 20, 50]}', { traffics: [traffic(120)], known }),
    },
    quiet,
  ],
  'traffic-unknown': [
    {
      ...held,
      trial: trial(
        'analysis: {interval: 30s, mirror: true, stepWeights: [1, 10, 50], webhooks: [{name: go, type: confirm-promotion, url: "http://gates.shop/"}]}',
        {
          ...{
            traffics: [1, 10, 100, 1000].map((each) => traffic(each)),
            known: { why: 'you may not get services/proxy there' },
          },
          unread: ['virtualservices', 'horizontalpodautoscalers'],
        },
      ),
    },
  ],
  'a-b': [
    {
      ...held,
      trial: trial('analysis: {iterations: 10, match: [{headers: {x: {exact: y}}}]}', {
        traffics: [],
        known: { why: '' },
      }),
    },
  ],
  unsplit: [
    {
      ...held,
      trial: trial('{}', {
        traffics: [],
        known: { why: '' },
        isSplit: false,
        unsplit: 'no Service selects the pods',
      }),
    },
  ],
  'in-place': [{ ...held, trial: trial('promotion: inPlace', { traffics: [], known: { why: '' } }) }],
  skipped: [{ ...held, trial: trial('skipAnalysis: true', { traffics: [], known: { why: '' } }) }],
  impossible: [
    {
      ...held,
      trial: {
        ...trial('{}', { traffics: [], known: { why: '' } }),
        course: { steps: [], totalMs: 0, isCompared: false, gates: [] },
        touched: [],
        problem:
          'the plan cannot be followed: ConfigMap serin: analysis.threshold: expected a whole number from 1 to 10000, got 0',
      },
    },
  ],
  others: [
    other({
      is: 'refused',
      why: 'admission webhook "deployments.enforce.serin.dev" denied the request:\n- [opt-out] serin.dev/canary of web says disabled; take it off\n- [strategy] strategy Recreate stops every pod before a new one is ready; use strategy RollingUpdate',
    }),
    other({ is: 'unknown', why: 'no answer within 35 s' }),
    { ...other({ is: 'new' }), changed: { images: [], also: [] } },
    other({ is: 'restart' }),
    other({ is: 'waits' }),
    other({ is: 'ends', revision: '9c1d02ab33' }),
    other({ is: 'direct', why: 'none of its pods is available' }),
    other({ is: 'unchanged', why: 'revision 9c1d02ab33 has failed and stays held: too many errors' }),
    other({ is: 'held', revision: 'a', stableRevision: 'b', inPlaceOf: 'c' }),
  ],
};
for (const [name, planned] of Object.entries(shown))
  test(`a terminal of 80 columns shows the whole of it: ${name}`, () => {
    const lines = planLines(planned, 80).map((line) => painted(line, false));
    golden(`advice/plan/${name}.txt`, `${lines.join('\n')}\n`);
    deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
  });

test('every golden file is of a case', () => noStaleGolden('advice/plan'));

test('the steps follow one another without a gap, up to the whole', () => {
  const plans = fc
    .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 8 })
    .map((weights) => `analysis: {stepWeights: [${weights.toSorted((a, b) => a - b).join(', ')}]}`);
  fc.assert(
    fc.property(plans, fc.integer({ min: 1, max: 1e6 }), (text, perSecond) => {
      const { steps, totalMs } = courseOf(specOf(text), true, [traffic(perSecond)]);
      steps.forEach(({ fromMs }, index) =>
        equal(
          fromMs,
          steps.slice(0, index).reduce((sum, each) => sum + each.lastsMs, 0),
        ),
      );
      equal(
        steps.reduce((sum, each) => sum + each.lastsMs, 0),
        totalMs,
      );
      for (const { noticed } of steps)
        for (const rate of noticed) equal(rate === null || (rate > 0.001 && rate <= 1), true);
    }),
    { numRuns: 100, seed: 8 },
  );
});
