import { deepEqual, equal, match } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { lint } from '../../src/advice/lint.ts';
import { names } from '../../src/kube/objects.ts';
import { adviceVerbs } from '../../src/plugin/advice-verbs.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { run } from './terminal.ts';

const verb = adviceVerbs.find(({ name }) => name === 'lint') ?? ({} as never);
const inputs = globSync('lint/*', { cwd: import.meta.dirname }).sort();
const textOf = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const linesOf = (text: string): readonly string[] =>
  lint([{ name: 'f', text }]).map(({ line, level, path, text: said }) => `${line} ${level} ${path}: ${said}`);

for (const path of inputs) {
  const name = path.replace(/\.\w+$/, '');
  test(`everything there is to say of ${name} is said at its line`, async () => {
    const said = await run(verb, ['-f', path], { [path]: textOf(path) });
    golden(`advice/${name}.txt`, `${said.out}--- exit ${said.code}\n${said.err}`);
  });
}

test('every golden file is of an input', () => noStaleGolden('advice/lint'));

test('nothing is wrong with what is nothing to Serin', async () => {
  const said = await run(verb, ['-f', 'a'], { a: 'apiVersion: v1\nkind: Service\n' });
  deepEqual([said.code, said.out, said.err], [0, '', 'nothing wrong in 1 file\n']);
});

test('warnings fail where that is asked for, and a file that cannot be read is a usage error', async () => {
  const files = { 'lint/unwise.yaml': textOf('lint/unwise.yaml') };
  equal((await run(verb, ['-f', 'lint/unwise.yaml'], files)).code, 0);
  equal((await run(verb, ['-f', 'lint/unwise.yaml', '--strict'], files)).code, 1);
  equal((await run(verb, ['-f', 'nowhere'], files)).code, 3);
  equal((await run(verb, [], files)).code, 3);
});

test('data has all of it', async () => {
  const path = 'lint/web.yaml';
  const said = await run(verb, ['-f', path, '-o', 'json'], { [path]: textOf(path) });
  const { items } = JSON.parse(said.out) as { items: object[] };
  deepEqual(items[0], {
    ...{ file: path, level: 'error', path: 'analysis.stepWeigth', line: 10, column: 9 },
    text: 'analysis.stepWeigth is not a known field; did you mean stepWeight?',
  });
  equal(said.code, 1);
});

const deployment = (plan: string): string =>
  stringify({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: { name: 'web', namespace: 'shop', annotations: { [names.canary]: plan } },
    spec: { replicas: 3 },
  });
const settings = (plan: string): string =>
  stringify({
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: { name: 'serin', namespace: 'shop' },
    data: { 'canary.yaml': plan },
  });

test('the ConfigMap of the same namespace gives the defaults', () => {
  const both = `${deployment('skipAnalysis: false')}---\n${settings('analysis: {metrics: [], compare: false}')}`;
  match(linesOf(both).join('\n'), /nothing is measured/);
  deepEqual(linesOf(deployment('skipAnalysis: false')), []);
});

test('the places of a block are those of its lines, wherever it is and however it is indented', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.nat(5), fc.integer({ min: 1, max: 6 }), (before, inside, indent) => {
      const plan = `${'# so\n'.repeat(inside)}analysis:\n  threshold: 0`;
      const block = plan
        .split('\n')
        .map((line) => ' '.repeat(indent + 4) + line)
        .join('\n');
      const text = `${'# as\n'.repeat(before)}apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    serin.dev/canary: |\n${block}\n`;
      const [finding] = lint([{ name: 'f', text }]);
      deepEqual([finding?.line, finding?.column], [before + inside + 7, indent + 7]);
    }),
    { numRuns: 50, seed: 8 },
  );
});

test('no text makes it throw', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => stringify(value)),
    fc.jsonValue().map((value) => deployment(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(texts, (text) => Array.isArray(lint([{ name: 'f', text }]))),
    { numRuns: 300, seed: 8 },
  );
});
