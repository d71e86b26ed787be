// docs/configuration.md names each field of the schema and none else, and every plan in the documentation is one.
import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mistakesText, parseCanary } from '../../src/config/canary.ts';
import { isPlainMap, own, readDocument } from '../../src/config/document.ts';
import { parseFloor } from '../../src/config/floor.ts';
import { parseMessages } from '../../src/config/messages.ts';
import * as schema from '../../src/config/schema.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');

/** Where each level stands. What a text is matched by is said in words, and the whole manifest too. */
const levels: { readonly [prefix: string]: schema.Level } = {
  '': schema.plan,
  'service.': schema.service,
  'service.virtualService.': schema.virtualService,
  'service.gatewayRefs[].': schema.gatewayRef,
  'autoscalerRef.': schema.autoscalerRef,
  'twinScaler.': schema.twinScaler,
  'analysis.': schema.analysis,
  'analysis.match[].': schema.match,
  'analysis.sessionAffinity.': schema.sessionAffinity,
  'analysis.webhooks[].': schema.webhook,
  'analysis.webhooks[].secretRef.': schema.secretRef,
  'analysis.compare.': schema.compare,
  'analysis.alerts[].': schema.alert,
  'analysis.alerts[].providerRef.': schema.providerRef,
  'analysis.metrics[].': schema.metric,
  'analysis.metrics[].thresholdRange.': schema.thresholdRange,
  'analysis.metrics[].provider.': schema.provider,
  'analysis.metrics[].provider.secretRef.': schema.secretRef,
  'analysis.metrics[].templateRef.': schema.templateRef,
};
const inWords = { manifest: schema.manifest, textMatch: schema.textMatch };
/** Of docs/messages.md. */
const elsewhere = [schema.messages, schema.receiver];

/** The fields of the first columns, where `.x` stands for the first field with another end. */
function fieldsOf(text: string): readonly string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const names = [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    return names.map((name) => (name.startsWith('.') ? expanded(names[0] ?? '', name) : name));
  });
}

function expanded(first: string, end: string): string {
  return `${first.slice(0, first.lastIndexOf('.'))}${end}`;
}

test('every level of the schema is looked at', () => {
  const looked = new Set([...Object.values(levels), ...Object.values(inWords), ...elsewhere]);
  deepEqual(
    Object.entries(schema).filter(([, level]) => !looked.has(level)),
    [],
  );
});

test('the page has a row for each field of the schema, and for no other', () => {
  const isContainer = (path: string): boolean =>
    Object.keys(levels).some((prefix) => prefix === `${path}.` || prefix === `${path}[].`);
  const fields = Object.entries(levels).flatMap(([prefix, { known, refused, noted }]) =>
    [...known, ...Object.keys(refused), ...Object.keys(noted)].map((name) => `${prefix}${name}`),
  );
  const rows = fieldsOf(page.slice(0, page.indexOf('## Queries of your own')));
  const isNeeded = (path: string): boolean => !isContainer(path) && path !== 'canaryAnalysis';
  deepEqual(
    fields.filter((path) => isNeeded(path) && !rows.includes(path)),
    [],
  );
  deepEqual(
    rows.filter((path) => !fields.includes(path)),
    [],
  );
  deepEqual(
    rows.filter((path, index) => rows.indexOf(path) !== index),
    [],
  );
});

test('docs/messages.md has a row for each setting, and for no other', () => {
  const text = readFileSync(join(root, 'docs/messages.md'), 'utf8');
  const rows = fieldsOf(text.slice(0, text.indexOf('| key of the Secret')));
  const known = [...schema.receiver.known.map((name) => `receivers[].${name}`), ...schema.messages.known];
  deepEqual(
    rows.map((row) => row.replace('.secretRef.name', '.secretRef')).toSorted(),
    known.filter((name) => name !== 'receivers').toSorted(),
  );
});

test('what is said in words is said', () => {
  const names = [...Object.values(inWords).flatMap((level) => level.known), 'canaryAnalysis'];
  deepEqual(
    names.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

/** The YAML of a page that is a plan, alone or in its annotation or ConfigMap, and of what enforcement goes by. */
function saidIn(block: string): {
  readonly plan?: string;
  readonly floor?: string;
  readonly messages?: string;
} {
  const read = readDocument(block);
  const value = 'value' in read ? read.value : undefined;
  if (!isPlainMap(value)) return { plan: block };
  const [metadata, data] = [own(value, 'metadata'), own(value, 'data')];
  const annotations = isPlainMap(metadata) ? own(metadata, 'annotations') : undefined;
  const [holder, key] = isPlainMap(annotations) ? [annotations, 'serin.dev/canary'] : [data, 'canary.yaml'];
  if (!isPlainMap(holder)) return { plan: block };
  const [plan, floor] = [own(holder, key), own(holder, 'enforce.yaml')];
  const messages = own(holder, 'messages.yaml');
  return {
    ...(typeof messages === 'string' ? { messages } : {}),
    ...(typeof plan === 'string' ? { plan } : {}),
    ...(typeof floor === 'string' ? { floor } : {}),
  };
}

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
for (const name of pages.filter((each) => each.endsWith('.md'))) {
  const blocks = [...readFileSync(join(root, name), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)];
  for (const [index, [, block = '']] of blocks.entries())
    test(`the YAML in ${name}, block ${index + 1}, is taken as it stands`, () => {
      const { plan, floor, messages } = saidIn(block);
      ok(
        [plan, floor, messages].some((text) => text !== undefined),
        block,
      );
      deepEqual(parseMessages(messages).ok, true);
      const parsed = parseCanary(plan);
      deepEqual(parsed.ok === false ? mistakesText(parsed.mistakes) : '', '');
      deepEqual(parseFloor(floor).ok, true);
    });
}

test('docs/strategies.md has an example of each way to release', () => {
  const text = readFileSync(join(root, 'docs/strategies.md'), 'utf8');
  const without = text
    .split(/^## /m)
    .slice(1)
    .filter((section) => !section.includes('```yaml'));
  deepEqual(without, []);
});
