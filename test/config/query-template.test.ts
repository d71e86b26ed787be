import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fillQuery } from '../../src/config/query-template.ts';

const values = { namespace: 'shop', name: 'web', target: 'web-canary', service: 'front', interval: '60s' };
const filled = (template: string, variables?: Record<string, string>): unknown => {
  const query = fillQuery(template, values, variables);
  return query.ok ? query.query : query.mistakes;
};
const known =
  'what can be filled in is namespace, name, target, service, interval, variables (as variables.NAME)';

const cases: readonly (readonly [what: string, template: string, expected: unknown])[] = [
  [
    'every function has its value',
    '{{namespace}}/{{ name }}/{{ target }}/{{ service }}[{{ interval }}]',
    'shop/web/web-canary/front[60s]',
  ],
  ['a trim marker takes the blanks beside it', 'a \n {{- name -}} \t b {{ name }} c', 'awebb web c'],
  ['braces that hold no placeholder stay', '{a="{b}", c={d={e}}}', '{a="{b}", c={d={e}}}'],
  ['a variable is a field', '{{ variables.direction }} {{ .variables.direction }}', 'inbound inbound'],
  ['a variable is indexed', '{{ index variables "a-b" }} {{ index .variables  "direction" }}', 'x inbound'],
  ['a value is not filled in again', '{{ index variables "nested" }}', '{{ name }}'],
  [
    'a name nothing is known of is a mistake, told once',
    '{{ primary }}{{ primary }}',
    [`holds {{ primary }}; ${known}`],
  ],
  ['variables as a whole are no text', '{{ variables }}', [`holds {{ variables }}; ${known}`]],
  ['a pipeline of Go is a mistake', '{{ name | printf "%q" }}', [`holds {{ name | printf "%q" }}; ${known}`]],
  ['nothing in braces is a mistake', '{{}}', [`holds {{  }}; ${known}`]],
  ['braces that are not closed are a mistake', 'x {{ name', ['holds {{ without }}']],
  [
    'what Serin does not route by is told apart',
    '{{ ingress }} {{ route }}',
    [
      'holds {{ ingress }}, but no Ingress is edited by Serin: write its name, or give it as a variable',
      'holds {{ route }}, but no HTTPRoute is edited by Serin: write its name, or give it as a variable',
    ],
  ],
  [
    'a variable that is not given is named, with those that are',
    '{{ variables.reporter }} {{ variables.toString }}',
    [
      'holds the variable reporter, and templateVariables has only direction, a-b, nested',
      'holds the variable toString, and templateVariables has only direction, a-b, nested',
    ],
  ],
];
for (const [what, template, expected] of cases) {
  test(what, () => {
    deepEqual(filled(template, { direction: 'inbound', 'a-b': 'x', nested: '{{ name }}' }), expected);
  });
}

test('a variable where none are given', () => {
  deepEqual(filled('{{ variables.x }}'), ['holds the variable x, and templateVariables is not given']);
});

test('a text of nothing but blanks and braces is answered at once', () => {
  const blanks = ' '.repeat(64_000);
  const started = performance.now();
  for (const text of [`{{${blanks}`, `{{${blanks}x}}`, `${blanks}{{-${blanks}`, '{{-'.repeat(20_000)])
    filled(text);
  ok(performance.now() - started < 1000, 'quadratic or worse');
});

test('any text is filled in or has mistakes, and one without {{ stays as it is', () => {
  const text = fc
    .array(fc.constantFrom('{{', '}}', '{', '}', '-', ' ', 'name', 'variables', '.', 'x'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (template) => {
      const query = fillQuery(template, values);
      if (!query.ok) ok(query.mistakes.length > 0);
      else if (!template.includes('{{')) deepEqual(query.query, template);
    }),
  );
});
