import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanary } from '../../src/config/canary.ts';
import type { RolloutSpec } from '../../src/rollout/types.ts';
import { mistakesOf, usual, withAnalysis, withoutComparison } from './plans.ts';

const understood: { readonly [behaviour: string]: readonly [text: string | undefined, spec: RolloutSpec] } = {
  'no annotation leaves every default': [undefined, usual],
  'an empty annotation leaves every default': ['  ', usual],
  'keys without a value leave their defaults': ['service:\nanalysis:\n  metrics:\n', usual],
  'JSON is read as well': ['{"analysis": {"threshold": 2}}', withAnalysis({ threshold: 2 })],
  'durations are written as in Go': ['analysis: {interval: 1m30s}', withAnalysis({ intervalMs: 90_000 })],
  'a second and a week are durations that can be asked for': [
    'analysis: {interval: 1s, metrics: [{name: request-duration, threshold: 1, interval: 168h}]}',
    withAnalysis({
      intervalMs: 1000,
      metrics: [{ name: 'request-duration', intervalMs: 604_800_000, max: 1 }],
    }),
  ],
  'a range may be one value': [
    'analysis: {metrics: [{name: pods, thresholdRange: {min: 3, max: 3}, query: up}]}',
    withAnalysis({ metrics: [{ name: 'pods', intervalMs: 60_000, min: 3, max: 3, query: 'up' }] }),
  ],
  'a step that does not divide the maximum still ends at it': [
    'analysis: {stepWeight: 20, maxWeight: 50}',
    withAnalysis({ strategy: { kind: 'weights', weights: [20, 40, 50] } }),
  ],
  'a step above the maximum goes to the maximum at once': [
    'analysis: {stepWeight: 80}',
    withAnalysis({ strategy: { kind: 'weights', weights: [50] } }),
  ],
  'stepWeights names every step': [
    'analysis: {stepWeights: [1, 5, 20]}',
    withAnalysis({ strategy: { kind: 'weights', weights: [1, 5, 20] } }),
  ],
  'an empty list of metrics checks and compares nothing': [
    'analysis: {metrics: []}',
    withoutComparison({ metrics: [] }),
  ],
  'a plan without metrics compares where it says so': [
    'analysis: {metrics: [], compare: true}',
    withAnalysis({ metrics: [] }),
  ],
  'the comparison can be switched off': ['analysis: {compare: false}', withoutComparison({})],
  'the comparison can be of one thing, and stricter': [
    'analysis: {compare: {latency: false, falseRollback: 0.001, tolerance: 1}}',
    withAnalysis({ compare: { errorRate: true, latency: false, falseRollback: 0.001, tolerance: 1 } }),
  ],
  'the old threshold of the success rate is its minimum, of the duration its maximum, of others the maximum':
    [
      `canaryAnalysis:
  metrics:
  - {name: request-success-rate, threshold: 95, interval: 30s}
  - {name: request-duration, threshold: 250}
  - {name: queue, threshold: 7, query: 'sum(q{ns="{{ namespace }}", t="{{target}}"}) by ({{ interval }})'}
`,
      withAnalysis({
        metrics: [
          { name: 'request-success-rate', intervalMs: 30_000, min: 95 },
          { name: 'request-duration', intervalMs: 60_000, max: 250 },
          {
            name: 'queue',
            intervalMs: 60_000,
            max: 7,
            query: 'sum(q{ns="{{ namespace }}", t="{{target}}"}) by ({{ interval }})',
          },
        ],
      }),
    ],
  'a gate that is switched off asks for nothing': [
    'skipAnalysis: false\nalerts: []\nanalysis: {mirror: false, webhooks: [], sessionAffinity: {}}',
    usual,
  ],
  'everything that can be said is read': [
    `provider: istio
promotion: shift
service:
  name: web
  port: 80
  hosts: [shop.example.com]
  gateways: [istio-system/public]
  virtualService: {name: shop, routes: [primary]}
progressDeadlineSeconds: 60
onFailure: restore
`,
    {
      ...usual,
      router: 'istio',
      service: {
        name: 'web',
        port: 80,
        hosts: ['shop.example.com'],
        gateways: ['istio-system/public'],
        virtualService: { name: 'shop', routes: ['primary'] },
      },
      progressDeadlineMs: 60_000,
      onFailure: 'restore',
    },
  ],
};

for (const [behaviour, [text, spec]] of Object.entries(understood)) {
  test(behaviour, () => deepEqual(parseCanary(text), { ok: true, spec, notes: [] }));
}

test('the chart values of the talk are taken as they stand', () => {
  const values = `canary:
  enable: true
  service:
    hosts: [croc-hunter.istio.us.g.csanchez.org]
    gateways: [jx-gateway.istio-system.svc.cluster.local]
  canaryAnalysis:
    interval: 60s
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics:
    - name: request-success-rate     # minimum success rate (non-5xx), percent 0-100
      threshold: 99
      interval: 60s
    - name: request-duration         # maximum P99, milliseconds
      threshold: 500
      interval: 60s
`;
  const service = {
    hosts: ['croc-hunter.istio.us.g.csanchez.org'],
    gateways: ['jx-gateway.istio-system.svc.cluster.local'],
  };
  deepEqual(parseCanary(values), { ok: true, spec: { ...usual, service }, notes: [] });
});

test('the metric names of 2019 are read as the built-in ones, with a note', () => {
  const metrics =
    '[{name: istio_requests_total, threshold: 99}, {name: istio_request_duration_seconds_bucket, threshold: 500}]';
  deepEqual(parseCanary(`analysis: {metrics: ${metrics}}`), {
    ok: true,
    spec: usual,
    notes: [
      'analysis.metrics[0].name: read as request-success-rate',
      'analysis.metrics[1].name: read as request-duration',
    ],
  });
});

test('fields that change nothing here are taken with a note', () => {
  const text = `targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
revertOnDeletion: true
service: {targetPort: 8080}
analysis: {stepWeights: [50], maxWeight: 60}
`;
  deepEqual(parseCanary(text), {
    ok: true,
    spec: withAnalysis({ strategy: { kind: 'weights', weights: [50] } }),
    notes: [
      'revertOnDeletion: not needed: a rollout always ends at the stable version unless it is promoted',
      'targetRef: not used: the plan is of the Deployment it stands on',
      'service.targetPort: not used: the Service is yours and says it itself',
      'analysis.maxWeight: not used: stepWeights names every step',
    ],
  });
});

for (const text of [
  'disabled',
  'enabled: false',
  'enable: false',
  'canary: {enable: false, webhooks: [a]}',
]) {
  test(`the canary is switched off by ${JSON.stringify(text)}, whatever else is said`, () =>
    deepEqual(parseCanary(text, 'analysis: {threshold: nonsense}'), { ok: 'disabled' }));
}

test('a switch that is no switch does not disable the canary', () =>
  deepEqual(mistakesOf(parseCanary('enabled: "no"')), ['enabled: expected true or false, got "no"']));
