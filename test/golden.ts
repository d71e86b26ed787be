// Golden files: what was right once, kept as text in test/golden/. UPDATE_GOLDEN=1 writes them anew; read the diff before committing.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { equal } from 'node:assert/strict';

const root = join(import.meta.dirname, 'golden');
const updating = process.env['UPDATE_GOLDEN'] === '1';
const asked = new Set<string>();

/** Compares `actual` with test/golden/`path` as whole text; UPDATE_GOLDEN=1 writes it instead. */
export function golden(path: string, actual: string): void {
  const file = join(root, path);
  asked.add(normalize(path));
  if (updating) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  if (!existsSync(file)) throw new Error(`test/golden/${path} is missing: UPDATE_GOLDEN=1 writes it`);
  equal(actual, readFileSync(file, 'utf8'), `test/golden/${path} differs: UPDATE_GOLDEN=1 writes it anew`);
}

/**
 * Fails when test/golden/`folder` holds a file that no golden() of this process asked for (UPDATE_GOLDEN=1 removes it).
 * Call it in the last test of the one test file that owns the folder.
 */
export function noStaleGolden(folder: string): void {
  const top = join(root, folder);
  if (!existsSync(top)) throw new Error(`test/golden/${folder} is missing: UPDATE_GOLDEN=1 writes it`);
  const stale = readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !asked.has(path));
  if (updating) for (const path of stale) rmSync(join(root, path));
  else if (stale.length > 0) throw new Error(`no test asks for test/golden/${stale.join(', ')}: remove it`);
}
