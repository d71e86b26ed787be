import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { gateway } from '../../src/routing/gateway.ts';
import { aRoute, backends, to } from './gateway-builders.ts';
import { patched, web } from './builders.ts';

const refusals: readonly (readonly [condition: JsonObject, own: JsonObject, why: string | undefined])[] = [
  [{ headers: { a: { exact: '1' } } }, {}, undefined],
  [{ headers: { a: { exact: '1' } } }, { headers: [{ name: 'A', value: '2' }] }, undefined],
  [
    { headers: { a: { regex: '1' } } },
    { headers: [{ name: 'A', value: '2' }] },
    'a rule matches headers a already, and can do so but once',
  ],
  [{ sourceLabels: { a: 'b' } }, {}, 'a rule of HTTPRoute cannot match sourceLabels'],
  [{ method: { regex: 'G.*' } }, {}, 'a rule of an HTTPRoute matches method exactly, or not at all'],
  [
    { uri: { prefix: '/a' } },
    { path: { type: 'RegularExpression', value: '/.*' } },
    'a rule matches its path by a regular expression, and no other with it',
  ],
  [
    { uri: { regex: '/a.*' } },
    {},
    'a rule of an HTTPRoute that matches uri by regex comes after those with a prefix, so it would not be reached',
  ],
];
for (const [condition, own, why] of refusals) {
  test(`${JSON.stringify(condition)} beside ${JSON.stringify(own)}: ${why ?? 'can be said'}`, () => {
    const route = aRoute([{ matches: [own], backendRefs: [to('web')] }]);
    const asked = { match: [condition], mirror: 50 };
    equal(gateway.refuses(route, web, asked), why);
    const after = patched(route, gateway.split(route, web, 10, { beside: asked }));
    // What cannot be said is left out, and the rest is there.
    if (why !== undefined) deepEqual(backends(after), ['web 90', 'web-canary 10']);
  });
}

const products: readonly (readonly [own: JsonObject, condition: JsonObject, expected: Json[]])[] = [
  [{ path: { value: '/a' } }, { uri: { exact: '/a/b' } }, [{ path: { type: 'Exact', value: '/a/b' } }]],
  [{ path: { value: '/a' } }, { uri: { exact: '/ab' } }, []],
  [
    { path: { value: '/a/' } },
    { uri: { prefix: '/a/b' } },
    [{ path: { type: 'PathPrefix', value: '/a/b' } }],
  ],
  [{ path: { value: '/a/b' } }, { uri: { prefix: '/a' } }, [{ path: { value: '/a/b' } }]],
  [{ method: 'GET' }, { method: { exact: 'GET' } }, [{ method: 'GET' }]],
  [{ method: 'GET' }, { method: { exact: 'POST' } }, []],
  [
    { headers: [{ name: 'a', value: '1' }] },
    { headers: { A: { exact: '1' }, b: { prefix: '2.' } } },
    [
      {
        headers: [
          { name: 'a', value: '1' },
          { name: 'b', type: 'RegularExpression', value: '^2\\..*' },
        ],
      },
    ],
  ],
];
for (const [own, condition, expected] of products) {
  test(`${JSON.stringify(own)} and ${JSON.stringify(condition)} are both met by ${JSON.stringify(expected)}`, () => {
    const route = aRoute([{ matches: [own], backendRefs: [to('web')] }]);
    const { spec } = patched(route, gateway.split(route, web, 0, { beside: { match: [condition] } }));
    const { rules } = spec as { rules: { name?: string; matches: Json[] }[] };
    deepEqual(
      rules.filter(({ name }) => name === 'serin-match-0-web-canary').flatMap(({ matches }) => matches),
      expected,
    );
  });
}

test('a route that is full takes no more rules, and its weights all the same', () => {
  const beside = { match: [{ headers: { a: {} } }] };
  const rules = Array.from({ length: 16 }, (_, n) => ({
    matches: [{ path: { type: 'Exact', value: `/${n}` } }],
    backendRefs: [to(n === 0 ? 'web' : 'api')],
  }));
  const full = aRoute(rules);
  equal(gateway.refuses(full, web, beside), 'no more rules and matches fit into one HTTPRoute');
  equal(gateway.refuses(aRoute(rules.slice(1)), web, beside), undefined);
  equal(gateway.refuses(aRoute(rules.slice(0, 15)), web, beside), undefined);
  equal(gateway.refuses(full, web, { mirror: 10 }), undefined);
  deepEqual(backends(patched(full, gateway.split(full, web, 10, { beside }))), ['web 90', 'web-canary 10']);
  const many = Array.from({ length: 65 }, (_, n) => ({ path: { type: 'Exact', value: `/${n}` } }));
  const wide = aRoute([{ matches: many.slice(0, 33), backendRefs: [to('web')] }]);
  const two = { match: [{ headers: { a: {} } }, { headers: { b: {} } }] };
  equal(gateway.refuses(wide, web, two), 'no more rules and matches fit into one HTTPRoute');
});

test('a rule that looks at cookies itself has no room for ours, and the conditions are there all the same', () => {
  const own = { headers: [{ name: 'cookie', type: 'RegularExpression', value: 'beta=1' }] };
  const route = aRoute([{ matches: [own], backendRefs: [to('web')] }]);
  const affinity = { cookieName: 'serin', value: 'k3', maxAgeSeconds: 60 };
  const beside = { match: [{ headers: { a: {} } }], affinity };
  equal(gateway.refuses(route, web, beside), 'a rule matches headers Cookie already, and can do so but once');
  const { spec } = patched(route, gateway.split(route, web, 10, { beside }));
  const { rules } = spec as { rules: { name?: string }[] };
  deepEqual(
    rules.map(({ name }) => name),
    ['serin-match-0-web-canary', undefined],
  );
});
