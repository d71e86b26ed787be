// The hold, where a reason is given for going without: what /mutate makes of it. Who may do that is for /validate to say.
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../src/admission/mutate.ts';
import type { Verdict } from '../../src/admission/verdict.ts';
import { readState } from '../../src/config/state.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { annotated } from './asking.ts';
import {
  aDeployment,
  changed,
  controller,
  patched,
  type Shape,
  standing,
  states,
  templates,
  updating,
} from './deployments.ts';

const reason = { 'serin.dev/bypass': 'the shop is down' };
const config = { controller };

interface Seen {
  readonly verdict: Verdict;
  readonly paused: unknown;
  readonly template: unknown;
  readonly state: string | undefined;
}

/** The update of `old` that gives a reason, as it is stored. */
function letBy(old: JsonObject, changes: Shape): Seen {
  const object = annotated(changed(old, changes), reason);
  const verdict = decide(updating(old, object), config);
  const after = verdict.kind === 'allow' ? patched(object, verdict.patch) : old;
  if (verdict.kind === 'allow') {
    const again = decide(updating(old, after), config);
    deepEqual(again.kind === 'allow' && again.patch, [], 'a second pass changes nothing');
  }
  const annotations = objectAt(objectAt(after, 'metadata'), 'annotations');
  const state = readState(annotations);
  const spec = objectAt(after, 'spec');
  return {
    verdict,
    paused: spec['paused'] ?? false,
    template: spec['template'],
    state: state === undefined || 'corrupt' in state ? undefined : state.phase,
  };
}

const cases: {
  readonly [behaviour: string]: readonly [old: JsonObject, changes: Shape, paused: boolean, state?: string];
} = {
  'a release goes out at once': [aDeployment(), { template: templates.two }, false],
  'a release of what its owner paused stays paused': [
    aDeployment({ paused: true }),
    { template: templates.two },
    true,
  ],
  'a third template goes out and ends the rollout': [
    standing(states.progressing),
    { template: templates.three, paused: false },
    false,
    'RollingBack',
  ],
  'a third template that comes with the hold goes out as well': [
    standing(states.progressing),
    { template: templates.three },
    false,
    'RollingBack',
  ],
  'what is held goes out where its hold is taken off': [
    standing(states.waiting),
    { paused: false },
    false,
    'RollingBack',
  ],
  'what failed goes out as well': [standing(states.failed), { paused: false }, false, 'RollingBack'],
  'a reason alone takes no hold off': [standing(states.waiting), {}, true, 'Waiting'],
  'the stable template ends the rollout as ever': [
    standing(states.progressing),
    { template: templates.one, paused: true },
    false,
    'RollingBack',
  ],
  'a scale is none of it': [standing(states.progressing), { replicas: 5 }, true, 'Progressing'],
  'a record that cannot be read goes with the hold': [
    annotated(standing(states.progressing), { 'serin.dev/state': '{' }),
    { template: templates.three },
    false,
  ],
};
for (const [behaviour, [old, changes, paused, state]] of Object.entries(cases))
  test(behaviour, () => {
    const seen = letBy(old, changes);
    equal(seen.verdict.kind, 'allow');
    deepEqual([seen.paused, seen.state], [paused, state]);
    deepEqual(seen.template, changes.template ?? objectAt(old, 'spec')['template']);
  });

test('who goes around is told, and stands in the record', () => {
  const object = annotated(changed(standing(states.progressing), { template: templates.three }), reason);
  const verdict = decide(updating(standing(states.progressing), object), config);
  match(JSON.stringify(verdict), /ann went around the canary: the shop is down/);
  deepEqual(verdict.kind === 'allow' && verdict.warnings, [
    'web goes out to everybody at once, without a canary: serin.dev/bypass gives a reason',
  ]);
});

test('while a promotion rolls pods it waits for that', () => {
  const { verdict } = letBy(standing(states.roll, { paused: false }), { template: templates.three });
  deepEqual([verdict.kind, verdict.kind === 'deny' && verdict.code], ['deny', 409]);
});

test('the reason of another request holds nothing up and lets nothing by', () => {
  const old = annotated(aDeployment(), reason);
  const verdict = decide(updating(old, changed(old, { template: templates.two })), config);
  equal(verdict.kind === 'allow' && verdict.outcome, 'held');
});
