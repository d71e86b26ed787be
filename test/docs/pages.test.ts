import { deepEqual, ok } from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { suite, test } from 'node:test';
import { anchorsOf, blocksOf, linksOf, notRun } from './page.ts';
import { elsewhere, walked } from './walked.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: root }).sort()];

suite('docs', () => {
  for (const page of pages) {
    test(`every link of ${page} leads somewhere`, () => {
      const dead = linksOf(page).filter((address) => {
        const [file = '', anchor] = address.split('#');
        const target = file === '' ? page : relative(root, join(root, dirname(page), file));
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
      });
      deepEqual(dead, []);
    });

    test(`every command of ${page} is run by a test, or says why it is not`, () => {
      const left = blocksOf(page).filter(
        (block) =>
          block.language === 'sh' &&
          notRun(block) === undefined &&
          !walked.includes(page) &&
          elsewhere[page] === undefined,
      );
      deepEqual(
        left.map(({ line }) => `${page}:${line}`),
        [],
      );
    });
  }

  test('a page whose commands another test runs is named in that test', () => {
    for (const [page, file] of Object.entries(elsewhere))
      ok(readFileSync(join(root, file), 'utf8').includes(page.split('/').at(-1) ?? page), `${file}: ${page}`);
  });
});
