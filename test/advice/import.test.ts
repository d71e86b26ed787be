import { deepEqual, equal, match } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { rangeOf } from '../../src/advice/argo-condition.ts';
import { importFrom } from '../../src/advice/import.ts';
import { documentOf } from '../../src/advice/imported.ts';
import { lint } from '../../src/advice/lint.ts';
import { parseCanary } from '../../src/config/canary.ts';
import { names } from '../../src/kube/objects.ts';
import { adviceVerbs } from '../../src/plugin/advice-verbs.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { run } from './terminal.ts';

const verb = adviceVerbs.find(({ name }) => name === 'import') ?? ({} as never);
const inputs = globSync(['flagger/*.yaml', 'argo/*.yaml'], { cwd: import.meta.dirname }).sort();
const textOf = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');

/** What lint says that the webhook would refuse, and what of the Deployments is no plan. */
function wrongIn(text: string): readonly unknown[] {
  const plans = parseAllDocuments(text).map((each) => {
    const { metadata } = each.toJS() as { metadata: { annotations: Record<string, string> } };
    return parseCanary(metadata.annotations[names.canary]).ok;
  });
  const errors = lint([{ name: 'x', text }]).filter(({ level }) => level === 'error');
  return [...errors, ...plans.filter((ok) => ok !== true)];
}

for (const path of inputs) {
  const name = path.replace('.yaml', '');
  test(`${name} becomes a plan that can be followed, and what is lost is said`, async () => {
    const said = await run(verb, ['--write', '-f', path], { [path]: textOf(path) });
    golden(`advice/import/${name}.txt`, `${said.out}--- exit ${said.code}\n${said.err}`);
    if (said.out !== '') deepEqual(wrongIn(said.out), []);
    const short = await run(verb, ['-f', path], { [path]: textOf(path) });
    if (short.out !== '') deepEqual(wrongIn(short.out), []);
  });
}

test('every golden file is of an input', () => noStaleGolden('advice/import'));

test('what is nothing to import is a usage error', async () => {
  const said = await run(verb, ['-f', 'a'], { a: 'kind: Service\napiVersion: v1\n' });
  equal(said.code, 3);
  match(said.err, /nothing to import/);
  equal((await run(verb, ['-f', 'b'])).code, 3);
  equal((await run(verb, [])).code, 3);
});

test('a file that is broken in part is told with its line', async () => {
  const said = await run(verb, ['-f', 'a'], { a: `${textOf('flagger/weights.yaml')}---\na: [\n` });
  equal(said.code, 1);
  match(said.err, /a:\d+:\d+: is not YAML/);
});

/** Objects with anything in the places that are read. */
const anything = fc.jsonValue({ maxDepth: 3 });
const pieces = inputs.flatMap((path) => parseAllDocuments(textOf(path)).map((each) => each.toJS() as object));

/** The paths of every value in an object. */
function pathsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

function withAt(value: unknown, [key, ...rest]: readonly string[], put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value))
    return value.map((each: unknown, index) => (String(index) === key ? withAt(each, rest, put) : each));
  const map = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return { ...map, [key]: withAt(map[key], rest, put) };
}

test('whatever stands in a Canary or a Rollout, what comes out can be followed', () => {
  const changed = fc.tuple(fc.constantFrom(...pieces), fc.nat(), anything).map(([object, at, put]) => {
    const paths = pathsIn(object).filter(([first]) => first === 'spec');
    return withAt(object, paths[at % Math.max(1, paths.length)] ?? ['spec'], put);
  });
  fc.assert(
    fc.property(changed, (object) => {
      for (const each of importFrom([{ name: 'x', text: JSON.stringify(object) }]).imported)
        deepEqual(wrongIn(documentOf(each)), []);
    }),
    { numRuns: 300, seed: 8 },
  );
});

test('a plan that is imported again stays as it is', () => {
  for (const path of inputs.filter((each) => each.startsWith('flagger/'))) {
    for (const { plan } of importFrom([{ name: path, text: textOf(path) }]).imported) {
      const canary = {
        ...{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata: { name: 'x' } },
        spec: { targetRef: { kind: 'Deployment', name: 'x' }, ...plan },
      };
      const [again] = importFrom([{ name: 'x', text: stringify(canary) }]).imported;
      deepEqual(again?.plan, plan);
    }
  }
});

test('a condition is a range only where it is nothing else', () => {
  const said: readonly (readonly [string | undefined, string | undefined, unknown])[] = [
    ['result[0] >= 0.95', undefined, { min: 0.95 }],
    ['(result[0] >= 0.95)', undefined, { min: 0.95 }],
    [undefined, 'result[0] >= 0.95', { max: 0.95 }],
    [undefined, 'result[0] == 3', undefined],
    ['len(result) > 0 && result[0] > 1', undefined, { min: 1 }],
    ['isNaN(result[0]) || result[0] > 1', undefined, { min: 1 }],
    ['result[0] > 5 && result[0] < 1', undefined, undefined],
    ['result[0] > 1', 'result[0] > 5', { min: 1, max: 5 }],
    ['result[0] > 1 || result[0] < 0', undefined, undefined],
    [undefined, 'result[0] > 1 && result[0] < 5', undefined],
    ['result[1] > 1', undefined, undefined],
    ['len(result) == 0', undefined, undefined],
    [undefined, undefined, undefined],
  ];
  for (const [success, failure, range] of said)
    deepEqual(rangeOf(success, failure), range, `${success} ${failure}`);
});

test('data is written on demand', async () => {
  const path = 'flagger/weights.yaml';
  const said = await run(verb, ['-f', path, '-o', 'json'], { [path]: textOf(path) });
  const { items } = parse(said.out) as { items: { name: string }[] };
  deepEqual(
    items.map(({ name }) => name),
    ['web'],
  );
});
