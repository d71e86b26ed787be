// Deployments and reviews that nobody would send, for the fuzzing.
import fc from 'fast-check';
import { names } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { isObject } from '../../src/routing/json.ts';
import { aDeployment, states, standing, templates } from './deployments.ts';
import { aReview } from './reviews.ts';

// No lone surrogate: after some thousand objects V8's JSON.parse (Node 24.21) reads the key "\ud800" as "\\", in the tests'
// own copies, too. kube-apiserver sends none: Go replaces them.
const hostileKeys = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'toJSON'],
  ...['', ' ', 'a/b~c', '~', '~1', '~01', '/', '0', '-', '-1', '1e3', '$', '$ref', '.', '..', '\u0000'],
  ...['metadata', 'spec', 'template', 'containers', 'annotations', 'paused', 'ключ', '👩‍💻', '\u202e', 'İ'],
];
const key = fc.oneof({ arbitrary: fc.constantFrom(...hostileKeys), weight: 3 }, fc.string({ maxLength: 8 }));
const leaf = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    -0,
    1e308,
    -1,
    0.1,
    '',
    'true',
    '\u0000',
    '\ud800',
    '🙂',
    '{}',
    '[]',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.integer(),
);

/** Any JSON. `fromEntries` defines `__proto__` as a key like any other. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { arbitrary: leaf, weight: 4 },
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((pairs) => Object.fromEntries<Json>(pairs)),
  ),
})).value;

const someTemplate: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.constantFrom<Json>(templates.one, templates.two, templates.three), weight: 3 },
  fc
    .tuple(key, anyJson)
    .map(([name, value]): Json => ({ ...templates.two, ...Object.fromEntries([[name, value]]) })),
  anyJson,
);

const someStates = Object.values(states);
const ourValue = fc.oneof(
  fc.constantFrom(
    'policy',
    'disabled',
    '',
    '{',
    '[]',
    'null',
    '[{"op":"replace","path":"","value":{}}]',
    '{"v":1}',
  ),
  fc.constantFrom(...someStates).map((state) => JSON.stringify(state)),
  fc.string({ maxLength: 12 }),
);
const ourNames = [
  names.state,
  names.stable,
  names.history,
  names.twinOf,
  names.canary,
  names.revision,
  names.analysis,
  names.heldBy,
  names.asked,
];
const someAnnotations = fc
  .array(
    fc.oneof(fc.tuple(fc.constantFrom(...ourNames), ourValue), fc.tuple(key, fc.string({ maxLength: 8 }))),
    { maxLength: 3 },
  )
  .map((pairs) => Object.fromEntries(pairs));

/** A Deployment at every point of a rollout. */
export const standings = [aDeployment(), ...someStates.map((state) => standing(state))];

/** A Deployment at any point of a rollout, with anything in its template, its annotations and beside them. */
export const anyDeployment: fc.Arbitrary<JsonObject> = fc
  .record({
    base: fc.constantFrom(...standings),
    template: fc.option(someTemplate, { freq: 2 }),
    annotations: fc.option(someAnnotations),
    paused: fc.option(fc.constantFrom<Json>(true, false, null, 'true', 1)),
    extra: fc.tuple(key, anyJson),
    replicas: fc.option(fc.constantFrom<Json>(0, 1, -1, '3', null), { freq: 4 }),
  })
  .map(({ base, template, annotations, paused, extra, replicas }) => {
    const [metadata, spec] = [base['metadata'] as JsonObject, base['spec'] as JsonObject];
    const before = isObject(metadata['annotations']) ? metadata['annotations'] : {};
    return {
      ...Object.fromEntries([extra]),
      ...base,
      metadata: {
        ...Object.fromEntries([extra]),
        ...metadata,
        ...(annotations === null ? {} : { annotations: { ...before, ...annotations } }),
      },
      spec: {
        ...Object.fromEntries([extra]),
        ...spec,
        ...(template === null ? {} : { template }),
        ...(paused === null ? {} : { paused }),
        ...(replicas === null ? {} : { replicas }),
      },
    };
  });

/** A review as it should be, but for a few places of it that hold anything. */
export const damagedReview: fc.Arbitrary<Json> = fc
  .tuple(anyDeployment, anyDeployment, fc.array(fc.tuple(fc.nat(), anyJson), { maxLength: 3 }))
  .map(([object, oldObject, damages]) =>
    damages.reduce<Json>(
      (review, [where, value]) => damaged(review, where, value),
      aReview({ object, oldObject }),
    ),
  );

/** `json` with `value` at one of its places, which `where` chooses level by level. */
function damaged(json: Json, where: number, value: Json): Json {
  if (where === 0 || typeof json !== 'object' || json === null) return value;
  const entries = Object.entries(json);
  const chosen = where % (entries.length + 1);
  const [name, inner] = entries[chosen] ?? [];
  if (name === undefined || inner === undefined) return value;
  const changed = entries.map(([each, kept]): [string, Json] =>
    each === name ? [each, damaged(inner, Math.floor(where / (entries.length + 1)), value)] : [each, kept],
  );
  return Array.isArray(json) ? changed.map(([, each]) => each) : Object.fromEntries<Json>(changed);
}
