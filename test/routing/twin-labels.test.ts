import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelSelector, labelsIn, selectorMatches, serviceSelector } from '../../src/routing/selectors.ts';
import { twinService } from '../../src/routing/service.ts';
import { twinLabels } from '../../src/routing/twin-labels.ts';
import type { Labels } from '../../src/routing/types.ts';
import { hash } from './builders.ts';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u-1' };
const on = (matchLabels: Labels): ReturnType<typeof labelSelector> => labelSelector({ matchLabels });

const cases: readonly (readonly [what: string, candidate: Labels, selectors: Labels[], changed: Labels])[] = [
  ['the one key of the selector', { app: 'web', tier: 'x' }, [{ app: 'web' }], { app: 'web-canary' }],
  [
    'the one key that all selectors have',
    { app: 'web', name: 'web', tier: 'x' },
    [{ app: 'web', tier: 'x' }, { tier: 'x' }],
    { tier: 'x-canary' },
  ],
  [
    'the pair of keys that most selectors have, where several pairs would do',
    { w: '1', x: '1', y: '1', z: '1' },
    [
      { z: '1', y: '1' },
      { z: '1', x: '1' },
      { y: '1', x: '1' },
      { z: '1', w: '1' },
      { y: '1', w: '1', z: '1' },
    ],
    { z: '1-canary', y: '1-canary' },
  ],
  ['the first of the alphabet among equals', { b: '1', a: '1' }, [{ b: '1', a: '1' }], { a: '1-canary' }],
  [
    'two keys where Services select by different ones',
    { app: 'web', name: 'shop', tier: 'x' },
    [{ app: 'web' }, { name: 'shop' }, { app: 'web', tier: 'x' }],
    { app: 'web-canary', name: 'shop-canary' },
  ],
  ['an empty value', { app: '' }, [{ app: '' }], { app: 'canary' }],
  [
    'another key where the changed value is selected too',
    { app: 'web', tier: 'x' },
    [{ app: 'web', tier: 'x' }, { app: 'web-canary' }],
    { tier: 'x-canary' },
  ],
];
for (const [what, candidate, selectors, changed] of cases) {
  test(`a twin differs in ${what}`, () => {
    deepEqual(twinLabels(candidate, selectors.map(on), hash), {
      ok: true,
      labels: { ...candidate, ...changed },
      changed,
    });
  });
}

test('a selector that cannot be escaped is an answer, not an error', () => {
  const whys = [{}, { other: 'x' }].map((matchLabels) => twinLabels({ app: 'web' }, [on(matchLabels)], hash));
  deepEqual(whys, [
    { ok: false, why: 'an empty selector selects every pod, so also the pods of the twin' },
    { ok: false, why: 'no selector looks at a label of the candidate, so nothing tells its pods apart' },
  ]);
  const exists = labelSelector({ matchExpressions: [{ key: 'app', operator: 'Exists' }] });
  deepEqual(twinLabels({ app: 'web' }, [exists], hash), {
    ok: false,
    why: "the selector on app selects the twin's pods whatever values their labels have",
  });
});

test('with more keys than can be tried in every way all of them change', () => {
  const candidate = Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`k${n}`, 'v']));
  const twin = twinLabels(candidate, [on(candidate)], hash);
  ok(twin.ok);
  deepEqual(
    Object.values(twin.changed),
    Array.from({ length: 13 }, () => 'v-canary'),
  );
});

const expressions: readonly (readonly [operator: string, values: string[], web: boolean, none: boolean])[] = [
  ['In', ['web', 'api'], true, false],
  ['In', ['api'], false, false],
  ['NotIn', ['api'], true, true],
  ['NotIn', ['web'], false, true],
  ['Exists', [], true, false],
  ['DoesNotExist', [], false, true],
];
for (const [operator, values, web, none] of expressions) {
  test(`an expression ${operator} ${values.join('|')} ${web ? 'selects' : 'does not select'} app=web`, () => {
    const selector = labelSelector({ matchExpressions: [{ key: 'app', operator, values }] });
    deepEqual([selectorMatches(selector, { app: 'web' }), selectorMatches(selector, {})], [web, none]);
  });
}

test('a Service without a selector selects nothing', () => {
  deepEqual(serviceSelector({ spec: { selector: {} } }), undefined);
  deepEqual(serviceSelector({ spec: {} }), undefined);
  deepEqual(serviceSelector({ spec: { selector: { app: 'web' } } }), on({ app: 'web' }));
  deepEqual(labelsIn(undefined), {});
});

const key = fc.constantFrom('app', 'name', 'tier', 'version', 'team');
const value = fc.constantFrom('web', 'api', 'x'.repeat(63), 'v1');
const labels = fc.dictionary(key, value, { minKeys: 1 });

test('a twin escapes every selector of the stable pods with as few changes as can be', () => {
  const selecting = labels.chain((candidate) =>
    fc.tuple(
      fc.constant(candidate),
      fc.array(
        fc
          .subarray(Object.entries(candidate), { minLength: 1 })
          .map((entries) => Object.fromEntries(entries)),
        { minLength: 1, maxLength: 5 },
      ),
    ),
  );
  fc.assert(
    fc.property(selecting, ([candidate, selectors]) => {
      const twin = twinLabels(candidate, selectors.map(on), hash);
      ok(twin.ok);
      ok(!selectors.some((selector) => selectorMatches(on(selector), twin.labels)));
      ok(Object.values(twin.labels).every((text) => text.length <= 63 && /[a-z0-9]$/.test(text)));
      deepEqual(Object.keys(twin.labels).sort(), Object.keys(candidate).sort());
      for (const needed of Object.keys(twin.changed)) {
        const fewer = { ...twin.labels, [needed]: candidate[needed] ?? '' };
        ok(
          selectors.some((selector) => selectorMatches(on(selector), fewer)),
          `${needed} need not change`,
        );
      }
    }),
  );
});

test('the twin’s Service selects the twin’s pods and no stable pod', () => {
  fc.assert(
    fc.property(labels, fc.array(labels, { maxLength: 3 }), (candidate, others) => {
      const [first = 'app'] = Object.keys(candidate);
      const selector = { [first]: candidate[first] ?? '' };
      const twin = twinLabels(candidate, [selector, ...others].map(on), hash);
      if (!twin.ok) return;
      const made = twinService({ spec: { selector } }, 'web-canary', twin.changed, owner);
      const selected = serviceSelector(made) ?? on({});
      ok(selectorMatches(selected, twin.labels));
      ok(!selectorMatches(selected, candidate));
    }),
  );
});
