// What the webhook answers to `serin.dev/command`: in every stage of a rollout, and to those who would say it for others.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decide } from '../../src/admission/mutate.ts';
import type { Asked, Verdict } from '../../src/admission/verdict.ts';
import { writeCommand } from '../../src/config/asked-command.ts';
import { names } from '../../src/kube/objects.ts';
import { verbs } from '../../src/rollout/command.ts';
import type { HistoryEntry, Json, JsonObject, State } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { golden } from '../golden.ts';
import { annotated } from './asking.ts';
import {
  aDeployment,
  changed,
  controller,
  creating,
  patched,
  standing,
  states,
  templates,
  updating,
} from './deployments.ts';

const { one, two, three } = templates;
const commandIn = (object: JsonObject): Json | undefined =>
  objectAt(objectAt(object, 'metadata'), 'annotations')[names.command];

/** What is stored, or why nothing is. */
function answerTo(asked: Asked): { stored: Json | undefined; warnings: readonly string[] } | string {
  const verdict: Verdict = decide(asked, { controller });
  if (verdict.kind === 'deny') return verdict.message;
  const object = patched(asked.object, verdict.patch);
  const again = decide({ ...asked, object }, { controller });
  deepEqual(again.kind === 'allow' ? again.patch : again, [], 'asked again, it has nothing to add');
  deepEqual(decide({ ...asked, dryRun: true }, { controller }), verdict, 'a dry run is answered the same');
  return { stored: commandIn(object), warnings: verdict.warnings };
}

function refusalOf(asked: Asked): string {
  const answer = answerTo(asked);
  return typeof answer === 'string' ? answer : 'taken';
}

const say = (old: JsonObject, text: string, username = 'ann'): Asked =>
  updating(old, annotated(old, { [names.command]: text }), username);

const { revision, stableRevision } = states.progressing;
const entry = (of: string, outcome: HistoryEntry['outcome']): HistoryEntry => {
  return { revision: of, outcome, startedAt: 1, endedAt: 2, actor: 'ann', message: '' };
};
const past = JSON.stringify([
  entry('oldest', 'Succeeded'),
  entry('slow', 'Failed'),
  entry('older', 'Succeeded'),
  entry(revision, 'Succeeded'),
]);

/** web in each state, as it is stored: held while a candidate is in it. */
const isOver = { succeeded: two, aborted: one } as const;
const isRolling = ['roll', 'giveBack', 'finalising', 'turnedBack'];
function inState(name: string, state: State): JsonObject {
  const over = Object.entries(isOver).find(([each]) => each === name);
  if (over !== undefined) {
    const bare = standing(state, { template: over[1], paused: false });
    return annotated(bare, { [names.stable]: undefined, [names.history]: past });
  }
  return standing(state, { paused: !isRolling.includes(name) });
}

const stages: { readonly [name: string]: JsonObject } = {
  ...Object.fromEntries(Object.entries(states).map(([name, state]) => [name, inState(name, state)])),
  paused: standing({ ...states.progressing, pause: { actor: 'bob', at: 1 } }),
  restored: annotated(standing(states.failed, { template: one, paused: false }), {
    [names.stable]: undefined,
  }),
  'no rollout': aDeployment(),
  'a state that cannot be read': annotated(standing(states.progressing), { [names.state]: '{' }),
};

const succeeded = stages['succeeded'] ?? {};

test('each command in each stage is taken, or refused with what to do in its place', () => {
  const lines = Object.entries(stages).flatMap(([stage, old]) => [
    `${stage}:`,
    ...verbs.map((verb) => `  ${verb}: ${refusalOf(say(old, verb))}`),
  ]);
  golden('commands/stages.txt', `${lines.join('\n')}\n`);
});

const stamped = (actor: string, more: object = {}): string =>
  writeCommand({ v: 1, do: 'abort', actor, revision, ...more });

const forgeries: { readonly [what: string]: string } = {
  'the word alone': 'abort',
  'another as its author': '{do: abort, actor: root}',
  'another revision': '{"do":"abort","revision":"old","v":7}',
  'the stamp of another': stamped('bob'),
};
describe('whatever is written, it is stamped with who says it, and of which revision', () => {
  for (const [what, text] of Object.entries(forgeries))
    test(what, () => {
      deepEqual(answerTo(say(stages['progressing'] ?? {}, text)), { stored: stamped('ann'), warnings: [] });
    });
});

test('a stamp with two authors is refused', () => {
  const text = stamped('ann').replace('}', ',"actor":"root"}');
  match(refusalOf(say(standing(states.progressing), text)), /serin.dev\/command names "actor" twice/);
});

test('a rollback of what has failed says which revision runs, or goes where it is told', () => {
  const failed = annotated(standing(states.failed), { [names.history]: past });
  match(refusalOf(say(failed, 'rollback')), /its pods run revision \w+ still; to go back, kubectl set image/);
  equal(refusalOf(say(failed, '{do: rollback, to: older}')), 'taken');
});

test('the reason stays, and nothing else of the object changes', () => {
  const asked = say(standing(states.progressing), 'abort: checkout is slow');
  const verdict = decide(asked, { controller });
  const value = stamped('ann', { reason: 'checkout is slow' });
  deepEqual(verdict.kind === 'allow' && verdict.patch, [
    { op: 'replace', path: '/metadata/annotations/serin.dev~1command', value },
  ]);
});

const withCommand = annotated(standing(states.progressing), { [names.command]: stamped('bob') });

test('a command that stands there is still of who said it, whoever changes something else', () => {
  deepEqual(answerTo(updating(withCommand, changed(withCommand, { replicas: 9 }))), {
    stored: stamped('bob'),
    warnings: [],
  });
});

test('a command that waits to be heeded is not taken away, and another takes its place', () => {
  const answer = answerTo(updating(withCommand, annotated(withCommand, { [names.command]: undefined })));
  ok(typeof answer !== 'string');
  equal(answer.stored, stamped('bob'));
  match(answer.warnings.join(), /serin.dev\/command of web stays until Serin has heeded it/);
  deepEqual(answerTo(say(withCommand, 'abort')), { stored: stamped('ann'), warnings: [] });
});

test('a command and another template in one request: one at a time', () => {
  const both = changed(annotated(standing(states.progressing), { [names.command]: 'promote' }), {
    template: three,
  });
  match(
    refusalOf(updating(standing(states.progressing), both)),
    /^one at a time: serin.dev\/command tells the rollout of web something/,
  );
});

test('a command and a hold taken off with a reason in one request: one at a time', () => {
  const annotations = { [names.command]: 'promote', 'serin.dev/bypass': 'shop is down' };
  const both = changed(annotated(standing(states.progressing), annotations), { paused: false });
  match(refusalOf(updating(standing(states.progressing), both)), /^one at a time: /);
});

test('an old stamp that an undo brings back with its template is left out, and the undo is held', () => {
  const old = writeCommand({ v: 1, do: 'rollback', actor: 'bob', revision: 'older' });
  const undone = changed(annotated(succeeded, { [names.command]: old }), { template: three });
  const answer = answerTo(updating(succeeded, undone));
  ok(typeof answer !== 'string');
  equal(answer.stored, undefined);
});

for (const [how, template] of Object.entries({ 'a third': three, 'the stable': one }))
  test(`what was said of a candidate goes with it when ${how} template takes its place`, () => {
    const answer = answerTo(updating(withCommand, changed(withCommand, { template })));
    ok(typeof answer !== 'string');
    equal(answer.stored, undefined);
  });

test('a copy of a Deployment does not bring its command along', () => {
  const answer = answerTo(creating(aDeployment({ annotations: { [names.command]: stamped('ann') } })));
  deepEqual(answer, {
    stored: undefined,
    warnings: ['serin.dev/command is written by Serin alone: left out of a new Deployment'],
  });
});

const ways: { readonly [to: string]: RegExp | 'taken' } = {
  [stableRevision]: 'taken',
  oldest: 'taken',
  slow: /revision slow was never promoted; those that ran before: \w+, older, oldest$/,
  unheard: /revision unheard is not in its history; /,
  [revision]: /revision \w+ is what its pods run$/,
};
for (const [to, expected] of Object.entries(ways))
  test(`a rollback to revision ${to} is ${expected === 'taken' ? 'taken' : 'refused'}`, () => {
    const asked = say(succeeded, JSON.stringify({ do: 'rollback', to }));
    if (expected !== 'taken') return match(refusalOf(asked), expected);
    deepEqual(answerTo(asked), {
      stored: writeCommand({ v: 1, do: 'rollback', actor: 'ann', revision, to }),
      warnings: [],
    });
  });
