import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../src/admission/mutate.ts';
import type { Asked } from '../../src/admission/verdict.ts';
import { readStable } from '../../src/config/stable.ts';
import { readState } from '../../src/config/state.ts';
import { names } from '../../src/kube/objects.ts';
import { canonicalJson, isSame } from '../../src/rollout/template.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import {
  aDeployment,
  aTemplate,
  changed,
  controller,
  patched,
  type Shape,
  standing,
  states,
  templates,
  updating,
} from './deployments.ts';

const annotationsOf = (object: JsonObject): JsonObject =>
  objectAt(objectAt(object, 'metadata'), 'annotations');
const specOf = (object: JsonObject): JsonObject => objectAt(object, 'spec');

const hostileKeys = [
  '__proto__',
  'constructor',
  'prototype',
  '',
  'a/b~c',
  '~1',
  '~01',
  '0',
  '-',
  'metadata',
  'ключ',
];
const key = fc.oneof(fc.constantFrom(...hostileKeys), fc.string());

/** Any JSON, with keys that a careless library trips over. `fromEntries` defines `__proto__` as a key like any other. */
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries<Json>(pairs)),
  ),
})).value;

/** A template that is an object, as every template is. */
const template = fc
  .array(fc.tuple(key, json), { maxLength: 5 })
  .map((pairs) => Object.fromEntries<Json>([...pairs, ['spec', { containers: [] }]]));

function allowed(asked: Asked): JsonObject {
  const verdict = decide(asked, { controller });
  ok(verdict.kind === 'allow', verdict.kind === 'deny' ? verdict.message : '');
  return patched(asked.object, verdict.patch);
}

test('whatever the templates, the way back leads exactly to the stable one, from the second candidate too', () => {
  fc.assert(
    fc.property(template, template, template, (one, two, three) => {
      fc.pre(!isSame(one, two) && !isSame(one, three) && !isSame(two, three));
      const old = aDeployment({ template: one });
      const held = allowed(updating(old, changed(old, { template: two })));
      equal(specOf(held)['paused'], true);
      equal(canonicalJson(readStable(annotationsOf(held), two) ?? null), canonicalJson(one));
      const again = allowed(updating(held, changed(held, { template: three })));
      equal(canonicalJson(readStable(annotationsOf(again), three) ?? null), canonicalJson(one));
      const ended = decide(updating(again, changed(again, { template: one })), { controller });
      equal(ended.kind === 'allow' && ended.outcome, 'aborted');
      deepEqual(Object.prototype, {});
    }),
  );
});

const shape: fc.Arbitrary<Shape> = fc.record(
  {
    template: fc.oneof(fc.constantFrom(templates.one, templates.two, templates.three), template),
    paused: fc.boolean(),
    replicas: fc.nat({ max: 3 }),
    available: fc.nat({ max: 3 }),
    annotations: fc.dictionary(
      fc.constantFrom(
        names.state,
        names.stable,
        names.history,
        names.twinOf,
        names.canary,
        'serin.dev/held-by',
        'x',
      ),
      fc.oneof(
        fc.constantFrom('policy', 'disabled', '', '{', '[]', 'analysis: {threshold: 0}'),
        fc.constantFrom(...Object.values(states)).map((state) => JSON.stringify(state)),
        fc.string(),
      ),
      { noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const stood: fc.Arbitrary<JsonObject> = fc.oneof(
  shape.map((each) => aDeployment(each)),
  fc.tuple(fc.constantFrom(...Object.values(states)), shape).map(([state, each]) => standing(state, each)),
  fc.constantFrom(...Object.values(states)).map((state) => standing(state)),
);

const asking: fc.Arbitrary<Asked> = fc
  .tuple(stood, shape, fc.boolean())
  .map(([old, changes, isNew]): Asked => {
    const object = changed(old, changes);
    return isNew ? { ...updating(old, object), operation: 'CREATE' } : updating(old, object);
  });

test('whatever is asked: asked again it adds nothing, and it touches annotations and the pause alone', () => {
  fc.assert(
    fc.property(asking, (asked) => {
      const before = JSON.stringify(asked);
      const verdict = decide(asked, { controller });
      equal(JSON.stringify(asked), before);
      if (verdict.kind === 'deny') return;
      const after = patched(asked.object, verdict.patch);
      const again = decide({ ...asked, object: after }, { controller });
      deepEqual(again.kind === 'allow' && again.patch, []);
      for (const { path } of verdict.patch)
        ok(/^\/(metadata\/annotations|spec\/paused)(\/|$)/.test(path), path);
      for (const name of Object.keys(annotationsOf(asked.object))) {
        if (name.startsWith('serin.dev/') && name !== names.canary) continue;
        equal(annotationsOf(after)[name], annotationsOf(asked.object)[name]);
      }
    }),
    { numRuns: 500 },
  );
});

/** What a person can do to a Deployment that serves, except to say that it needs no canary. */
const deed = fc.record(
  {
    template: fc.constantFrom(templates.one, templates.two, templates.three, aTemplate('web:4')),
    paused: fc.boolean(),
    annotations: fc.dictionary(
      fc.constantFrom(names.state, names.stable, 'serin.dev/held-by', names.twinOf, 'x'),
      fc.constantFrom('policy', '', '[]', JSON.stringify(states.succeeded), JSON.stringify(states.aborting)),
      { noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('whatever people do, in whatever order, no template but the stable one ever rolls without the controller', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 12 }), fc.boolean(), (deeds, paused) => {
      let object = aDeployment({ paused });
      for (const changes of deeds) {
        const asked = updating(object, changed(object, changes));
        const verdict = decide(asked, { controller });
        if (verdict.kind === 'deny') continue;
        object = patched(asked.object, verdict.patch);
        const isStable = isSame(specOf(object)['template'] ?? null, templates.one);
        ok(isStable || specOf(object)['paused'] === true, JSON.stringify(object));
        const state = readState(annotationsOf(object));
        ok(state === undefined || !('corrupt' in state));
      }
    }),
    { numRuns: 300 },
  );
});
