import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseSettings, targetsOf } from '../../src/chatops/settings.ts';
import { isPlainMap, own } from '../../src/config/document.ts';

const read = (text: string): ReturnType<typeof parseSettings> => parseSettings(text);
const least = 'webhookSecretFile: /s, tokenFile: /t';

test('what is said is taken; names are known in any case', () => {
  const text = `github: {${least}, api: 'https://git.acme.example/api/v3/',
    people: {Ann: {user: ann@acme.example, groups: [shop]}}, repositories: {Acme/Shop: [shop/web]}}`;
  deepEqual(read(text), {
    github: {
      api: 'https://git.acme.example/api/v3',
      webhookSecretFile: '/s',
      access: { tokenFile: '/t' },
      people: new Map([['ann', { user: 'ann@acme.example', groups: ['shop'] }]]),
      repositories: new Map([['Acme/Shop', [{ namespace: 'shop', name: 'web' }]]]),
    },
  });
});

test('a repository is known in any case', () => {
  const settings = read(`github: {${least}, repositories: {Acme/Shop: [shop/web], acme/play: [play/web]}}`);
  ok('github' in settings && settings.github !== undefined);
  deepEqual(targetsOf(settings.github, 'acme/SHOP'), [{ namespace: 'shop', name: 'web' }]);
  deepEqual(targetsOf(settings.github, 'acme/other'), []);
});

test('a GitHub App has its key in place of a token', () => {
  const text = 'github: {webhookSecretFile: /s, app: {id: "12", privateKeyFile: /k}}';
  const settings = read(text);
  ok('github' in settings);
  deepEqual(settings.github?.access, { app: { id: '12', privateKeyFile: '/k' } });
});

const mistakes: { readonly [text: string]: readonly string[] } = {
  '': ['the settings: expected github or gitlab'],
  'bitbucket: {}': ['bitbucket is not a known field', 'the settings: expected github or gitlab'],
  'gitlab: {}': [
    'gitlab.webhookSecretFile is missing: the path of a file is needed',
    'gitlab.tokenFile is missing: the path of a file is needed',
  ],
  [`gitlab: {${least}, app: {id: "1"}}`]: ['gitlab.app is not a known field; did you mean api?'],
  [`gitlab: {${least}, api: 'http://gitlab.example'}`]: [
    'gitlab.api: expected an https URL, got "http://gitlab.example"',
  ],
  [`github: {${least}, app: {id: "1", privateKeyFile: /k}}`]: [
    'github.tokenFile and app: one of them is enough',
  ],
  [`github: {${least}, people: {ann: {user: 'system:admin'}, bob: {user: bob, groups: ['system:masters']}}}`]:
    [
      'github.people.ann names a user or group that begins with system:, which nobody can be',
      'github.people.bob names a user or group that begins with system:, which nobody can be',
    ],
  [`github: {${least}, people: {ann: {}, bob: {user: "b\\r\\nX: y"}}}`]: [
    'github.people.ann.user is missing: a Kubernetes user is needed',
    'github.people.bob names a user or group with blanks or letters that no header can hold',
  ],
  [`github: {${least}, repositories: {acme/shop: [web, shop/--as]}}`]: [
    'github.repositories.acme/shop names web, expected NAMESPACE/NAME',
    'github.repositories.acme/shop names shop/--as, expected NAMESPACE/NAME',
  ],
};

for (const [text, said] of Object.entries(mistakes))
  test(`wrong: ${text.slice(0, 90)}`, () => deepEqual(read(text), { mistakes: said }));

test('the example of the manifests, and that of the page, can be followed', () => {
  const file = (name: string): string => readFileSync(join(import.meta.dirname, '../..', name), 'utf8');
  const map: unknown = parse(file('manifests/chatops/config-map.yaml'));
  const data = isPlainMap(map) ? own(map, 'data') : undefined;
  const settings = isPlainMap(data) ? own(data, 'chatops.yaml') : undefined;
  const page = /```yaml file=chatops.yaml\n(.*?)```/s.exec(file('docs/chatops.md'))?.[1];
  for (const text of [settings, page]) {
    ok(typeof text === 'string');
    const parsed = read(text);
    ok(!('mistakes' in parsed), JSON.stringify(parsed));
  }
});
