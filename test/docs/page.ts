// A page of docs/ as what can be run and checked in it. How a block is fenced says what it is:
//   ```sh                     commands; a walk runs them in the page's order, and each must succeed
//   ```sh fails               commands that must fail
//   ```sh not run: why        commands that no test can run, with the reason
//   ```text output            what the commands before it print; … stands for anything within a line
//   ```yaml file=web.yaml     a file that the commands after it find in their folder
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  /** The rest of the fence. */
  readonly info: string;
  readonly text: string;
}

const root = join(import.meta.dirname, '../..');

/** The fenced blocks of a page (a path from the root of the repository), in its order. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; info: string; lines: string[] } | undefined;
  for (const [index, line] of pageText(page).split('\n').entries()) {
    const fence = /^ {0,3}```\s*(\S*)\s*(.*)$/.exec(line);
    if (open === undefined) {
      if (fence !== null)
        open = { line: index + 1, language: fence[1] ?? '', info: fence[2] ?? '', lines: [] };
    } else if (fence === null) open.lines.push(line);
    else {
      const { lines, ...rest } = open;
      blocks.push({ page, ...rest, text: `${lines.join('\n')}\n` });
      open = undefined;
    }
  }
  return blocks;
}

export function pageText(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** Why no test runs these commands; undefined where one has to. */
export function notRun({ info }: Block): string | undefined {
  return /^not run: (.+)$/.exec(info)?.[1];
}

/** The addresses of links and pictures of a page that lead to another file or place of the repository. */
export function linksOf(page: string): readonly string[] {
  const text = pageText(page).replaceAll(/^ {0,3}```[\s\S]*?^ {0,3}```/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, address = '']) => address)
    .filter((address) => !/^[a-z]+:/.test(address));
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const text = pageText(page).replaceAll(/^ {0,3}```[\s\S]*?^ {0,3}```/gm, '');
  const seen = new Map<string, number>();
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .replaceAll(/[`*]|\[|\]\([^)]*\)/g, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
  return new Set([
    ...anchors,
    ...[...text.matchAll(/<a (?:name|id)="([^"]+)"/g)].map(([, name = '']) => name),
  ]);
}
