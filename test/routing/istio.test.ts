import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import type { JsonObject } from '../../src/rollout/types.ts';
import { carries, isEdited, split, unsplit } from '../../src/routing/istio.ts';
import { splitAnnotation } from '../../src/routing/types.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { aVirtualService, patched, shares, to, virtualServiceIn, web } from './builders.ts';

for (const file of ['bookstore', 'subsets', 'shared-weights', 'streams', 'delegate']) {
  test(`the split of ${file}.yaml is as kept, and taking it out leaves the file`, () => {
    const before = virtualServiceIn(file);
    const patch = split(before, web, 20);
    const after = patched(before, patch);
    golden(
      `routing/split/${file}.yaml`,
      stringify({ patch, result: after }, { lineWidth: 0, aliasDuplicateObjects: false }),
    );
    equal(JSON.stringify(patched(after, unsplit(after, web))), JSON.stringify(before));
  });
}

const hosts: readonly (readonly [host: string, namespace: string, carried: boolean])[] = [
  ['web', 'shop', true],
  ['web', 'other', false],
  ['web.shop', 'other', true],
  ['web.shop.svc', 'other', true],
  ['web.shop.svc.cluster.local', 'other', true],
  ['web.shop.svc.corp.internal', 'other', true],
  ['web.shop.svc.clusterset.local', 'other', false],
  ['web.shop.com', 'shop', false],
  ['web.other.svc.cluster.local', 'shop', false],
  ['web-canary', 'other', false],
  ['web2', 'shop', false],
];
for (const [host, namespace, carried] of hosts) {
  test(`a route to ${host} in a VirtualService of ${namespace} ${carried ? 'is' : 'is not'} ours`, () => {
    const route = aVirtualService([[to(host)]], { namespace });
    equal(carries(route, web), carried);
    equal(split(route, web, 10).length > 0, carried);
  });
}

test('a mirror to the Service carries nothing', () => {
  const route = aVirtualService([[to('other')]]);
  const mirrored = { ...route, spec: { http: [{ route: [to('other')], mirror: { host: 'web' } }] } };
  equal(carries(mirrored, web), false);
  deepEqual(split(mirrored, web, 50), []);
});

const weights: readonly (readonly [whole: number | undefined, weight: number, expected: string[]])[] = [
  [undefined, 5, ['web 95', 'web-canary 5']],
  [100, 100, ['web 0', 'web-canary 100']],
  [0, 30, ['web 70', 'web-canary 30']],
  [40, 50, ['web 20', 'web-canary 20']],
  [10, 1, ['web 9', 'web-canary 1']],
  [10, 99, ['web 1', 'web-canary 9']],
  [1, 50, ['web 1']],
  [1, 100, ['web 0', 'web-canary 1']],
];
for (const [whole, weight, expected] of weights) {
  test(`${weight} percent of a lone destination of weight ${whole ?? 'unsaid'} is ${expected.join(', ')}`, () => {
    const route = aVirtualService([[to('web', whole)]]);
    deepEqual(shares(patched(route, split(route, web, weight))), expected);
  });
}

test('a destination that has no weight beside others gets no twin: it has no traffic to share', () => {
  const route = aVirtualService([[to('web'), to('other', 100)]]);
  deepEqual(shares(patched(route, split(route, web, 50))), ['web -', 'other 100']);
});

test('at weight 0 the routes are the user’s own and the annotation keeps the mark of the rollback', () => {
  const before = aVirtualService([[to('web')], [to('web', 60), to('other', 40)]]);
  const half = patched(before, split(before, web, 50));
  const back = patched(half, split(half, web, 0, { rolledBack: 'abc' }));
  deepEqual(back['spec'], before['spec']);
  deepEqual(back['metadata'], {
    ...(before['metadata'] as object),
    annotations: { [splitAnnotation]: '{"web.shop":{"weight":0,"rolledBack":"abc","was":[]}}' },
  });
});

test('a change of weight alone replaces two numbers and the annotation', () => {
  const before = aVirtualService([[to('web')]]);
  const ten = patched(before, split(before, web, 10));
  deepEqual(split(ten, web, 20), [
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'replace', path: '/spec/http/0/route/0/weight', value: 80 },
    { op: 'replace', path: '/spec/http/0/route/1/weight', value: 20 },
    {
      op: 'replace',
      path: '/metadata/annotations/serin.dev~1split',
      value: '{"web.shop":{"weight":20,"was":[null]}}',
    },
  ]);
});

test('taking twins out removes them where they stand', () => {
  const before = aVirtualService([[to('web', 60), to('x', 10), to('web.shop', 30)]]);
  const half = patched(before, split(before, web, 50));
  deepEqual(unsplit(half, web).slice(1), [
    { op: 'replace', path: '/spec/http/0/route/0/weight', value: 60 },
    { op: 'remove', path: '/spec/http/0/route/1' },
    { op: 'replace', path: '/spec/http/0/route/2/weight', value: 30 },
    { op: 'remove', path: '/spec/http/0/route/3' },
    { op: 'remove', path: '/metadata/annotations' },
  ]);
});

test('two Services behind one VirtualService are split and cleared each on its own', () => {
  const api = { service: { ...web.service, name: 'api' }, twinService: 'api-canary' };
  const before = aVirtualService([[to('web')], [to('api', 100)]]);
  const first = patched(before, split(before, web, 20));
  const both = patched(first, split(first, api, 50));
  deepEqual(shares(both, 0), ['web 80', 'web-canary 20']);
  deepEqual(shares(both, 1), ['api 50', 'api-canary 50']);
  const webCleared = patched(both, unsplit(both, web));
  deepEqual(webCleared, patched(before, split(before, api, 50)));
  deepEqual(patched(webCleared, unsplit(webCleared, api)), before);
});

test('a restriction leaves every other route and VirtualService alone, and clears what it no longer covers', () => {
  const before = virtualServiceIn('bookstore');
  const api = { service: { ...web.service, name: 'api' }, twinService: 'api-canary' };
  const only = { name: 'bookstore', routes: ['primary'] };
  equal(carries(before, web, only), true);
  equal(carries(before, web, { name: 'shop/bookstore' }), true);
  equal(carries(before, web, { name: 'other/bookstore' }), false);
  equal(carries(before, web, { name: 'other' }), false);
  equal(carries(before, api, only), false);
  const named = {
    ...aVirtualService([]),
    spec: { http: ['a', 'b'].map((name) => ({ name, route: [to('web')] })) },
  };
  const one = patched(named, split(named, web, 30, { restriction: { name: 'web', routes: ['b'] } }));
  deepEqual([shares(one, 0), shares(one, 1)], [['web -'], ['web 70', 'web-canary 30']]);
  const wide = patched(before, split(before, api, 30));
  deepEqual(patched(wide, split(wide, api, 30, { restriction: only })), before);
});

test('the user’s edits meanwhile stay, and the way they had written the weights comes back', () => {
  const before = aVirtualService([[to('web')], [to('web', 100)]]);
  const half = patched(before, split(before, web, 50));
  const edited = patched(half, [
    { op: 'add', path: '/spec/http/0/timeout', value: '3s' },
    { op: 'add', path: '/spec/http/0', value: { match: [{ uri: { exact: '/x' } }], route: [to('web')] } },
    { op: 'replace', path: '/metadata/resourceVersion', value: '8' },
  ]);
  deepEqual(patched(edited, unsplit(edited, web)), {
    ...before,
    metadata: { ...(before['metadata'] as object), resourceVersion: '8' },
    spec: {
      hosts: ['web'],
      http: [
        { match: [{ uri: { exact: '/x' } }], route: [to('web')] },
        { route: [to('web')], timeout: '3s' },
        { route: [to('web', 100)] },
      ],
    },
  });
});

test('weights that the user changed meanwhile stand, shared with the twin or not', () => {
  const before = aVirtualService([[to('web', 90), to('x', 10)]]);
  const half = patched(before, split(before, web, 50));
  const edited = patched(half, [{ op: 'replace', path: '/spec/http/0/route/0/weight', value: 25 }]);
  deepEqual(shares(patched(edited, unsplit(edited, web))), ['web 70', 'x 10']);
});

const damaged: readonly (readonly [what: string, list: ReturnType<typeof to>[], expected: string[]])[] = [
  ['without annotation', [to('web', 80), to('web-canary', 20)], ['web 100']],
  [
    'with the twin moved to the front',
    [to('web-canary', 30), to('x', 20), to('web', 50)],
    ['x 20', 'web 80'],
  ],
  ['with two twins', [to('web', 50), to('web-canary', 30), to('web-canary', 20)], ['web 100']],
  ['with stable taken away', [to('web-canary', 30), to('x', 70)], ['x 70', 'web 30']],
];
for (const [what, list, expected] of damaged) {
  test(`a split ${what} is cleared with all of its weight on stable`, () => {
    const route = aVirtualService([list]);
    equal(isEdited(route, web), true);
    const cleared = patched(route, unsplit(route, web));
    deepEqual(shares(cleared), expected);
    equal(isEdited(cleared, web), false);
  });
}

const previews: readonly (readonly [
  what: string,
  hosts: string[],
  lists: JsonObject[][],
  isTheirs: boolean,
])[] = [
  ['a host of its own', ['next.example.com'], [[to('web-canary')]], true],
  ['two routes of it', ['next.example.com'], [[to('web-canary', 100)], [to('docs')]], true],
  ['the host of the twin’s Service', ['web-canary'], [[to('web-canary')]], true],
  ['the Service’s own host', ['web'], [[to('web-canary')]], false],
  ['any host', ['*'], [[to('web-canary')]], false],
  ['a part of what comes to a host', ['next.example.com'], [[to('web-canary', 30), to('docs', 70)]], false],
  ['stable as well', ['shop.example.com'], [[to('web-canary')], [to('web')]], false],
];
for (const [what, names, lists, isTheirs] of previews)
  test(`a route to the twin’s Service by ${what} is ${isTheirs ? 'its owner’s' : 'taken back'}`, () => {
    const route = aVirtualService(lists);
    const preview = { ...route, spec: { ...(route['spec'] as JsonObject), hosts: names } };
    equal(isEdited(preview, web), !isTheirs);
    equal(unsplit(preview, web).length === 0, isTheirs);
    equal(split(preview, web, 20).length === 0, isTheirs);
  });

test('an annotation that cannot be read is written anew, and taken out when cleared', () => {
  const route = aVirtualService([[to('web')]]);
  const broken = {
    ...route,
    metadata: { ...(route['metadata'] as object), annotations: { [splitAnnotation]: '{' } },
  };
  deepEqual(patched(broken, split(broken, web, 10)), patched(route, split(route, web, 10)));
  deepEqual(patched(broken, unsplit(broken, web)), route);
});

test('an object without resourceVersion is patched without a test of it', () => {
  const fresh = { ...aVirtualService([[to('web')]]), metadata: { namespace: 'shop' } };
  deepEqual(
    split(fresh, web, 10).map(({ op }) => op),
    ['add', 'add', 'add'],
  );
});

test('no golden file of a split is left over', () => noStaleGolden('routing/split'));
