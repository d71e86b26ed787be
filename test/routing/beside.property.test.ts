import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../src/rollout/template.ts';
import type { Beside } from '../../src/rollout/strategy.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { isEdited, istio, split, unsplit } from '../../src/routing/istio.ts';
import { recall } from '../../src/routing/memory.ts';
import type { Split } from '../../src/routing/types.ts';
import { patched, web } from './builders.ts';

const api: Split = { service: { ...web.service, name: 'api' }, twinService: 'api-canary' };
const destination = fc
  .record(
    {
      host: fc.constantFrom('web', 'web.shop.svc.cluster.local', 'api', 'web.other', 'ext.example.com'),
      subset: fc.constantFrom('v1', 'v2'),
      weight: fc.integer({ min: 0, max: 120 }),
      headers: fc.constantFrom(
        { response: { add: { 'Set-Cookie': 'a=b' } } },
        { request: { set: { a: 'b' } } },
      ),
    },
    { requiredKeys: ['host'], noNullPrototype: true },
  )
  .map(
    ({ host, subset, ...rest }): JsonObject => ({
      destination: { host, ...(subset && { subset }) },
      ...rest,
    }),
  );
const text = fc.oneof(
  fc.constantFrom('/', '/cart', 'yes').map((exact) => ({ exact })),
  fc.constantFrom('/', '/c', 'y').map((prefix) => ({ prefix })),
  fc.constantFrom('.*', 'y.*').map((regex) => ({ regex })),
  fc.constant({}),
);
const condition = fc
  .record(
    {
      uri: text,
      headers: fc.dictionary(fc.constantFrom('cookie', 'x-a', 'x-b'), text, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      port: fc.constantFrom(80, 81),
      gateways: fc.subarray(['mesh', 'a/b'], { minLength: 1 }),
      ignoreUriCase: fc.boolean(),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .map((entry): JsonObject => entry as unknown as JsonObject);
const policy = fc.constantFrom<JsonObject>(
  { destination: { host: 'audit' }, percentage: { value: 5 } },
  { destination: { host: 'web', subset: 'v3' } },
);
const http = fc
  .record(
    {
      name: fc.constantFrom('primary', 'a', 'web-canary', 'primary-web-canary'),
      match: fc.array(condition, { maxLength: 2 }),
      mirror: fc.constantFrom({ host: 'audit' }, { host: 'web' }),
      mirrorPercentage: fc.constant({ value: 7 }),
      mirrorPercent: fc.constant(9),
      route: fc.array(destination, { maxLength: 3 }),
      x: fc.jsonValue(),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .chain((route) =>
    fc.option(fc.array(policy, { maxLength: 2 }), { nil: undefined }).map((mirrors) => {
      const { mirror: _, mirrorPercentage: __, mirrorPercent: ___, ...bare } = route;
      return (mirrors === undefined ? route : { ...bare, mirrors }) as unknown as Json;
    }),
  );
const streams = fc.array(
  fc.array(destination, { maxLength: 2 }).map((route) => ({ route })),
  { maxLength: 2 },
);
const virtualService = fc.record({ http: fc.array(http, { maxLength: 4 }), tcp: streams, tls: streams }).map(
  (spec): JsonObject => ({
    metadata: { name: 'any', namespace: 'shop', resourceVersion: '3' },
    spec: { hosts: ['web'], ...(spec as unknown as JsonObject) },
  }),
);
const affinity = {
  ...{ cookieName: 'stay', maxAgeSeconds: 60, value: 't.1', path: '/' },
  ...({ sameSite: 'Lax', secure: true } as const),
};
const beside: fc.Arbitrary<Beside> = fc.record(
  {
    mirror: fc.integer({ min: 1, max: 100 }),
    match: fc.array(condition, { minLength: 1, maxLength: 2 }),
    affinity: fc.constant(affinity),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const asked = fc.record({ weight: fc.integer({ min: 0, max: 100 }), beside });
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;
const given = (object: JsonObject, target: Split, { weight, beside: more }: Asked): JsonObject =>
  patched(object, split(object, target, weight, Object.keys(more).length === 0 ? {} : { beside: more }));

test('whatever was given in whatever order, taking it out leaves what stood before', () => {
  fc.assert(
    fc.property(virtualService, fc.array(asked, { minLength: 1, maxLength: 4 }), (before, steps) => {
      const after = steps.reduce((object, step) => given(object, web, step), before);
      const cleared = patched(after, unsplit(after, web));
      equal(canonicalJson(cleared), canonicalJson(before));
      equal(isEdited(cleared, web), false);
    }),
  );
});

test('what is given hangs on what was asked last alone, is there when asked for again, and is seen as asked', () => {
  fc.assert(
    fc.property(virtualService, asked, asked, (before, first, second) => {
      const once = given(before, web, first);
      equal(canonicalJson(given(once, web, first)), canonicalJson(once));
      const both = given(once, web, second);
      equal(canonicalJson(both), canonicalJson(given(before, web, second)));
      const seen = istio.seen([both], web);
      const expected = Object.keys(second.beside).length === 0 ? undefined : second.beside;
      if (seen.kind === 'split' && recall(both, web) !== undefined)
        deepEqual([seen.weight, seen.uniform, seen.beside], [second.weight, true, expected]);
    }),
  );
});

const routesOf = (object: JsonObject): readonly JsonObject[] =>
  (object['spec'] as { http: JsonObject[] }).http;
const isMade = (object: JsonObject, route: JsonObject): boolean =>
  recall(object, web)?.made?.some((name) => name === route['name']) === true;

test('what is made stands in front of the route it is of, and no other route is moved or gains or loses a match', () => {
  fc.assert(
    fc.property(virtualService, asked, (before, step) => {
      const after = given(before, web, step);
      const names = routesOf(after)
        .filter((route) => isMade(after, route))
        .map(({ name }) => name);
      equal(new Set(names).size, names.length);
      const essence = ({ name = null, match = null, x = null }: JsonObject): Json => [name, match, x];
      const own = routesOf(after).filter((route) => !isMade(after, route));
      deepEqual(own.map(essence), routesOf(before).map(essence));
      for (const [at, route] of routesOf(after).entries()) {
        if (!isMade(after, route)) continue;
        const next = routesOf(after)[at + 1] ?? {};
        ok(!isMade(after, next));
        deepEqual(route['x'] ?? null, next['x'] ?? null);
        ok(!JSON.stringify(route['route']).includes('"web"'));
      }
    }),
  );
});

test('a user’s edit of a route in between is kept, and carried', () => {
  fc.assert(
    fc.property(virtualService, asked, (before, step) => {
      const change = (object: JsonObject): JsonObject => ({
        ...object,
        spec: {
          ...(object['spec'] as JsonObject),
          http: routesOf(object).map((route) =>
            isMade(object, route) ? route : { ...route, timeout: '3s' },
          ),
        },
      });
      const changed = change(given(before, web, step));
      const repaired = given(changed, web, step);
      deepEqual(canonicalJson(patched(repaired, unsplit(repaired, web))), canonicalJson(change(before)));
      for (const route of routesOf(repaired)) equal(route['timeout'], '3s');
    }),
  );
});

test('splits of two Services in one object come and go each on its own', () => {
  fc.assert(
    fc.property(virtualService, asked, asked, fc.boolean(), (before, ofWeb, ofApi, webFirst) => {
      // Two that copy the requests of one route: see mirror.ts.
      const bare = ({ match, affinity: stay }: Beside): Beside => ({
        ...(match && { match }),
        ...(stay && { affinity: stay }),
      });
      const both = given(given(before, web, ofWeb), api, { ...ofApi, beside: bare(ofApi.beside) });
      const [first, second] = webFirst ? [web, api] : [api, web];
      const one = patched(both, unsplit(both, first));
      const none = patched(one, unsplit(one, second));
      equal(canonicalJson(none), canonicalJson(before));
    }),
  );
});
