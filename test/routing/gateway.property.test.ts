import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import type { Beside } from '../../src/rollout/strategy.ts';
import { gateway } from '../../src/routing/gateway.ts';
import { isList, isObject, without } from '../../src/routing/json.ts';
import { patched, web } from './builders.ts';
import { cookie } from './gateway-builders.ts';

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
/** Without the members that are undefined. */
const plain = (object: object): JsonObject => JSON.parse(JSON.stringify(object)) as JsonObject;

const modifier = {
  type: 'ResponseHeaderModifier',
  responseHeaderModifier: { add: [{ name: 'a', value: 'b' }] },
};
const mirror = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'web', port: 80 } } };
const filters = optional(fc.subarray<Json>([modifier, mirror], { minLength: 1 }));
const reference = fc
  .record({
    name: fc.constantFrom('web', 'api', 'web2'),
    namespace: optional(fc.constantFrom('shop', 'other')),
    kind: optional(fc.constantFrom('Service', 'InferencePool')),
    port: fc.constantFrom(80, 81),
    weight: optional(fc.oneof(fc.integer({ min: 0, max: 120 }), fc.constantFrom(99_999, 1_000_000))),
    filters,
  })
  .map(plain);
const match = fc
  .record({
    path: optional(
      fc.constantFrom<Json>({ type: 'PathPrefix', value: '/' }, { type: 'Exact', value: '/a/b' }),
    ),
    headers: optional(fc.constant([{ type: 'Exact', name: 'X-Canary', value: 'yes' }])),
    method: optional(fc.constant('GET')),
  })
  .map(plain);
const rule = fc
  .record({
    name: optional(fc.constantFrom('one', 'two')),
    matches: optional(fc.array(match, { minLength: 1, maxLength: 2 })),
    filters,
    backendRefs: optional(fc.array(reference, { minLength: 1, maxLength: 4 })),
    timeouts: optional(fc.constant({ request: '3s' })),
  })
  .map(plain);
const route = fc
  .record({ kind: fc.constantFrom('HTTPRoute', 'GRPCRoute'), rules: fc.array(rule, { maxLength: 4 }) })
  .map(
    ({ kind, rules }): JsonObject => ({
      kind,
      metadata: { name: 'any', namespace: 'shop', resourceVersion: '3', annotations: { a: 'b' } },
      spec: { parentRefs: [{ name: 'edge' }], rules },
    }),
  );
const percent = fc.integer({ min: 0, max: 100 });
const beside = fc
  .record({
    mirror: optional(fc.integer({ min: 1, max: 100 })),
    match: optional(
      fc.subarray<JsonObject>(
        [
          { headers: { 'x-canary': { exact: 'yes' } } },
          { uri: { prefix: '/a' } },
          { sourceLabels: { a: 'b' } },
        ],
        { minLength: 1 },
      ),
    ),
    affinity: optional(fc.constant(cookie)),
  })
  .map((each) => plain(each) as Beside);

interface Flat {
  readonly name: string;
  readonly weight: number;
}
/** The backends of every rule of the user's, with their weights. */
function lists(object: JsonObject): readonly (readonly Flat[])[] {
  const { rules } = object['spec'] as { rules: { name?: string; backendRefs?: Partial<Flat>[] }[] };
  return rules
    .filter(({ name = '' }) => !name.startsWith('serin-'))
    .map(({ backendRefs = [] }) => backendRefs.map(({ name = '', weight = 1 }) => ({ name, weight })));
}
const sum = (list: readonly Flat[]): number => list.reduce((total, { weight }) => total + weight, 0);
const isTwin = ({ name }: Flat): boolean => name === 'web-canary';

test('every rule keeps what each backend has of the whole, the twin and its Service together as one', () => {
  const shares = (object: JsonObject): readonly (readonly number[])[] =>
    lists(object).map((list) => {
      const together = list.flatMap((entry, n): readonly number[] => {
        if (isTwin(entry)) return [];
        const next = list[n + 1];
        return [entry.weight + (next !== undefined && isTwin(next) ? next.weight : 0)];
      });
      return together.map((weight) => weight / (sum(list) || 1));
    });
  fc.assert(
    fc.property(route, percent, beside, (before, weight, given) => {
      const after = patched(before, gateway.split(before, web, weight, { beside: given }));
      deepEqual(shares(after), shares(before));
      ok(
        lists(after)
          .flat()
          .every((one) => one.weight >= 0 && one.weight <= 1_000_000),
      );
    }),
  );
});

test('the twin has the percent to the dot wherever weights leave room for it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      percent,
      (own, other, p) => {
        const rules = [
          {
            backendRefs: [
              { name: 'web', weight: own },
              { name: 'api', weight: other },
            ],
          },
        ];
        const before: JsonObject = { metadata: { namespace: 'shop' }, spec: { rules } };
        const after = lists(patched(before, gateway.split(before, web, p)))[0] ?? [];
        const ours = after.filter(({ name }) => name !== 'api');
        equal(sum(after.filter(isTwin)) * 100, p * sum(ours));
      },
    ),
  );
});

test('a split asked for twice is there already, and it is seen as what was asked for', () => {
  fc.assert(
    fc.property(route, percent, percent, beside, (before, first, second, given) => {
      const options = { beside: given };
      const once = patched(before, gateway.split(before, web, first, options));
      deepEqual(gateway.split(once, web, first, options), []);
      const seen = gateway.seen([once], web);
      if (seen.kind === 'split') deepEqual([seen.weight, seen.uniform], [first, true]);
      deepEqual(
        patched(once, gateway.split(once, web, second, options)),
        patched(before, gateway.split(before, web, second, options)),
      );
    }),
  );
});

test('taking a split out gives the route byte for byte, whatever was asked in between', () => {
  const step = fc.tuple(percent, optional(beside));
  fc.assert(
    fc.property(route, fc.array(step, { minLength: 1, maxLength: 4 }), (before, steps) => {
      let object = before;
      for (const [weight, given] of steps) {
        const options = { rolledBack: 'r', ...(given === undefined ? {} : { beside: given }) };
        object = patched(object, gateway.split(object, web, weight, options));
      }
      const cleared = patched(object, gateway.unsplit(object, web));
      equal(JSON.stringify(cleared), JSON.stringify(before));
      equal(gateway.isEdited(cleared, web), false);
    }),
  );
});

test('a server that drops the names of rules has the same split, and gives it back', () => {
  const stored = (object: JsonObject): JsonObject =>
    JSON.parse(
      JSON.stringify(object, (key, value: Json) => (key === 'rules' ? nameless(value) : value)),
    ) as JsonObject;
  const nameless = (rules: Json): Json =>
    isList(rules) ? rules.map((each) => (isObject(each) ? without(each, 'name') : each)) : rules;
  fc.assert(
    fc.property(route, percent, beside, (named, weight, given) => {
      const before = stored(named);
      const once = stored(patched(before, gateway.split(before, web, weight, { beside: given })));
      deepEqual(gateway.split(once, web, weight, { beside: given }), []);
      equal(JSON.stringify(patched(once, gateway.unsplit(once, web))), JSON.stringify(before));
    }),
  );
});

test('a rule that the user adds, and a filter that they add to theirs, are there after the split', () => {
  fc.assert(
    fc.property(route, rule, percent, beside, fc.nat(), (before, added, weight, given, at) => {
      const { rules } = before['spec'] as { rules: JsonObject[] };
      const place = at % (rules.length + 1);
      const edit = (object: JsonObject): JsonObject => {
        const copy = structuredClone(object);
        const list = (copy['spec'] as { rules: JsonObject[] }).rules;
        // Among their own rules, and before what we put in front of one of them.
        const own = list.flatMap((each, n) =>
          JSON.stringify(each['name'] ?? '').includes('serin-') ? [] : [n],
        );
        const target = place === 0 ? 0 : (own[place - 1] ?? 0) + 1;
        return {
          ...copy,
          spec: { ...(copy['spec'] as JsonObject), rules: list.toSpliced(target, 0, added) },
        };
      };
      const during = edit(patched(before, gateway.split(before, web, weight, { beside: given })));
      const cleared = patched(during, gateway.unsplit(during, web));
      equal(JSON.stringify(cleared), JSON.stringify(edit(before)));
    }),
  );
});
