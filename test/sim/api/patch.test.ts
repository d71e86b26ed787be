import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fastJsonPatch from 'fast-json-patch';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { frozen, isSame, shared } from './frozen.ts';
import { merged, patched } from './patch.ts';
import { Refusal } from './refusal.ts';
import { strategic } from './strategic.ts';

const document: JsonObject = frozen({ a: { b: '1' }, list: [1, 2, 3], 'x/y': { '~': 1 }, empty: {} });

const good: readonly (readonly [string, Json, JsonObject])[] = [
  ['an addition in a list goes between', [{ op: 'add', path: '/list/1', value: 9 }], { list: [1, 9, 2, 3] }],
  ['an addition goes at the end', [{ op: 'add', path: '/list/-', value: 9 }], { list: [1, 2, 3, 9] }],
  ['a negative index counts from the end', [{ op: 'remove', path: '/list/-1' }], { list: [1, 2] }],
  [
    'a replacement of what is not there adds it',
    [{ op: 'replace', path: '/a/c', value: 2 }],
    { a: { b: '1', c: 2 } },
  ],
  ['a path may be escaped', [{ op: 'replace', path: '/x~1y/~0', value: 2 }], { 'x/y': { '~': 2 } }],
  ['what is absent is null to a test', [{ op: 'test', path: '/empty/x', value: null }], {}],
  [
    'a copy and a move',
    [
      { op: 'copy', from: '/a/b', path: '/c' },
      { op: 'move', from: '/a', path: '/d' },
    ],
    { a: undefined as never, c: '1', d: { b: '1' } },
  ],
];
for (const [what, operations, difference] of good)
  test(`JSON Patch: ${what}`, () => {
    const expected = JSON.parse(JSON.stringify({ ...document, ...difference })) as Json;
    deepEqual(patched(document, operations), expected);
  });

const bad: readonly (readonly [string, Json])[] = [
  ['a test that fails', [{ op: 'test', path: '/a/b', value: '2' }]],
  ['a test in what is not there', [{ op: 'test', path: '/nothing/x', value: null }]],
  ['a test beyond a list', [{ op: 'test', path: '/list/7', value: null }]],
  ['a removal of what is not there', [{ op: 'remove', path: '/a/c' }]],
  ['an addition in what is not there', [{ op: 'add', path: '/nothing/x', value: 1 }]],
  ['an addition beyond a list', [{ op: 'add', path: '/list/9', value: 1 }]],
  ['no operation', [{ op: 'nothing', path: '/a' }]],
];
for (const [what, operations] of bad)
  test(`JSON Patch: ${what} refuses the whole`, () => {
    throws(
      () => patched(document, operations),
      (error) => error instanceof Refusal && error.answer.status === 422,
    );
  });

test('a patch leaves what it does not name the same reference', () => {
  const result = patched(document, [{ op: 'replace', path: '/a/b', value: '2' }]);
  equal(result['list'], document['list']);
  deepEqual(document['a'], { b: '1' });
});

const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('__proto__')) as fc.Arbitrary<Json>;
const objects = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/e', 'f~g'), json, {
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;
// -0 is 0 in JSON text.
const plain = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

test('JSON Patch: what leads from one document to another, leads there', () => {
  fc.assert(
    fc.property(objects, objects, (before, after) => {
      const [from, to] = [frozen(plain(before) as JsonObject), plain(after)];
      const operations = plain(fastJsonPatch.compare(from, to as never) as unknown as Json);
      deepEqual(patched(from, operations), to);
    }),
  );
});

test('sharing changes no value, and equal parts become the same', () => {
  fc.assert(
    fc.property(objects, objects, (before, after) => {
      const [old, fresh] = [frozen(plain(before)), plain(after) as JsonObject];
      const result = shared(old, fresh);
      deepEqual(result, fresh);
      equal(result === old, isSame(old, fresh));
    }),
  );
});

test('a value that comes anew shares with what was before what did not change', () => {
  const anew = JSON.parse(JSON.stringify({ ...document, empty: { x: 1 } })) as JsonObject;
  const result = shared(document, anew);
  deepEqual(result, anew);
  equal(result['list'], document['list']);
});

test('merge patch: null takes out, objects go deep, all else replaces', () => {
  deepEqual(merged(document, { a: { b: null, c: { d: null, e: 1 } }, list: [9], empty: null }), {
    a: { c: { e: 1 } },
    list: [9],
    'x/y': { '~': 1 },
  });
});

const pod: JsonObject = {
  spec: { containers: [{ name: 'web', image: 'web:1', env: [{ name: 'B', value: '2' }] }], args: ['x'] },
  status: {
    conditions: [
      { type: 'A', status: 'True', message: 'm' },
      { type: 'B', status: 'True' },
    ],
  },
};
const strategies: readonly (readonly [string, JsonObject, JsonObject])[] = [
  [
    'one condition of several',
    { status: { conditions: [{ type: 'B', status: 'False' }] } },
    {
      ...pod,
      status: {
        conditions: [
          { type: 'A', status: 'True', message: 'm' },
          { type: 'B', status: 'False' },
        ],
      },
    },
  ],
  [
    'a new condition, before the others',
    { status: { conditions: [{ type: 'C', status: 'True' }] } },
    {
      ...pod,
      status: {
        conditions: [
          { type: 'C', status: 'True' },
          { type: 'A', status: 'True', message: 'm' },
          { type: 'B', status: 'True' },
        ],
      },
    },
  ],
  [
    'an image by the name of its container',
    { spec: { containers: [{ name: 'web', image: 'web:2' }] } },
    {
      ...pod,
      spec: { args: ['x'], containers: [{ name: 'web', image: 'web:2', env: [{ name: 'B', value: '2' }] }] },
    },
  ],
  [
    'a variable that goes',
    { spec: { containers: [{ name: 'web', env: [{ name: 'B', $patch: 'delete' }] }] } },
    { ...pod, spec: { args: ['x'], containers: [{ name: 'web', image: 'web:1', env: [] }] } },
  ],
  [
    'a list without keys as a whole',
    { spec: { args: ['y'] } },
    { ...pod, spec: { containers: (pod['spec'] as JsonObject)['containers'] ?? null, args: ['y'] } },
  ],
  ['a map that is replaced', { spec: { $patch: 'replace', args: [] } }, { ...pod, spec: { args: [] } }],
];
for (const [what, patch, expected] of strategies)
  test(`strategic merge patch changes ${what}`, () => {
    deepEqual(strategic(pod, patch), expected);
  });
