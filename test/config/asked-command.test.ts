import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { commandOf, parseCommand, readCommand, writeCommand } from '../../src/config/asked-command.ts';
import { type Command, verbs } from '../../src/rollout/command.ts';

const said: { readonly [how: string]: readonly [text: string, said: object] } = {
  'a word': ['promote', { do: 'promote' }],
  'a word with space around it': [' abort\n', { do: 'abort' }],
  'a word and why': ['abort: checkout is slow', { do: 'abort', reason: 'checkout is slow' }],
  'a reason that is no YAML': ['abort: 5xx: since noon #1', { do: 'abort', reason: '5xx: since noon #1' }],
  'a word and no reason after all': ['pause:', { do: 'pause' }],
  'a map in YAML': ['{do: pause, reason: lunch}', { do: 'pause', reason: 'lunch' }],
  'a map of two lines': ['do: rollback\nto: "4f2a77c001"', { do: 'rollback', to: '4f2a77c001' }],
  'a map in JSON': ['{"do":"retry"}', { do: 'retry' }],
  'what was stamped before, for somebody else': [
    '{"v":1,"do":"resume","actor":"ann","revision":"4f2a77c001"}',
    { do: 'resume' },
  ],
};
describe('a command is read from', () => {
  for (const [how, [text, expected]] of Object.entries(said))
    test(how, () => deepEqual(parseCommand(text), { said: expected }));
});

const refused: { readonly [what: string]: readonly [text: string, problem: RegExp] } = {
  'a verb that is none': ['ship', /^serin.dev\/command: do: expected promote or abort or .+, got "ship"$/],
  nothing: ['', /^serin.dev\/command: expected one of promote, abort, .+, got null$/],
  'a list': ['[promote]', /^serin.dev\/command: expected one of/],
  'two words': ['promote now', /^serin.dev\/command: expected one of .+, got "promote now"$/],
  'a map without a verb': ['{reason: lunch}', /do is missing: promote, abort, .+ is needed/],
  'a field that is none': ['{do: abort, raeson: slow}', /raeson is not a known field; did you mean reason\?/],
  'a reason of 501 characters': [`abort: ${'x'.repeat(501)}`, /reason is 501 characters long; at most 500/],
  'a text of 5000 characters': [`{do: abort} #${'x'.repeat(5000)}`, /is 5013 characters long; at most 4096/],
  'a reason of two lines': ['abort: a\nb', /reason has control characters in it/],
  'a reason that colours the terminal': ['abort: \u001b[31mred', /control characters/],
  'a reason that turns the line around': ['abort: a\u202eb', /control characters/],
  'half a character': ['{"do":"abort","reason":"\\ud800"}', /control characters/],
  'a revision for another verb': ['{do: abort, to: "4f2a77c001"}', /to is for rollback, and not for abort/],
  'a revision that YAML takes for a number': [
    '{do: rollback, to: 1234567890}',
    /to: expected a text, got 1234567890/,
  ],
  'what is no YAML': ['{do: abort', /serin.dev\/command is not YAML/],
};
describe('no command is', () => {
  for (const [what, [text, problem]] of Object.entries(refused))
    test(what, () => {
      const parsed = parseCommand(text);
      match('problem' in parsed ? parsed.problem : 'taken', problem);
    });
});

const command: Command = { v: 1, do: 'abort', actor: 'ann', revision: '4f2a77c001', reason: 'slow' };
const on = (text: string) => ({ metadata: { annotations: { 'serin.dev/command': text } } });

test('what is written is read back, whoever says what of which revision', () => {
  const text = fc.string({ unit: 'binary' });
  const commands = fc
    .tuple(fc.constantFrom(...verbs), text, text)
    .map(([verb, actor, revision]): Command => ({ v: 1, do: verb, actor, revision }));
  fc.assert(
    fc.property(commands, (each) => {
      deepEqual(readCommand({ 'serin.dev/command': writeCommand(each) }), each);
      deepEqual(parseCommand(writeCommand({ ...each, actor: 'a', revision: 'b' })), {
        said: { do: each.do },
      });
    }),
  );
});

const forged = {
  'the plain word': 'abort',
  'an actor twice': writeCommand(command).replace('"reason"', '"actor":"admin","reason"'),
  'a verb twice': writeCommand(command).replace('"reason"', '"do":"promote","reason"'),
  'an escape in place of a letter': writeCommand(command).replace('"ann"', '"\\u0061nn"'),
  'spaces that nobody wrote': JSON.stringify(command, undefined, 1),
  'no actor': '{"v":1,"do":"abort","revision":"4f2a77c001"}',
  'another form': writeCommand(command).replace('"v":1', '"v":2'),
  'no JSON': '{',
  null: 'null',
};
describe('the controller takes what the webhook wrote, and not', () => {
  for (const [what, text] of Object.entries(forged))
    test(what, () => {
      ok('corrupt' in (readCommand(on(text).metadata.annotations) ?? {}));
      equal(commandOf(on(text), command), undefined);
    });
});

test('a command is for the revision it was said of, and for no other', () => {
  deepEqual(commandOf(on(writeCommand(command)), command), command);
  equal(commandOf(on(writeCommand(command)), { revision: 'another' }), undefined);
  equal(commandOf({ metadata: {} }, command), undefined);
});
