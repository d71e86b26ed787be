import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

/** From the bottom up: a folder imports from its own layer and those below. */
const layers = [
  ['errors.ts', 'clock.ts'],
  ['rollout', 'analysis', 'routing'],
  ['config', 'kube', 'prometheus', 'sources', 'scrape', 'gates', 'notify', 'tls', 'telemetry', 'report'],
  ['admission', 'controller', 'dashboard'],
  ['advice'],
  ['processes', 'plugin', 'promote', 'chatops'],
  ['main.ts', 'kubectl-canary.ts'],
];
/** Folders of one layer that know nothing of each other: the parts of the product, which meet in the cluster. */
const strangers = [
  ['admission', 'controller', 'dashboard'],
  ['processes', 'plugin'],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: string;
}

const src = join(import.meta.dirname, '../src');
const roomOf = (file: string): string => relative(src, file).split('/')[0] ?? '';
const rankOf = (room: string): number => layers.findIndex((layer) => layer.includes(room));

/** Every relative import of a source text, by room. */
function importsOf(file: string, text: string): readonly Import[] {
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => ({
    from: roomOf(file),
    to: roomOf(join(dirname(file), path)),
    line: `${relative(src, file)} imports ${path}`,
  }));
}

function wrong({ from, to }: Import): boolean {
  if (from !== to && strangers.some((pair) => pair.includes(from) && pair.includes(to))) return true;
  return rankOf(to) > rankOf(from);
}

const files = globSync('**/*.ts', { cwd: src }).map((file) => join(src, file));

test('every room of src has its layer', () => {
  const rooms = new Set(files.map(roomOf));
  assert.deepEqual(
    [...rooms].filter((room) => rankOf(room) === -1),
    [],
  );
});

test('imports go down only, and admission and controller do not know each other', () => {
  const imports = files.flatMap((file) => importsOf(file, readFileSync(file, 'utf8')));
  assert.ok(imports.length > 100, 'the imports were found');
  assert.deepEqual(
    imports.filter(wrong).map(({ line }) => line),
    [],
  );
});

test('an import that goes up or across is found', () => {
  const found = importsOf(
    join(src, 'rollout/step.ts'),
    "import { x } from '../controller/act.ts';\nimport type { y } from './moves.ts';",
  );
  assert.deepEqual(
    found.filter(wrong).map(({ line }) => line),
    ['rollout/step.ts imports ../controller/act.ts'],
  );
  const across = importsOf(join(src, 'admission/mutate.ts'), "import { x } from '../controller/act.ts';");
  assert.equal(across.filter(wrong).length, 1);
});
