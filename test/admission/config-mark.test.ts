// What becomes of Serin's mark in a pod template when others write the whole object.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../src/admission/mutate.ts';
import { configOf, withConfig } from '../../src/config/config-seen.ts';
import { holding } from '../../src/config/hold.ts';
import { stableOf } from '../../src/config/stable.ts';
import { readState } from '../../src/config/state.ts';
import { templateOf } from '../../src/kube/deployment.ts';
import { names } from '../../src/kube/objects.ts';
import { revisionOf } from '../../src/kube/revision.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { aDeployment, changed, controller, patched, templates, updating } from './deployments.ts';

const marked = withConfig(templates.one, 'm');
const stored = aDeployment({ template: marked, annotations: { [names.configSeen]: '{}' } });

function answered(old: JsonObject, object: JsonObject) {
  const verdict = decide(updating(old, object), { controller });
  if (verdict.kind === 'deny') throw new Error(verdict.message);
  const after = patched(object, verdict.patch);
  const again = decide(updating(old, after), { controller });
  deepEqual(again.kind === 'allow' && again.patch, [], 'asked again, it has nothing to add');
  return { ...verdict, after };
}

const bare = { spec: objectAt(templates.one, 'spec') };
const empty = { ...templates.one, metadata: { ...objectAt(templates.one, 'metadata'), annotations: {} } };
const drops: readonly (readonly [string, JsonObject])[] = [
  ['no annotations', templates.one],
  ['an empty map of annotations', empty],
  ['another mark', objectAt({ template: withConfig(templates.one, 'forged') }, 'template')],
];
for (const [what, template] of drops)
  test(`a template with ${what} in the place of the mark is no release: the mark is put back`, () => {
    const { outcome, after, warnings } = answered(stored, changed(stored, { template }));
    deepEqual([outcome, templateOf(after)], ['passed', marked]);
    ok(
      warnings.some((each) => each.startsWith('serin.dev/config in the template of web is written by Serin')),
    );
  });

test('a release that drops it is held with it, and the way back leads to the stable template', () => {
  for (const template of [templates.two, bare]) {
    const { outcome, after } = answered(stored, changed(stored, { template }));
    const annotations = objectAt(objectAt(after, 'metadata'), 'annotations');
    const state = readState(annotations);
    equal(outcome, 'held');
    equal(configOf(templateOf(after)), 'm');
    ok(state !== undefined && !('corrupt' in state));
    equal(state.revision, revisionOf(templateOf(after)));
    deepEqual(stableOf(annotations, templateOf(after), state), marked);
  }
});

test('what the owner keeps in a file does not end the trial of a change of configuration', () => {
  const { annotations } = holding(marked, templates.one, { actor: 'a change', ownPause: false });
  const held = aDeployment({ template: marked, annotations: annotations as JsonObject, paused: true });
  const { outcome, after } = answered(held, changed(held, { template: templates.one, paused: true }));
  deepEqual([outcome, templateOf(after)], ['passed', marked]);
});

test('a mark that somebody wrote by hand goes: it makes no release', () => {
  const old = aDeployment();
  const { outcome, after } = answered(old, changed(old, { template: marked }));
  deepEqual([outcome, templateOf(after)], ['passed', templates.one]);
});

test('the note of what pods read is put back', () => {
  const { after } = answered(stored, changed(stored, { annotations: { [names.configSeen]: 'x' } }));
  equal(objectAt(objectAt(after, 'metadata'), 'annotations')[names.configSeen], '{}');
});
