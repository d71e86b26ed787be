// What somebody writes below a request, as a command: any text has a meaning, and none a power that it should not have.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { argvOf } from '../../src/chatops/argv.ts';
import { choose, type Comment, readComment, reasonOf, words } from '../../src/chatops/comment.ts';
import { block, code } from '../../src/chatops/markdown.ts';
import { parseCommand } from '../../src/config/asked-command.ts';
import { readArgs } from '../../src/plugin/args.ts';
import { verbs } from '../../src/plugin/verbs.ts';

const url = 'https://github.com/acme/shop/pull/7#issuecomment-1';
const [web, cart] = [
  { namespace: 'shop', name: 'web' },
  { namespace: 'shop', name: 'cart' },
];

const comments: { readonly [text: string]: Comment } = {
  '/canary': { kind: 'asked', word: 'status', rest: [] },
  '  \n/canary status web': { kind: 'asked', word: 'status', rest: ['web'] },
  '/canary PROMOTE web seen enough\nand more': {
    kind: 'asked',
    word: 'promote',
    rest: ['web', 'seen', 'enough'],
  },
  '/canary\tabort\r\nx': { kind: 'asked', word: 'abort', rest: [] },
  '/canary abrt web': { kind: 'unknown', near: 'abort' },
  '/canary dance': { kind: 'unknown' },
  '/canaryabort': { kind: 'none' },
  '> /canary abort': { kind: 'none' },
  'please /canary abort': { kind: 'none' },
  '`/canary abort`': { kind: 'none' },
  '': { kind: 'none' },
};

for (const [text, comment] of Object.entries(comments))
  test(`${JSON.stringify(text)} is ${comment.kind}`, () => deepEqual(readComment(text), comment));

test('the first word is the name where it is one, and of the reason where it is not', () => {
  deepEqual(choose(['web', 'slow'], [web, cart]), { kind: 'chosen', target: web, rest: ['slow'] });
  deepEqual(choose(['shop/cart'], [web, cart]), { kind: 'chosen', target: cart, rest: [] });
  deepEqual(choose(['too', 'slow'], [web]), { kind: 'chosen', target: web, rest: ['too', 'slow'] });
  deepEqual(choose([], [web]), { kind: 'chosen', target: web, rest: [] });
});

test('what is not clear is asked: several, nearly a name, one of another namespace, none', () => {
  deepEqual(choose(['slow'], [web, cart]), { kind: 'unclear', why: 'several' });
  deepEqual(choose(['web'], [web, { ...web, namespace: 'play' }]), { kind: 'unclear', why: 'several' });
  deepEqual(choose(['wep'], [web]), { kind: 'unclear', why: 'near' });
  deepEqual(choose(['play/web'], [web]), { kind: 'unclear', why: 'near' });
  deepEqual(choose([], []), { kind: 'unclear', why: 'none' });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        '/canary',
        ...words,
        '--kubeconfig=/x',
        '-f',
        '--',
        'web',
        '<b>',
        '`'.repeat(3),
        '\n',
        '@ann',
      ),
    )
    .map((parts) => parts.join(' ')),
);

test('property: no comment throws, and none becomes a flag that the words do not have', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom(...words), (text, word) => {
      readComment(text);
      const said = readComment(`/canary ${word} ${text}`);
      if (said.kind !== 'asked') return;
      const choice = choose(said.rest, [web]);
      if (choice.kind !== 'chosen') return;
      const argv = argvOf(said.word, choice.target, choice.rest, url);
      if (argv === undefined) return;
      const verb = verbs.find(({ name }) => name === argv[0]);
      ok(verb !== undefined);
      const read = readArgs(verb, argv.slice(1));
      ok('args' in read, JSON.stringify(read));
      deepEqual(read.args.positionals, ['web']);
      equal(read.args.text('namespace'), 'shop');
      for (const flag of ['kubeconfig', 'context', 'as', 'file', 'to', 'wait', 'output'])
        equal(read.args.isSet(flag), false, flag);
    }),
  );
});

test('property: every reason is one that Serin takes, with the comment it is from', () => {
  fc.assert(
    fc.property(fc.array(anyText), (rest) => {
      const reason = reasonOf(rest, url);
      const parsed = parseCommand(JSON.stringify({ do: 'abort', reason }));
      ok('said' in parsed, JSON.stringify(parsed));
      ok(parsed.said.reason?.includes(url));
    }),
  );
  equal(reasonOf(['too', 'slow'], url), `too slow (${url})`);
  equal(reasonOf([], url), url);
});

test('property: no text ends its block', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const [first = '', ...lines] = block(text).split('\n');
      const fence = /^(`{3,})text$/.exec(first)?.[1] ?? '';
      equal(lines.pop(), fence);
      ok(fence.length >= 3 && lines.every((line) => !line.includes(fence)));
    }),
  );
});

test('property: no name leaves its code', () => {
  fc.assert(fc.property(anyText, (text) => ok(/^`[^`<>@\n]*`$/.test(code(text)))));
});

test('an image is planned; without one, and with what is none, it is asked for', () => {
  deepEqual(argvOf('plan', web, ['web=reg.example/shop:2@sha256:ab'], url), [
    ...['plan', 'web', '--namespace', 'shop', '--image=web=reg.example/shop:2@sha256:ab'],
  ]);
  for (const rest of [[], ['--file=/etc/passwd'], ['web'], ['web=shop:2', 'please']])
    equal(argvOf('plan', web, rest, url), undefined);
});
