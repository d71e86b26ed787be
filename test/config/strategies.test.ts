// From the annotation to the whole plan: every way to release, each as its users write it.
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanary } from '../../src/config/canary.ts';
import type { RolloutSpec } from '../../src/rollout/types.ts';
import { usual, withAnalysis } from './plans.ts';

type Row = readonly [text: string, spec: RolloutSpec, ...notes: string[]];

const weights = [10, 20, 30, 40, 50];
const understood: { readonly [behaviour: string]: Row } = {
  'a canary that goes up by fives and back by twenty-fives': [
    'analysis: {interval: 30s, threshold: 3, stepWeight: 5, maxWeight: 15, stepWeightPromotion: 25}',
    withAnalysis({
      intervalMs: 30_000,
      threshold: 3,
      strategy: { kind: 'weights', weights: [5, 10, 15], promotionStep: 25 },
    }),
  ],
  'blue/green by ten checks on a mesh': [
    'analysis: {iterations: 10}',
    withAnalysis({ strategy: { kind: 'iterations', iterations: 10 } }),
  ],
  'A/B by a header or a cookie': [
    `analysis:
  iterations: 4
  match:
  - headers: {x-beta: {exact: "yes"}}
  - headers: {cookie: {regex: "^(.*?;)?(beta=on)(;.*)?$"}}
    sourceLabels: {app: shop}
`,
    withAnalysis({
      strategy: {
        kind: 'iterations',
        iterations: 4,
        match: [
          { headers: { 'x-beta': { exact: 'yes' } } },
          { headers: { cookie: { regex: '^(.*?;)?(beta=on)(;.*)?$' } }, sourceLabels: { app: 'shop' } },
        ],
      },
    }),
  ],
  'A/B by everything a condition can say': [
    `analysis:
  iterations: 1
  match:
  - uri: {prefix: /api}
    scheme: {exact: https}
    method: {regex: "GET|HEAD"}
    authority: {exact: shop.example.com}
    withoutHeaders: {x-bot: {}}
    queryParams: {v: {exact: "2"}}
    sourceNamespace: web
    gateways: [mesh]
    port: 80
    ignoreUriCase: true
`,
    withAnalysis({
      strategy: {
        kind: 'iterations',
        iterations: 1,
        match: [
          {
            uri: { prefix: '/api' },
            scheme: { exact: 'https' },
            method: { regex: 'GET|HEAD' },
            authority: { exact: 'shop.example.com' },
            withoutHeaders: { 'x-bot': {} },
            queryParams: { v: { exact: '2' } },
            sourceNamespace: 'web',
            gateways: ['mesh'],
            port: 80,
            ignoreUriCase: true,
          },
        ],
      },
    }),
  ],
  'what stands without a value in a condition says nothing': [
    'analysis: {iterations: 1, match: [{uri: , headers: {a: {exact: b, regex: }}}]}',
    withAnalysis({
      strategy: { kind: 'iterations', iterations: 1, match: [{ headers: { a: { exact: 'b' } } }] },
    }),
  ],
  'mirroring before the first weight, of all requests where nothing is said': [
    'analysis: {mirror: true}',
    withAnalysis({ strategy: { kind: 'weights', weights, mirror: 100 } }),
  ],
  'mirroring a part of the requests to blue/green': [
    'analysis: {iterations: 5, mirror: true, mirrorWeight: 20}',
    withAnalysis({ strategy: { kind: 'iterations', iterations: 5, mirror: 20 } }),
  ],
  'users that stay with what they came to, for a day': [
    'analysis: {sessionAffinity: {cookieName: shop-canary}}',
    withAnalysis({ affinity: { cookieName: 'shop-canary', maxAgeSeconds: 86_400 } }),
  ],
  'a cookie with every attribute': [
    `analysis:
  sessionAffinity:
    {cookieName: c, primaryCookieName: p, maxAge: 60, domain: shop.example.com, path: /a, sameSite: None,
     secure: true, httpOnly: false, partitioned: true}
`,
    withAnalysis({
      affinity: {
        ...{ cookieName: 'c', maxAgeSeconds: 60, domain: 'shop.example.com', path: '/a', sameSite: 'None' },
        ...{ secure: true, httpOnly: false, partitioned: true },
      },
    }),
    'analysis.sessionAffinity.primaryCookieName: not used: users of the candidate stay with it; those of the stable version may move on to it',
  ],
  'rolling update with analysis': [
    'promotion: inPlace\nanalysis: {stepWeights: [20, 60]}',
    { ...withAnalysis({ strategy: { kind: 'weights', weights: [20, 60] } }), promotion: 'inPlace' },
  ],
  'rolling update whole, before any analysis': [
    'promotion: inPlace\nanalysis: {stepWeights: [100]}',
    { ...withAnalysis({ strategy: { kind: 'weights', weights: [100] } }), promotion: 'inPlace' },
    'analysis: all pods roll at once and nothing is judged: let the first weight be less than 100',
  ],
  'no analysis, and nothing at all for the time being': [
    'skipAnalysis: true\nsuspend: true',
    { ...usual, skipAnalysis: true, suspended: true },
  ],
  'without a mesh, ten checks and nobody to match': [
    'provider: kubernetes\nanalysis: {stepWeight: 10, match: [{headers: {a: {exact: b}}}]}',
    { ...withAnalysis({ strategy: { kind: 'iterations', iterations: 10 } }), router: 'none' },
    'analysis.match: not used: provider kubernetes splits no traffic, and the candidate is checked without',
    'analysis.stepWeight: not used: provider kubernetes splits no traffic, and the candidate is checked without',
  ],
  'without a mesh, no checks are ten as well': [
    'provider: kubernetes\nanalysis: {iterations: 0}',
    { ...withAnalysis({ strategy: { kind: 'iterations', iterations: 10 } }), router: 'none' },
    'analysis.iterations: read as 10',
  ],
  'in place without a mesh': [
    'provider: kubernetes\npromotion: inPlace',
    { ...usual, router: 'none', promotion: 'inPlace' },
  ],
  'Gateway API, with the parents of the route that is made': [
    'provider: gatewayapi:v1\nservice: {port: 80, gatewayRefs: [{name: public, namespace: infra, kind: Gateway, port: 443}]}',
    {
      ...usual,
      router: 'gateway',
      service: {
        port: 80,
        gatewayRefs: [{ name: 'public', namespace: 'infra', kind: 'Gateway', port: 443 }],
      },
    },
  ],
  'Gateway API in a mesh, where the parent is the Service': [
    'service: {gatewayRefs: [{group: "", kind: Service, name: web, sectionName: http}]}',
    {
      ...usual,
      service: { gatewayRefs: [{ name: 'web', sectionName: 'http', group: '', kind: 'Service' }] },
    },
  ],
  'the older Gateway API': ['provider: gatewayapi:v1beta1', { ...usual, router: 'gateway' }],
  'a scaler that is only named': [
    'autoscalerRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: web}',
    usual,
    'autoscalerRef.apiVersion: not used: the kind says it',
    'autoscalerRef: not used: the stable version keeps its scaler, and the replicas of the candidate follow its traffic',
  ],
  'a scaler that the twin gets a copy of': [
    'autoscalerRef: {kind: ScaledObject, name: web}\ntwinScaler: true',
    { ...usual, scaler: { kind: 'ScaledObject', name: 'web' } },
  ],
  'a scaler that the twin gets a copy of, with bounds of its own': [
    'autoscalerRef: {kind: HorizontalPodAutoscaler, name: web}\ntwinScaler: {minReplicas: 2, maxReplicas: 9}',
    { ...usual, scaler: { kind: 'HorizontalPodAutoscaler', name: 'web', minReplicas: 2, maxReplicas: 9 } },
  ],
  'what stands in objects of the user’s own': [
    'service: {retries: {attempts: 3}, trafficPolicy: {tls: {mode: DISABLE}}, apex: {labels: {a: b}}, delegation: true}\nanalysis: {primaryReadyThreshold: 90}',
    usual,
    'service.retries: not used: it stands in your own VirtualService or HTTPRoute, which keeps it',
    'service.trafficPolicy: not used: it stands in your own DestinationRule, which keeps it',
    'service.apex: not used: your objects keep the labels and annotations they have',
    'service.delegation: write the VirtualService that is delegated to yourself: it is edited like any other',
    'analysis.primaryReadyThreshold: not used: traffic goes to pods that are ready, and the trial waits for all of them',
  ],
  'what goes with another way to move the traffic': [
    'analysis: {iterations: 2, maxWeight: 50, stepWeightPromotion: 10, mirrorWeight: 5, sessionAffinity: {cookieName: c}}',
    withAnalysis({ strategy: { kind: 'iterations', iterations: 2 } }),
    'analysis.mirrorWeight: not used: mirror is not switched on',
    'analysis.maxWeight: not used: iterations move no share of the users',
    'analysis.stepWeightPromotion: not used: iterations move no share of the users',
    'analysis.sessionAffinity: not used: iterations move no share of the users',
  ],
  'a Canary of Flagger’s as a whole': [
    `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: web, namespace: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  service: {port: 80}
  analysis: {interval: 1m, threshold: 10, stepWeight: 25}
`,
    {
      ...withAnalysis({ threshold: 10, strategy: { kind: 'weights', weights: [25, 50] } }),
      service: { port: 80 },
    },
    'apiVersion: read as the plan of the Deployment it stands on',
    'kind: read as the plan of the Deployment it stands on',
    'metadata: not used: the plan is of the Deployment it stands on',
    'spec.targetRef: not used: the plan is of the Deployment it stands on',
  ],
};

for (const [behaviour, [text, spec, ...notes]] of Object.entries(understood)) {
  test(`understood: ${behaviour}`, () => deepEqual(parseCanary(text), { ok: true, spec, notes }));
}
