import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reversed, reversePatch } from '../../src/rollout/reverse.ts';
import { canonicalJson, isSame } from '../../src/rollout/template.ts';
import type { Json } from '../../src/rollout/types.ts';

const key = fc.oneof(
  fc.constantFrom('__proto__', '0', '10', '9', 'a', 'a/b', '~', '~1', '', 'toJSON'),
  fc.string(),
);
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 1.5, '', '{"0"', '__proto__'),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((pairs) => Object.fromEntries<Json>(pairs)),
  ),
})).value;

/** The same value with the keys of every object the other way round. */
function turned(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => turned(each));
  const pairs = Object.entries(value as Record<string, Json>).toReversed();
  return Object.fromEntries(pairs.map(([name, each]) => [name, turned(each)]));
}

test('the text of a value has its keys in order, however they are called and in whatever order they came', () => {
  equal(canonicalJson({ b: [1, { d: '', c: null }], a: 'x' }), '{"a":"x","b":[1,{"c":null,"d":""}]}');
  equal(canonicalJson({ 9: 1, 10: 2, '!': 3 }), '{"!":3,"10":2,"9":1}');
  equal(
    canonicalJson(JSON.parse('{"b":1,"__proto__":{"z":1,"y":2}}') as Json),
    '{"__proto__":{"y":2,"z":1},"b":1}',
  );
  fc.assert(
    fc.property(json, (value) => {
      equal(canonicalJson(turned(value)), canonicalJson(value));
      deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('two values are the same where their texts are', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      equal(isSame(a, b), canonicalJson(a) === canonicalJson(b));
      equal(isSame(a, turned(a)), true);
    }),
  );
});

test('the way back is exact, whatever the two are like', () => {
  fc.assert(
    fc.property(json, json, (candidate, stable) => {
      const back = reversed(candidate, reversePatch(candidate, stable));
      equal(back !== undefined && canonicalJson(back), canonicalJson(stable));
    }),
    { numRuns: 500 },
  );
});

test('a way back that does not fit leads nowhere', () => {
  const candidate = { list: [1, 2], spec: { image: 'x' } };
  for (const path of ['/no/such', '/list/2', '/list/01', '/list/x', '/spec/image/deep', 'spec', '/missing'])
    equal(reversed(candidate, [{ op: 'replace', path, value: 1 }]), undefined, path);
  equal(reversed(candidate, [{ op: 'test', path: '/list', value: 1 }]), undefined);
  equal(reversed(candidate, [{ op: 'remove', path: '' }]), undefined);
});

test('the ways back that were written before can still be gone: entries of lists that come and go', () => {
  const candidate = { list: ['a', 'b', 'c'] };
  const after = reversed(candidate, [
    { op: 'remove', path: '/list/0' },
    { op: 'add', path: '/list/1', value: 'x' },
    { op: 'add', path: '/list/-', value: 'y' },
    { op: 'add', path: '/a~1b~01', value: 1 },
  ]);
  deepEqual(after, { list: ['b', 'x', 'c', 'y'], 'a/b~1': 1 });
  deepEqual(candidate, { list: ['a', 'b', 'c'] });
});
