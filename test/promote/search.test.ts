// Where a version is found in a repository, and that its change touches nothing else.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { type File, type Looking, promoted, search } from '../../src/promote/search.ts';
import { layouts } from './layouts.ts';

const web: Looking = { app: 'web', deployment: 'web', environment: 'production', others: ['dev', 'staging'] };

function found(files: Readonly<Record<string, string>>, looking: Partial<Looking> = {}): string {
  const all = filesOf(files);
  const result = search(all, { ...web, ...looking });
  if ('problem' in result) return result.problem;
  return result.places.map(({ kind, file, what, from }) => `${kind} ${file}: ${what} ${from}`).join('\n');
}

const filesOf = (files: Readonly<Record<string, string>>): readonly File[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }));

const deploymentFile = (image: string, name = 'web'): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {template: {spec: {containers: [{name: app, image: ${image}}]}}}\n`;

for (const [name, { files, place }] of Object.entries(layouts))
  test(`finds the version in ${name}`, () => equal(found(files), place));

const rows: {
  readonly [behaviour: string]: readonly [Readonly<Record<string, string>>, Partial<Looking>, RegExp];
} = {
  'what all environments share is not changed for one of them': [
    {
      'base/web.yaml': deploymentFile('acme/web:1'),
      'overlays/production/kustomization.yaml': 'resources: [../../base]\n',
    },
    {},
    /no version of web that is production's alone; base\/web\.yaml has one .*: --path base\/web\.yaml takes that$/,
  ],
  'and it is where it is said': [
    {
      'base/web.yaml': deploymentFile('acme/web:1'),
      'overlays/production/kustomization.yaml': 'resources: [../../base]\n',
    },
    { path: 'base/web.yaml' },
    /^manifests base\/web\.yaml: Deployment web, container app 1$/,
  ],
  'what is of another environment is not taken': [
    { 'helmfiles/jx-staging/helmfile.yaml': 'releases:\n- {name: web, chart: dev/web, version: 1.0.0}\n' },
    {},
    /no version of web that is production's alone/,
  ],
  'several files are listed': [
    {
      'production/a/values.yaml': 'web: {image: {tag: 1}}\n',
      'production/b/values.yaml': 'web: {image: {tag: 1}}\n',
    },
    {},
    /^web stands in several files: production\/a\/values\.yaml \(values, web\.image\.tag\); production\/b\/.*; --path or --kind says which$/,
  ],
  'a release without a version cannot be promoted': [
    { 'helmfile.yaml': 'releases:\n- {name: web, chart: dev/web}\n' },
    {},
    /^helmfile\.yaml: release web has no version to change: it is missing$/,
  ],
  'what others share by an anchor stays': [
    { 'requirements.yaml': 'dependencies:\n- {name: web, version: &v 1.0.0}\n- {name: api, version: *v}\n' },
    {},
    /has the anchor &v: others have the same value/,
  ],
  'an alias stays': [
    { 'requirements.yaml': 'dependencies:\n- {name: api, version: &v 1.0.0}\n- {name: web, version: *v}\n' },
    {},
    /is the alias \*v: others have the same value/,
  ],
  'a digest stays': [
    { 'web.yaml': deploymentFile(`acme/web:1@sha256:${'a'.repeat(64)}`) },
    {},
    /Deployment web, container app is pinned by a digest/,
  ],
  'of several containers the one with the image of that name counts': [
    {
      'web.yaml':
        'kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a, image: acme/proxy:1}, {name: b, image: "r:5000/acme/web:2"}]}}}\n',
    },
    {},
    /^manifests web\.yaml: Deployment web, container b 2$/,
  ],
  'where none is called so, they are named': [
    {
      'web.yaml':
        'kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a, image: x:1}, {name: b, image: y:2}]}}}\n',
    },
    {},
    /has several containers, none with an image web: a, b$/,
  ],
  'an application that nobody names is not there': [
    { 'requirements.yaml': 'dependencies:\n- {name: api, version: 1.0.0}\n' },
    {},
    /^the repository has no version of web: it was looked for as helmfile, chart, kustomize, values, manifests$/,
  ],
  'a file that is no YAML is named': [
    { 'helmfile.yaml.gotmpl': 'releases:\n{{ range }}\n- {name: web\n' },
    {},
    /no version of web.*; not read: helmfile\.yaml\.gotmpl: line 2 is not YAML$/,
  ],
  'a key of a values file is taken as it is said': [
    { 'production/app.yaml': 'frontend:\n  image: {tag: v1}\n' },
    { path: 'production/app.yaml', key: 'frontend.image.tag' },
    /^values production\/app\.yaml: frontend\.image\.tag v1$/,
  ],
};

for (const [behaviour, [files, looking, wanted]] of Object.entries(rows))
  test(behaviour, () => match(found(files, looking), wanted));

/** The file of that layout with the version in it. */
function after(files: Readonly<Record<string, string>>, version: string): { before: string; text: string } {
  const all = filesOf(files);
  const result = search(all, web);
  if ('problem' in result) throw new Error(result.problem);
  const before = all.find(({ path }) => path === result.places[0]?.file)?.text ?? '';
  return { before, text: promoted(before, result.places, version) };
}

const version = fc.oneof(
  fc.constantFrom('1.10', '1e3', '0x10', '007', 'true', 'null', 'v2', '1.2.3', '2026.11.24', '1_000', '.5'),
  fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}$/),
);
const quotes = fc.constantFrom('', '"', "'");
const noise = fc.array(
  fc.constantFrom(
    '# a comment',
    '',
    "other: 'kept'  # why",
    'list: [a,   b]',
    'text: |\n  1.0.0\n  web',
    'n: 0o17',
  ),
  { maxLength: 4 },
);

test('a change touches the version alone, and is read back as that text', () => {
  fc.assert(
    fc.property(
      version,
      quotes,
      fc.tuple(noise, noise),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (next, quote, [above, below], end, bom) => {
        const unique = (lines: readonly string[], name: string): readonly string[] =>
          lines.map((line, index) => line.replace(/^(\w+):/, `$1${name}${index}:`));
        const head = [
          ...unique(above, 'a'),
          'dependencies:',
          '- name: api',
          '  version: 1.0.0 # of api',
          '- version: ',
        ].join('\n');
        const tail = ['   # of web', '  name:   web', ...unique(below, 'b'), ''].join('\n');
        const written = (value: string): string =>
          (bom ? '\ufeff' : '') + `${head}${value}${tail}`.replaceAll('\n', end);
        const { text } = after({ 'env/requirements.yaml': written(`${quote}1.0.0${quote}`) }, next);
        const wants = quote === '' ? [next, `"${next}"`] : [`${quote}${next}${quote}`];
        ok(wants.map(written).includes(text), text);
        const [document] = parseAllDocuments(text) as {
          toJS: () => { dependencies: { version: unknown }[] };
        }[];
        equal(document?.toJS().dependencies[1]?.version, next);
      },
    ),
  );
});

test('of every layout the change is that of its line, and the same again is no change', () => {
  for (const { files } of Object.values(layouts)) {
    const { before, text } = after(files, '9.8.7');
    const [old, now] = [before, text].map((each) => each.split('\n'));
    const changed = now?.filter((line, index) => line !== old?.[index]) ?? [];
    deepEqual([old?.length, changed.length], [now?.length, 1]);
    ok(changed[0]?.includes('9.8.7'));
    const again = promoted(text, search2(files, text), '9.8.7');
    equal(again, text);
  }
});

function search2(files: Readonly<Record<string, string>>, text: string) {
  const first = search(filesOf(files), web);
  const file = 'places' in first ? first.places[0]?.file : undefined;
  const second = search(filesOf({ ...files, [file ?? '']: text }), web);
  if ('problem' in second) throw new Error(second.problem);
  deepEqual([...new Set(second.places.map(({ from }) => from))], ['9.8.7']);
  return second.places;
}
