import { deepEqual } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { golden } from '../golden.ts';
import { text } from '../rig/manifests.ts';
import { labelled, templates } from './templates.ts';

const made = templates();
/** What the chart alone has. */
const own = ['NOTES.txt', '_serin.tpl', 'certificate.yaml', 'kept.yaml', 'uninstall.yaml'];

for (const [name, template] of made)
  test(`template ${name} is made of the file that kubectl applies`, () =>
    golden(`../../manifests/chart/templates/${name}`, template));

test('the chart has these templates and its own, and no other', () => {
  const there = readdirSync(join(import.meta.dirname, '../../manifests/chart/templates'));
  deepEqual(there.toSorted(), [...made.keys(), ...own].toSorted());
});

test('labels go beside those that an object has, and onto those that have none', () => {
  const include = '    {{- include "serin.labels" . | nindent 4 }}';
  deepEqual(
    labelled('metadata:\n  name: a\nspec: {}\n'),
    `metadata:\n  labels:\n${include}\n  name: a\nspec: {}\n`,
  );
  deepEqual(
    labelled('metadata:\n  name: a\n  labels:\n    b: c\n'),
    `metadata:\n  name: a\n  labels:\n${include}\n    b: c\n`,
  );
});

test('every value has its rule in the schema, and the other way about', () => {
  const schema = JSON.parse(text('manifests/chart/values.schema.json')) as Schema;
  const values = parse(text('manifests/chart/values.yaml')) as Values;
  deepEqual(
    pathsOf(values),
    schemaPaths(schema).filter((path) => path !== 'global'),
  );
});

test('the chart is of the version that the manifests install', () => {
  const chart = parse(text('manifests/chart/Chart.yaml')) as { version: string; appVersion: string };
  const [image] = (parse(text('manifests/base/kustomization.yaml')) as { images: { newTag: string }[] })
    .images;
  const { version } = JSON.parse(text('package.json')) as { version: string };
  deepEqual([chart.version, chart.appVersion, image?.newTag], [version, version, version]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Values {
  readonly [key: string]: unknown;
}

/** The settings that are no maps with settings of their own; free maps (resources, labels) are one setting each. */
function schemaPaths({ properties = {} }: Schema, before = ''): string[] {
  return Object.entries(properties).flatMap(([key, each]) =>
    each.properties === undefined || key === 'issuerRef'
      ? [`${before}${key}`]
      : schemaPaths(each, `${before}${key}.`),
  );
}

function pathsOf(values: Values, before = ''): string[] {
  const free = ['resources', 'issuerRef'];
  return Object.entries(values).flatMap(([key, value]) =>
    isMap(value) && !free.includes(key) && Object.keys(value).length > 0
      ? pathsOf(value, `${before}${key}.`)
      : [`${before}${key}`],
  );
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
