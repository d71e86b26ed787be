import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { isEdited, istio, split, unsplit } from '../../src/routing/istio.ts';
import { patched, web } from './builders.ts';

const host = fc.constantFrom(
  'web',
  'web.shop.svc.cluster.local',
  'api',
  'web2',
  'web.other',
  'ext.example.com',
);
const destination = fc
  .record(
    {
      host,
      subset: fc.constantFrom('v1', 'v2'),
      port: fc.constant({ number: 80 }),
      weight: fc.integer({ min: 0, max: 120 }),
      headers: fc.constant({ request: { set: { a: 'b' } } }),
    },
    { requiredKeys: ['host'] },
  )
  .map(
    ({ host: name, subset, port, weight, headers }): JsonObject => ({
      destination: { host: name, ...(subset && { subset }), ...(port && { port }) },
      ...(weight === undefined ? {} : { weight }),
      ...(headers && { headers }),
    }),
  );
const anyRoute = fc
  .record(
    { route: fc.array(destination, { maxLength: 4 }), match: fc.constant([{ port: 80 }]), name: fc.string() },
    { requiredKeys: ['route'] },
  )
  .map((one): Json => ({ ...one }));
const routes = fc.array(anyRoute, { maxLength: 3 });
const virtualService = fc.record({ http: routes, tls: routes, tcp: routes, mirror: fc.jsonValue() }).map(
  ({ mirror, ...spec }): JsonObject => ({
    metadata: { name: 'any', namespace: 'shop', resourceVersion: '3', labels: { a: 'b' } },
    spec: { hosts: ['web'], ...spec, http: [...spec.http, { redirect: { uri: '/' }, x: mirror as Json }] },
  }),
);
const percent = fc.integer({ min: 0, max: 100 });

interface Flat {
  readonly host: string;
  readonly weight: number;
}
/** Every list of destinations with its effective weights. */
function lists(object: JsonObject): readonly (readonly Flat[])[] {
  const spec = object['spec'] as Record<
    string,
    { route?: { destination: { host: string }; weight?: number }[] }[]
  >;
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    (spec[protocol] ?? []).map(({ route: list = [] }) =>
      list.map(({ destination: { host: name }, weight = 0 }) => ({
        host: name,
        weight: list.length === 1 && weight === 0 ? 100 : weight,
      })),
    ),
  );
}
const isTwin = (name: string): boolean => name.startsWith('web-canary');
const sum = (list: readonly Flat[]): number => list.reduce((total, { weight }) => total + weight, 0);

test('a split keeps the sum of every route, adds twins only, and no weight is negative', () => {
  fc.assert(
    fc.property(virtualService, percent, (before, weight) => {
      const after = lists(patched(before, split(before, web, weight)));
      deepEqual(after.map(sum), lists(before).map(sum));
      deepEqual(
        after.map((list) => list.filter(({ host: name }) => !isTwin(name)).map(({ host: name }) => name)),
        lists(before).map((list) => list.map(({ host: name }) => name)),
      );
      ok(after.flat().every((one) => one.weight >= 0));
    }),
  );
});

test('what is not the Service’s is as it was: other destinations, routes without ours, every other field', () => {
  const foreign = (object: JsonObject): Json =>
    JSON.parse(
      JSON.stringify(object['spec'], (key, value: Json) => {
        if (key !== 'route') return value;
        const list = value as unknown as { destination: { host: string }; weight?: number }[];
        if (!list.some((one) => /^web($|\.shop)/.test(one.destination.host))) return value;
        return list.filter((one) => !/^web(-canary)?($|\.shop)/.test(one.destination.host));
      }),
    ) as Json;
  fc.assert(
    fc.property(virtualService, percent, (before, weight) => {
      deepEqual(foreign(patched(before, split(before, web, weight))), foreign(before));
    }),
  );
});

test('a split asked for twice is there already, and it is seen as what was asked for', () => {
  fc.assert(
    fc.property(virtualService, percent, percent, (before, first, second) => {
      const once = patched(before, split(before, web, first));
      deepEqual(split(once, web, first), []);
      const route = istio.seen([once], web);
      if (route.kind === 'split') deepEqual([route.weight, route.uniform], [first, true]);
      deepEqual(patched(once, split(once, web, second)), patched(before, split(before, web, second)));
    }),
  );
});

test('taking a split out gives the object byte for byte', () => {
  fc.assert(
    fc.property(virtualService, fc.array(percent, { minLength: 1, maxLength: 4 }), (before, weights) => {
      let object = before;
      for (const weight of weights) object = patched(object, split(object, web, weight, { rolledBack: 'r' }));
      const cleared = patched(object, unsplit(object, web));
      equal(JSON.stringify(cleared), JSON.stringify(before));
      equal(isEdited(cleared, web), false);
    }),
  );
});

test('a higher weight never gives a twin less', () => {
  const twins = (object: JsonObject): number =>
    sum(
      lists(object)
        .flat()
        .filter(({ host: name }) => isTwin(name)),
    );
  fc.assert(
    fc.property(virtualService, percent, percent, (before, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      ok(twins(patched(before, split(before, web, low))) <= twins(patched(before, split(before, web, high))));
    }),
  );
});
