import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../src/rollout/types.ts';
import type { Beside } from '../../src/rollout/strategy.ts';
import { gateway } from '../../src/routing/gateway.ts';
import { objectAt } from '../../src/routing/json.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { aRoute, backends, cookie, to } from './gateway-builders.ts';
import { patched, web } from './builders.ts';

const routeIn = (file: string): JsonObject =>
  parse(readFileSync(new URL(`httproutes/${file}.yaml`, import.meta.url), 'utf8')) as JsonObject;
const beside: Beside = {
  mirror: 30,
  match: [
    { headers: { 'x-canary': { exact: 'yes' }, 'user-agent': { prefix: 'Fire.fox' } } },
    { uri: { prefix: '/api/v2' }, queryParams: { v: { regex: '2.*' } } },
  ],
  affinity: cookie,
};

for (const file of ['shop', 'mesh', 'grpc']) {
  const asked = file === 'grpc' ? { ...beside, match: [{ headers: { 'x-canary': {} } }] } : beside;
  for (const [name, given] of [
    [file, undefined],
    [`${file}-beside`, asked],
  ] as const) {
    test(`the split of ${name} is as kept, and taking it out leaves the file`, () => {
      const before = routeIn(file);
      const patch = gateway.split(before, web, 20, given === undefined ? {} : { beside: given });
      const after = patched(before, patch);
      golden(
        `routing/gateway/${name}.yaml`,
        stringify({ patch, result: after }, { lineWidth: 0, aliasDuplicateObjects: false }),
      );
      deepEqual(gateway.split(after, web, 20, given === undefined ? {} : { beside: given }), []);
      equal(JSON.stringify(patched(after, gateway.unsplit(after, web))), JSON.stringify(before));
    });
  }
}

const references: readonly (readonly [reference: JsonObject, namespace: string, carried: boolean])[] = [
  [{ name: 'web' }, 'shop', true],
  [{ name: 'web', group: '', kind: 'Service' }, 'shop', true],
  [{ name: 'web', namespace: 'shop' }, 'other', true],
  [{ name: 'web' }, 'other', false],
  [{ name: 'web', namespace: 'other' }, 'shop', false],
  [{ name: 'web', kind: 'InferencePool', group: 'inference.networking.k8s.io' }, 'shop', false],
  [{ name: 'web', kind: 'ServiceImport', group: 'multicluster.x-k8s.io' }, 'shop', false],
  [{ name: 'web2' }, 'shop', false],
];
test('a route that sends its own hostnames to the twin’s Service is its owner’s; without them it is taken back', () => {
  const rules = [{ backendRefs: [{ name: 'web-canary', port: 80 }] }];
  const route = aRoute(rules);
  const spec = { ...objectAt(route, 'spec'), parentRefs: [{ name: 'public' }] };
  const preview = { ...route, spec: { ...spec, hostnames: ['next.example.com'] } };
  equal(gateway.isEdited(preview, web), false);
  deepEqual(gateway.split(preview, web, 20), []);
  equal(gateway.isEdited({ ...route, spec }, web), true);
  const parentRefs = [{ kind: 'Service', group: '', name: 'web' }];
  equal(gateway.isEdited({ ...preview, spec: { ...preview.spec, parentRefs } }, web), true);
});

for (const [reference, namespace, carried] of references) {
  test(`${JSON.stringify(reference)} in a route of ${namespace} ${carried ? 'is' : 'is not'} ours`, () => {
    const route = aRoute([{ backendRefs: [reference] }], namespace);
    equal(gateway.carries(route, web), carried);
    equal(gateway.split(route, web, 10).length > 0, carried);
  });
}

const weights: readonly (readonly [before: JsonObject[], percent: number, expected: string[]])[] = [
  [[to('web')], 5, ['web 95', 'web-canary 5']],
  [[to('web', 1)], 100, ['web 0', 'web-canary 100']],
  [[to('web', 100)], 20, ['web 80', 'web-canary 20']],
  [[to('web', 0), to('api', 1)], 50, ['web 0', 'api 1']],
  [[to('web', 3), to('api')], 10, ['web 270', 'web-canary 30', 'api 100']],
  [[to('web', 60), to('api', 40)], 10, ['web 270', 'web-canary 30', 'api 200']],
  [[to('web', 500_000)], 1, ['web 495000', 'web-canary 5000']],
  [[to('web', 3), to('api', 1_000_000)], 50, ['web 1', 'web-canary 2', 'api 1000000']],
  [[to('web', 1), to('api', 1_000_000)], 99, ['web 1', 'api 1000000']],
  [[to('web', 1), to('api', 20_000)], 10, ['web 45', 'web-canary 5', 'api 1000000']],
];
for (const [before, percent, expected] of weights) {
  test(`${percent} percent beside ${JSON.stringify(before)} is ${expected.join(', ')}`, () => {
    const route = aRoute([{ backendRefs: before }]);
    deepEqual(backends(patched(route, gateway.split(route, web, percent))), expected);
  });
}

test('a change of weight alone replaces two numbers and the annotation', () => {
  const before = aRoute([{ backendRefs: [to('web', 3), to('api', 2)] }]);
  const ten = patched(before, gateway.split(before, web, 10));
  deepEqual(gateway.split(ten, web, 20), [
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'replace', path: '/spec/rules/0/backendRefs/0/weight', value: 240 },
    { op: 'replace', path: '/spec/rules/0/backendRefs/1/weight', value: 60 },
    {
      op: 'replace',
      path: '/metadata/annotations/serin.dev~1split',
      value: '{"web.shop":{"weight":20,"was":[3,2]}}',
    },
  ]);
});

test('the user’s edits meanwhile stay, and the way they had written the weights comes back', () => {
  const before = aRoute([{ backendRefs: [to('web'), to('api', 2)] }, { backendRefs: [to('web')] }]);
  const half = patched(before, gateway.split(before, web, 50));
  const filters = [{ type: 'ExtensionRef', extensionRef: { group: 'a.b', kind: 'C', name: 'd' } }];
  const edited = patched(half, [
    { op: 'add', path: '/spec/rules/0', value: { backendRefs: [to('new'), to('web')] } },
    { op: 'add', path: '/spec/rules/1/filters', value: filters },
    { op: 'add', path: '/spec/rules/1/backendRefs/0/filters', value: filters },
    { op: 'add', path: '/spec/rules/2/backendRefs/0', value: to('third', 100) },
  ]);
  deepEqual(patched(edited, gateway.unsplit(edited, web))['spec'], {
    rules: [
      { backendRefs: [to('new'), to('web')] },
      { backendRefs: [{ ...to('web'), filters }, to('api', 2)], filters },
      // Whose weights are not those that were split keeps what it has, which is in proportion.
      { backendRefs: [to('third', 100), to('web', 100)] },
    ],
  });
  const more = patched(edited, gateway.split(edited, web, 10));
  deepEqual(
    [0, 1, 2].map((at) => backends(more, at)),
    [
      ['new 100', 'web 90', 'web-canary 10'],
      ['web 90', 'web-canary 10', 'api 200'],
      ['third 100', 'web 90', 'web-canary 10'],
    ],
  );
});

test('where a user takes stable out of a rule, its traffic goes to stable and not to the candidate', () => {
  const before = aRoute([{ backendRefs: [to('web'), to('api')] }]);
  const half = patched(before, gateway.split(before, web, 50));
  const edited = patched(half, [{ op: 'remove', path: '/spec/rules/0/backendRefs/0' }]);
  deepEqual(backends(patched(edited, gateway.unsplit(edited, web))), ['api 100', 'web 50']);
});

test('two Services behind one rule are split, matched and cleared each on its own, in any order', () => {
  const api = { service: { ...web.service, name: 'api' }, twinService: 'api-canary' };
  const before = aRoute([{ backendRefs: [to('web'), to('other')] }, { backendRefs: [to('api', 100)] }]);
  const match = { beside: { match: [{ headers: { 'x-canary': {} } }] } };
  const orders = [
    [web, api],
    [api, web],
  ].map((order) =>
    order.reduce((object, target) => patched(object, gateway.split(object, target, 50, match)), before),
  );
  for (const both of orders) {
    deepEqual(both['spec'], orders[0]?.['spec']);
    for (const target of [web, api]) deepEqual(gateway.split(both, target, 50, match), []);
    const cleared = patched(both, gateway.unsplit(both, web));
    deepEqual(cleared, patched(before, gateway.split(before, api, 50, match)));
    deepEqual(patched(cleared, gateway.unsplit(cleared, api)), before);
  }
});

test('the split of a Service of the same name in another namespace is none of ours', () => {
  const route = aRoute([{ backendRefs: [to('web')] }]);
  const theirs = patched(route, gateway.split(route, web, 30, { beside }));
  const ours = { ...web, service: { ...web.service, namespace: 'another' } };
  equal(gateway.isEdited(theirs, web), true);
  equal(gateway.isEdited(theirs, ours), false);
  equal(gateway.carries(theirs, ours), false);
});

test('a cookie keeps nobody at the twin while it has no weight', () => {
  const route = aRoute([{ backendRefs: [to('web')] }]);
  deepEqual(
    patched(route, gateway.split(route, web, 0, { beside: { affinity: cookie } }))['spec'],
    route['spec'],
  );
});

test('a route that is made for a Gateway, or for the Service itself, is split and known as ours', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u' };
  const gatewayRefs = [{ name: 'edge', namespace: 'infra' }];
  const made = [{}, { gatewayRefs, hosts: ['shop.example.com', '*'] }].map((wanted) =>
    gateway.generated(web, owner, wanted),
  );
  golden('routing/gateway/generated.yaml', stringify(made, { aliasDuplicateObjects: false }));
  for (const route of made) {
    deepEqual([gateway.isGenerated(route, web), gateway.isEdited(route, web)], [true, true]);
    deepEqual(backends(patched(route, gateway.split(route, web, 30))), ['web 70', 'web-canary 30']);
  }
});

test('what the routes say of a split is told as for Istio', () => {
  const route = aRoute([{ backendRefs: [to('web')] }]);
  deepEqual(gateway.seen([], web), { kind: 'none', why: 'no HTTPRoute routes to Service shop/web' });
  deepEqual(gateway.seen([route], web), { kind: 'split', weight: 0, uniform: true, edited: false });
  const asked = { beside, rolledBack: 'abc' };
  const half = patched(route, gateway.split(route, web, 50, asked));
  const expected = { kind: 'split', weight: 50, uniform: true, edited: true, beside, rolledBack: 'abc' };
  deepEqual(gateway.seen([half], web), expected);
  const drifted = patched(half, [
    { op: 'replace', path: '/spec/rules', value: [{ backendRefs: [to('web')] }] },
  ]);
  deepEqual(gateway.seen([drifted], web), { ...expected, weight: 0, uniform: false });
});

test('no golden file of this folder is stale', () => noStaleGolden('routing/gateway'));
