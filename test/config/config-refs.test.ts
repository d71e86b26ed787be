import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bareSpec, configRefs, refName } from '../../src/config/config-refs.ts';
import { configOf, readSeen, withConfig, writeSeen } from '../../src/config/config-seen.ts';
import { names } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';

const inContainer = (container: JsonObject): Json => ({ spec: { containers: [container] } });
const inVolume = (volume: JsonObject): Json => ({ spec: { volumes: [volume] } });
const env = (valueFrom: JsonObject): Json => inContainer({ env: [{ name: 'A', valueFrom }] });

const reads: readonly (readonly [string, Json, readonly string[]])[] = [
  ['a volume of a ConfigMap', inVolume({ configMap: { name: 'a' } }), ['ConfigMap/a']],
  ['a volume of a Secret', inVolume({ secret: { secretName: 'a' } }), ['Secret/a']],
  [
    'a projected volume',
    inVolume({ projected: { sources: [{ configMap: { name: 'a' } }, { secret: { name: 'b' } }, {}] } }),
    ['ConfigMap/a', 'Secret/b'],
  ],
  ['a variable of a ConfigMap', env({ configMapKeyRef: { name: 'a', key: 'k' } }), ['ConfigMap/a']],
  ['a variable of a Secret', env({ secretKeyRef: { name: 'a', key: 'k' } }), ['Secret/a']],
  ['a variable of a field of the pod', env({ fieldRef: { fieldPath: 'status.podIP' } }), []],
  [
    'whole objects as variables',
    inContainer({ envFrom: [{ configMapRef: { name: 'a' } }, { secretRef: { name: 'b', optional: true } }] }),
    ['ConfigMap/a', 'Secret/b?'],
  ],
  [
    'an init container',
    { spec: { initContainers: [{ envFrom: [{ configMapRef: { name: 'a' } }] }] } },
    ['ConfigMap/a'],
  ],
  [
    'one that is read twice, and needed once',
    inContainer({
      envFrom: [{ configMapRef: { name: 'a', optional: true } }, { configMapRef: { name: 'a' } }],
    }),
    ['ConfigMap/a'],
  ],
  [
    'one that is read twice, and optional each time',
    inContainer({
      envFrom: [{ configMapRef: { name: 'a', optional: true } }],
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'k', optional: true } } }],
    }),
    ['ConfigMap/a?'],
  ],
  ['other volumes', inVolume({ emptyDir: {} }), []],
  ['a template that is none', null, []],
];
for (const [what, template, refs] of reads)
  test(`read: ${what}`, () => {
    const found = configRefs(template);
    deepEqual(
      found.map((ref) => refName(ref) + (ref.optional ? '?' : '')),
      refs,
    );
    deepEqual(configRefs({ spec: bareSpec(found) }), found);
  });

const digests = fc.dictionary(fc.string(), fc.string());
test('what is noted is read back as the same', () => {
  fc.assert(
    fc.property(
      fc.string(),
      digests,
      fc.option(fc.record({ mark: fc.string(), digests })),
      (key, all, tried) => {
        const seen = { key, digests: { ...all }, ...(tried === null ? {} : { tried }) };
        const back = readSeen({ [names.configSeen]: writeSeen(seen) });
        deepEqual(JSON.parse(JSON.stringify(back)), JSON.parse(JSON.stringify(seen)));
      },
    ),
  );
});

for (const text of ['', 'x', 'null', '[]', '{}', '{"key":1,"digests":{}}', '{"key":"k","digests":null}'])
  test(`a note that says ${JSON.stringify(text)} says nothing`, () => {
    deepEqual(readSeen({ [names.configSeen]: text }), undefined);
  });

const templates: readonly JsonObject[] = [
  { metadata: { labels: { app: 'web' } }, spec: {} },
  { metadata: { annotations: { own: 'x' } }, spec: {} },
  { spec: {} },
];
for (const template of templates)
  test(`${JSON.stringify(template)} with a mark and without it again is the same`, () => {
    const marked = withConfig(template, 'm');
    deepEqual(configOf(marked), 'm');
    deepEqual(withConfig(marked, undefined), { metadata: {}, ...template });
    deepEqual(withConfig(template, undefined), template);
  });
