// What would weaken a release if it were passed over is refused, with a sentence that says why.
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanary } from '../../src/config/canary.ts';
import { regexProblem } from '../../src/config/regex.ts';
import * as schema from '../../src/config/schema.ts';
import { mistakesOf } from './plans.ts';

for (const [level, path] of [
  [schema.plan, []],
  [schema.service, ['service']],
  [schema.analysis, ['analysis']],
] as const)
  for (const [field, why] of Object.entries(level.refused))
    test(`${[...path, field].join('.')} is refused rather than passed over`, () => {
      const [top] = path;
      const text = JSON.stringify(top === undefined ? { [field]: true } : { [top]: { [field]: true } });
      deepEqual(mistakesOf(parseCanary(text)), [`${[...path, field].join('.')} ${why}`]);
    });

const refused: { readonly [behaviour: string]: readonly [text: string, ...mistakes: string[]] } = {
  'two ways to say the steps': [
    'analysis: {iterations: 3, stepWeights: [5]}',
    'analysis.stepWeights does not go with analysis.iterations: write one of iterations, stepWeight, stepWeights',
  ],
  'no checks at all': [
    'analysis: {iterations: 0}',
    'analysis.iterations: expected a whole number from 1 to 10000, got 0',
  ],
  'conditions without a number of checks': [
    'analysis: {match: [{headers: {a: {exact: b}}}]}',
    'analysis.iterations is missing: how many checks those who match are on trial for is needed',
  ],
  'copies of requests that the candidate answers itself': [
    'analysis: {iterations: 1, mirror: true, match: [{headers: {a: {exact: b}}}]}',
    'analysis.mirror does not go with match: who matches is answered by the candidate itself',
  ],
  'copies of no request, or of more than all': [
    'analysis: {mirror: true, mirrorWeight: 101}',
    'analysis.mirrorWeight: expected a whole number from 1 to 100, got 101',
  ],
  'traffic that is to be split in place': [
    'promotion: inPlace\nautoscalerRef: {kind: ScaledObject, name: a}\ntwinScaler: true\nanalysis: {iterations: 1, mirror: true, match: [{port: 1}], sessionAffinity: {cookieName: c}}',
    'twinScaler does not go with promotion inPlace, where there is no twin',
    'analysis.iterations does not go with promotion inPlace, which splits no traffic',
    'analysis.match does not go with promotion inPlace, which splits no traffic',
    'analysis.mirror does not go with promotion inPlace, which splits no traffic',
    'analysis.sessionAffinity does not go with promotion inPlace, which splits no traffic',
  ],
  'traffic that is to be split without a mesh': [
    'provider: kubernetes\nanalysis: {mirror: true, sessionAffinity: {cookieName: c}}',
    'analysis.mirror does not go with provider kubernetes, which splits no traffic',
    'analysis.sessionAffinity does not go with provider kubernetes, which splits no traffic',
  ],
  'conditions that would match everybody, or nobody as meant': [
    'analysis: {iterations: 1, match: [{}, {headers: {}}, {headers: {uri: {exact: /a}}}, {name: x}]}',
    'analysis.match[0] says nothing of a request, so it would match everybody',
    'analysis.match[1] says nothing of a request, so it would match everybody',
    'analysis.match[2].headers.uri is no header: write uri beside headers',
    'analysis.match[3] says nothing of a request, so it would match everybody',
  ],
  'conditions that are none': [
    `analysis:
  iterations: 1
  match:
  -
  - header: {a: {exact: b}}
  - headers: {"a b": {exact: c, prefix: d}, x: {}, y: {suffix: z}, z: }
  - headers: {a: {regex: "a(?=b)"}, b: {regex: "(("}}
  - {uri: /api, port: http, sourceLabels: {a: "b c"}, queryParams: {v: {}}}
`,
    'analysis.match[0] is missing: a condition is needed',
    'analysis.match[1].header is not a known field; did you mean headers?',
    'analysis.match[2].headers.a b is no name of a header',
    'analysis.match[2].headers.a b needs one of exact, prefix and regex',
    'analysis.match[2].headers.y.suffix is not a known field',
    'analysis.match[2].headers.y needs one of exact, prefix and regex',
    'analysis.match[2].headers.z is missing: exact, prefix or regex is needed',
    'analysis.match[3].headers.a.regex looks ahead, behind or back, which RE2 (the syntax of the proxies) cannot',
    'analysis.match[3].headers.b.regex is no regular expression: Unterminated group',
    'analysis.match[4].uri: expected a map, got "/api"',
    'analysis.match[4].queryParams.v needs one of exact, prefix and regex',
    'analysis.match[4].sourceLabels.a: expected the value of a label, got "b c"',
    'analysis.match[4].port: expected a whole number from 1 to 65535, got "http"',
  ],
  'a cookie that is none': [
    'analysis: {sessionAffinity: {cookieName: "a;b", primaryCookieName: c, maxAge: 0, domain: "a\\r\\nb", path: "a", sameSite: lax, secure: 1}}',
    'analysis.sessionAffinity.cookieName: expected the name of a cookie (letters, digits, _ and -), got "a;b"',
    'analysis.sessionAffinity.maxAge: expected a whole number from 1 to 34560000, got 0',
    'analysis.sessionAffinity.domain: expected a domain, got "a\\r\\nb"',
    'analysis.sessionAffinity.path: expected a path that begins with /, got "a"',
    'analysis.sessionAffinity.sameSite: expected Strict or Lax or None, got "lax"',
    'analysis.sessionAffinity.secure: expected true or false, got 1',
  ],
  'one cookie for both versions': [
    'analysis: {sessionAffinity: {cookieName: a, primaryCookieName: a}}',
    'analysis.sessionAffinity.primaryCookieName must differ from cookieName',
  ],
  'a cookie without a name': [
    'analysis: {sessionAffinity: {maxAge: 5}}',
    'analysis.sessionAffinity.cookieName is missing: the name of the cookie is needed',
  ],
  'webhooks that cannot be called': [
    `analysis:
  webhooks:
  - {name: a, url: "ftp://x/", type: pre-roll, timeout: 11m, retries: -1, metadata: {a: 1, b: }}
  - {url: "http://me:secret@x/", hmac: x}
  - {name: c, url: "http://127.0.0.1:8080/"}
  - {name: d}
  -
`,
    'analysis.webhooks[0].url is no URL of http or https',
    'analysis.webhooks[0].type: expected confirm-rollout or pre-rollout or rollout or confirm-traffic-increase or confirm-promotion or rollback or post-rollout or event, got "pre-roll"',
    'analysis.webhooks[0].timeout is longer than 10m: a gate that takes time says no until it is open',
    'analysis.webhooks[0].retries: expected a whole number from 0 to 10, got -1',
    'analysis.webhooks[0].metadata.a: expected a text, got 1',
    'analysis.webhooks[0].metadata.b is missing: a text is needed',
    'analysis.webhooks[1].hmac is not a known field',
    'analysis.webhooks[1].name is missing: the name of the webhook is needed',
    'analysis.webhooks[1].url holds a password: put it into a Secret',
    'analysis.webhooks[2].url is Serin’s own machine',
    'analysis.webhooks[3].url is missing: the URL that is called is needed',
    'analysis.webhooks[4] is missing: a webhook is needed',
  ],
  'two webhooks of one name and type': [
    'analysis: {webhooks: [{name: a, url: "http://x/"}, {name: a, type: rollout, url: "http://y/"}]}',
    'analysis.webhooks names a twice as rollout: give each a name of its own',
  ],
  'a delegated VirtualService with hosts': [
    'service: {delegation: true, hosts: [a]}',
    'service.delegation does not go with service.hosts: the VirtualService that delegates says them',
  ],
  'a Gateway without a name': [
    'service: {gatewayRefs: [{kind: Gateway, weight: 1}]}',
    'service.gatewayRefs[0].weight is not a known field',
    'service.gatewayRefs[0].name is missing: the name of the Gateway is needed',
  ],
  'a scaler for the twin that is not named': [
    'twinScaler: {minReplicas: 3, maxReplicas: 2}',
    'autoscalerRef is missing: kind and name of the scaler that twinScaler copies is needed',
    'twinScaler.minReplicas is above maxReplicas: 3 and 2',
  ],
  'a scaler that is none': [
    'autoscalerRef: {kind: Keda}\ntwinScaler: true',
    'autoscalerRef.kind: expected HorizontalPodAutoscaler or ScaledObject, got "Keda"',
    'autoscalerRef.name is missing: what the scaler is is needed',
  ],
  'mistakes in a Canary that was pasted in as a whole': [
    'apiVersion: flagger.app/v1beta1\nkind: Canary\nspec: {analysis: {iteration: 3}}\ndata: {}',
    'data is not a known field',
  ],
  'an object that only calls itself so': [
    'apiVersion: example.com/v1\nkind: Canary\nspec: {}',
    'apiVersion is not a known field',
    'kind is not a known field',
    'spec is not a known field',
  ],
};

for (const [behaviour, [text, ...mistakes]] of Object.entries(refused))
  test(`refused: ${behaviour}`, () => deepEqual(mistakesOf(parseCanary(text)), mistakes));

test('conditions that no HTTPRoute knows are refused where Gateway API is asked for', () => {
  const text =
    'iterations: 1, match: [{sourceLabels: {a: b}}, {method: {regex: "G.*"}}, {uri: {prefix: /a}}]';
  deepEqual(
    mistakesOf(parseCanary(`provider: gatewayapi:v1\nanalysis: {${text}}`)).map((line) => line.split(':')[0]),
    [
      'analysis.match[0] cannot be said with Gateway API',
      'analysis.match[1] cannot be said with Gateway API',
    ],
  );
  deepEqual(mistakesOf(parseCanary(`provider: istio\nanalysis: {${text}}`)), []);
});

test('expressions of RE2 are taken, and those it cannot match are not', () => {
  const fine = [
    '',
    'a+?',
    '(?i)beta',
    '(?P<x>a)',
    '(?s:.)',
    '[[:alpha:]]',
    '\\\\1',
    '\\d{3}',
    '^(.*;)?a=b(;.*)?$',
  ];
  deepEqual(
    fine.map((each) => regexProblem(each)),
    fine.map(() => undefined),
  );
  const wrong = ['(', '[a', 'a**', 'a++', '\\1', '(?<=a)b', '(?!a)', '(?>a)', 'x'.repeat(1025)];
  deepEqual(
    wrong.filter((each) => regexProblem(each) === undefined),
    [],
  );
});
