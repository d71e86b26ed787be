// Does what a page says, as its reader would: its commands in their order, in a folder with the files that it shows.
import { equal, match, notEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, blocksOf, notRun } from './page.ts';

export interface Reader {
  /** Where they stand: a folder with the repository's own files in it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A folder for a reader, with manifests/ in it as in a clone. */
export function readersFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(import.meta.dirname, '../../manifests'), join(folder, 'manifests'));
  return folder;
}

/** Walks the page; fails at the first command that does not end as the page says. Blocks of `last` are left for later. */
export async function walk(page: string, reader: Reader, only: 'first' | 'last' = 'first'): Promise<number> {
  let said = '';
  let done = 0;
  for (const block of blocksOf(page)) {
    const file = /^file=(\S+)$/.exec(block.info)?.[1];
    if (file !== undefined) writeFileSync(join(reader.folder, file), block.text);
    if (block.language === 'text' && block.info === 'output') match(said, pattern(block.text), where(block));
    if (block.language !== 'sh' || notRun(block) !== undefined) continue;
    if ((block.info === 'last') !== (only === 'last')) continue;
    said = await does(block, reader);
    done += 1;
  }
  return done;
}

async function does(block: Block, { folder, env }: Reader): Promise<string> {
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', block.text], {
    cwd: folder,
    env: { ...env },
    timeout: 400_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    shell.on('error', reject);
    shell.on('close', resolve);
  });
  if (block.info === 'fails') notEqual(code, 0, `${where(block)} succeeds: ${said}`);
  else equal(code, 0, `${where(block)}: ${said}`);
  return said;
}

/** What is printed has these lines in it, one after the other. */
function pattern(text: string): RegExp {
  return new RegExp(
    text
      .trim()
      .split('\n')
      .map((line) =>
        line
          .trim()
          .split('…')
          .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*'),
      )
      .join('\\s*\\n\\s*'),
  );
}

const where = ({ page, line, text }: Block): string => `${page}:${line}: ${text.trim()}`;
