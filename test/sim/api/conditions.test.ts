// The expressions of the manifests, found in them: none may be new to the simulator, and each means what it says.
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, textAt } from '../../../src/routing/json.ts';
import { evaluated, isTaught, type Variables } from './conditions.ts';

const manifests = join(import.meta.dirname, '../../../manifests');
const texts = globSync('**/*.yaml', { cwd: manifests })
  .sort()
  .map((file) => readFileSync(join(manifests, file), 'utf8'));
const objects = texts.flatMap((text) => parseAllDocuments(text).map((each) => each.toJS() as Json));

function expressionsIn(json: Json): readonly string[] {
  if (Array.isArray(json)) return json.flatMap(expressionsIn);
  if (!isObject(json)) return [];
  const own = textAt(json, 'expression');
  return [...(own === undefined ? [] : [own]), ...Object.values(json).flatMap(expressionsIn)];
}

const expressions = [...new Set(objects.flatMap(expressionsIn))];

test('every expression of the manifests is known to the simulator', () => {
  ok(expressions.length >= 7, 'the expressions were found');
  deepEqual(
    expressions.filter((each) => !isTaught(each)),
    [],
  );
});

test('an expression it was not taught is not passed over', () => {
  const nothing = { username: '', operation: 'UPDATE', object: {}, oldObject: {} };
  throws(() => evaluated('1 == 1', nothing), /teach the simulator this expression/);
});

/** The one expression that has these words in it. */
function expression(words: string): string {
  const [found, ...others] = expressions.filter((each) => each.includes(words));
  ok(found !== undefined && others.length === 0, words);
  return found;
}

const object = (
  annotations: JsonObject = {},
  spec: JsonObject = {},
  status: JsonObject = {},
): JsonObject => ({
  metadata: { annotations },
  spec: { template: { a: 1 }, ...spec },
  status,
});
const update = (after: JsonObject, before: JsonObject): Variables => ({
  username: 'ann',
  operation: 'UPDATE',
  object: after,
  oldObject: before,
});
const own = { 'serin.dev/state': '{"phase":"Failed"}' };
const failed = { conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] };

const asked = expression('object.spec.template != oldObject.spec.template');
const guarded = expression('[object, oldObject].all(');
const serin = expression('request.userInfo.username');
const held = expression('object.spec.?paused.orValue(false) == true');
const going = expression('.contains(');
const says = expression("condition.type == 'Progressing'");

const cases: readonly (readonly [string, string, Variables, boolean])[] = [
  ['a creation with an annotation of ours', asked, { ...update(object(own), {}), operation: 'CREATE' }, true],
  ['a creation without', asked, { ...update(object({ a: 'b' }), {}), operation: 'CREATE' }, false],
  ['nothing', asked, update(object(), object()), false],
  ['another annotation', asked, update(object({ a: '1' }), object()), false],
  ['the template', asked, update(object({}, { template: { a: 2 } }), object()), true],
  ['the pause', asked, update(object({}, { paused: true }), object()), true],
  ['a pause that was false and is absent', asked, update(object(), object({}, { paused: false })), false],
  ['an annotation of ours that comes', asked, update(object(own), object()), true],
  ['an annotation of ours that goes', asked, update(object(), object(own)), true],
  ['the same annotation of ours', asked, update(object(own), object(own)), false],
  ['the guard, where ours stays', guarded, update(object(own), object(own)), true],
  ['the guard, where ours goes', guarded, update(object(), object(own)), false],
  ['the guard, where another comes', guarded, update(object({ a: '1' }), object()), true],
  ['ann', serin, update({}, {}), true],
  ['Serin', serin, { ...update({}, {}), username: 'system:serviceaccount:serin-system:serin' }, false],
  ['a held Deployment', held, update(object({}, { paused: true }), object()), true],
  ['one that is not', held, update(object(), object()), false],
  ['a rollout that failed', going, update(object(own), object()), false],
  [
    'a rollout that goes on',
    going,
    update(object({ 'serin.dev/state': '{"phase":"Pending"}' }), object()),
    true,
  ],
  ['no rollout', going, update(object(), object()), false],
  ['a status that says failed', says, update(object({}, {}, failed), object()), true],
  ['a status that does not', says, update(object(), object()), false],
];
for (const [what, text, variables, expected] of cases)
  test(`${what}: ${expected}`, () => {
    equal(evaluated(text, variables), expected);
  });
