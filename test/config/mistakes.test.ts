import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCanary } from '../../src/config/canary.ts';
import { checksOf } from '../../src/rollout/strategy.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { mistakesOf } from './plans.ts';

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]',
  'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]',
  'd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]',
  'e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]',
];

const refused: { readonly [behaviour: string]: readonly [text: string, ...mistakes: string[]] } = {
  'a word that is no plan': [
    'enabled',
    'serin.dev/canary: expected a map of settings, or the word disabled, got "enabled"',
  ],
  'a text that is not YAML': [
    'analysis: [1',
    'serin.dev/canary is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 13',
  ],
  'a key that stands twice': [
    'analysis: {threshold: 1, threshold: 2}',
    'serin.dev/canary names "threshold" twice in one map',
  ],
  'a tag of its own': [
    'service: !!js/function x',
    'serin.dev/canary is not YAML: Unresolved tag: tag:yaml.org,2002:js/function at line 1, column 10',
  ],
  'a tag that makes something else of a text': [
    'service: {name: !!binary aGk=}',
    'serin.dev/canary is not YAML: Unresolved tag: tag:yaml.org,2002:binary at line 1, column 17',
  ],
  'a bomb of aliases': [
    bomb.join('\n'),
    'serin.dev/canary is not YAML: Excessive alias count indicates a resource exhaustion attack',
  ],
  'a text beyond the limit': [
    `service: {name: ${'x'.repeat(65_536)}}`,
    'serin.dev/canary is 65553 bytes long; at most 65536 are read',
  ],
  'the analysis said under both names': [
    'analysis: {threshold: 1}\ncanaryAnalysis: {threshold: 1}',
    'canaryAnalysis says the same as analysis: remove one of them',
  ],
  'steps said both ways': [
    'analysis: {stepWeight: 10, stepWeights: [10]}',
    'analysis.stepWeight says the same as analysis.stepWeights: remove one of them',
  ],
  'steps that fall': [
    'analysis: {stepWeights: [5, 20, 20]}',
    'analysis.stepWeights must rise: 20 comes after 20',
  ],
  'a comparison of nothing': [
    'analysis: {compare: {errorRate: false, latency: false}}',
    'analysis.compare compares nothing: write compare: false to switch it off',
  ],
  'a comparison that cannot be': [
    'analysis: {compare: {falseRollback: 2, tolerance: 0.5, alpha: 1}}',
    'analysis.compare.alpha is not a known field',
    'analysis.compare.falseRollback: expected a number from 0.000001 to 0.5, got 2',
    'analysis.compare.tolerance: expected a number from 1 to 100, got 0.5',
  ],
  'no steps at all': [
    'analysis: {stepWeights: []}',
    'analysis.stepWeights is empty: at least one weight is needed',
  ],
  'an interval below a second': [
    'analysis: {interval: 999ms}',
    'analysis.interval: expected a duration from 1s to 168h, such as 60s or 1m30s, got "999ms"',
  ],
  'an interval above a week': [
    'analysis: {interval: 168h1s}',
    'analysis.interval: expected a duration from 1s to 168h, such as 60s or 1m30s, got "168h1s"',
  ],
  'a switch thrown both ways': [
    'enabled: false\nenable: true\n',
    'enable says the same as enabled: remove one of them',
  ],
  "a chart's section beside other settings": [
    'canary: {enable: true}\nservice: {name: web}\n',
    'canary is not a known field',
  ],
  'a text of blanks': ['service: {hosts: ["  "]}', 'service.hosts[0]: expected a text, got "  "'],
  'a value that is long, which is shown in part': [
    `onFailure: ${'x'.repeat(100)}`,
    `onFailure: expected hold or restore, got "${'x'.repeat(58)}…`,
  ],
  'an interval without a unit': [
    'analysis: {interval: 60}',
    'analysis.interval: expected a duration from 1s to 168h, such as 60s or 1m30s, got 60',
  ],
  'a number that is a text': [
    'analysis: {threshold: "5"}',
    'analysis.threshold: expected a whole number from 1 to 10000, got "5"',
  ],
  'a number that is none': [
    'analysis: {threshold: .nan, maxWeight: .inf}',
    'analysis.threshold: expected a whole number from 1 to 10000, got NaN',
    'analysis.maxWeight: expected a whole number from 1 to 100, got Infinity',
  ],
  'a bound the metric does not have': [
    'analysis: {metrics: [{name: request-success-rate, thresholdRange: {max: 5}}]}',
    'analysis.metrics[0].thresholdRange.min is missing: a min in percent, such as 99, is needed',
  ],
  'a metric of its own without a query or a bound': [
    'analysis: {metrics: [{name: queue}]}',
    'analysis.metrics[0].thresholdRange is missing: min or max or both are needed',
    'analysis.metrics[0].query is missing: the query of a metric that is not request-success-rate or request-duration is needed',
  ],
  'a query under the name of a built-in metric': [
    'analysis: {metrics: [{name: request-duration, threshold: 1, query: up}]}',
    'analysis.metrics[0].query is not taken by request-duration, which is built in: remove it or name the metric otherwise',
  ],
  'a query with a name nothing is known of': [
    'analysis: {metrics: [{name: queue, threshold: 1, query: "up{pod=~\'{{ primary }}\'}"}]}',
    'analysis.metrics[0].query holds {{ primary }}; what can be filled in is namespace, name, target, service, interval, variables (as variables.NAME)',
  ],
  'a threshold given both ways': [
    'analysis: {metrics: [{name: request-duration, threshold: 1, thresholdRange: {max: 1}}]}',
    'analysis.metrics[0].threshold says the same as analysis.metrics[0].thresholdRange: remove it',
  ],
  'an unknown name, with the known one that is nearest': [
    'analysis: {stepWieght: 3, iteration: 2, colour: red}\n__proto__: {x: 1}\nconstructor: 1\n',
    '__proto__ is not a known field',
    'constructor is not a known field',
    'analysis.stepWieght is not a known field; did you mean stepWeight?',
    'analysis.iteration is not a known field; did you mean iterations?',
    'analysis.colour is not a known field',
  ],
  'a promotion, a provider and a target that there is not': [
    'promotion: recreate\nprovider: linkerd\ntargetRef: {kind: DaemonSet}\n',
    'targetRef.kind: expected Deployment, the one kind that is released, got "DaemonSet"',
    'provider is not one that Serin splits traffic with: istio, gatewayapi:v1 (of whichever mesh or ingress reads HTTPRoutes), gatewayapi:v1beta1, or kubernetes, which splits none',
    'promotion: expected shift or inPlace, got "recreate"',
  ],
  'names and ports that cannot be': [
    'service: {name: Web_1, port: 0, hosts: shop, gateways: [""], virtualService: {routes: [a]}}',
    'service.virtualService.name is missing: the name of the VirtualService is needed',
    'service.name: expected the name of an object (lower-case letters, digits and -), got "Web_1"',
    'service.port: expected a whole number from 1 to 65535, got 0',
    'service.hosts: expected a list, got "shop"',
    'service.gateways[0]: expected a text, got ""',
  ],
};

for (const [behaviour, [text, ...mistakes]] of Object.entries(refused)) {
  test(`refused: ${behaviour}`, () => deepEqual(mistakesOf(parseCanary(text)), mistakes));
}

test('every mistake is reported at once, each with its path', () => {
  const text = `onFailure: ignore
progressDeadlineSeconds: 1.5
service: [web]
analysis:
  threshold: 0
  interval: soon
  maxWeight: 101
  stepWeight: -1
  webhooks: [{url: http://gate}]
  metrics:
  - {name: request-success-rate, thresholdRange: {min: 101}}
  - {name: request-duration, thresholdRange: {max: "500"}, interval: 1}
  - {name: queue, thresholdRange: {min: 5, max: 4}, query: up, templateRef: {name: x}}
  - {thresholdRange: {min: 5}}
  -
  - latency
`;
  const parsed = parseCanary(text);
  equal(parsed.ok, false);
  golden('config/mistakes.txt', `${mistakesOf(parsed).join('\n')}\n`);
});

test('a long list of mistakes is cut, and the rest is counted', () => {
  const text = JSON.stringify(
    Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1])),
  );
  const lines = mistakesOf(parseCanary(text));
  equal(lines.length, 41);
  equal(lines.at(-1), 'and 960 more');
});

test('a key of many lines stays one line of the report', () => {
  deepEqual(mistakesOf(parseCanary('{"a\\nb": 1}')), ['a b is not a known field']);
});

test('any text at all gets an answer', () => {
  const value = fc
    .anything({ withNullPrototype: false, maxDepth: 3 })
    .map((any) => JSON.stringify(any) ?? '');
  const named = fc.dictionary(
    fc.constantFrom('analysis', 'service', 'metrics', 'stepWeights', 'enabled', '__proto__', 'canary'),
    fc.jsonValue(),
  );
  const texts = fc.oneof(
    fc.string(),
    value,
    named.map((map) => JSON.stringify({ analysis: map, ...map })),
  );
  fc.assert(
    fc.property(texts, texts, (text, defaults) => {
      const parsed = parseCanary(text, defaults);
      if (parsed.ok === false) ok(parsed.mistakes.length > 0);
      if (parsed.ok === true) ok(checksOf(parsed.spec.analysis.strategy) > 0);
    }),
  );
});

test('a text of thousands of keys is answered at once', () => {
  const text = `{${Array.from({ length: 13_000 }, (_, index) => index.toString(36)).join(',')}}`;
  match(mistakesOf(parseCanary(text)).at(-1) ?? '', /^and \d+ more$/);
});

test('no golden report is left that no test asks for', () => noStaleGolden('config'));
