// Repositories of the real git, bare, in a folder of the test.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Home {
  readonly folder: string;
  /** What git runs with: a user of its own, and nothing of this machine's settings. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Repository {
  /** The folder, which is its address. */
  readonly path: string;
  /** What git says there, in lines. */
  readonly git: (...args: readonly string[]) => readonly string[];
  /** A file of a branch, as it is. */
  readonly file: (path: string, branch?: string) => string;
  /** Somebody else changes a file. */
  readonly change: (path: string, text: string, branch?: string) => void;
  /** Somebody else makes a symbolic link. */
  readonly link: (path: string, to: string) => void;
}

/** A home folder that is gone after the test. */
export function home(t: TestContext, identity = '[user]\n\tname = Ann\n\temail = ann@example.com\n'): Home {
  const folder = mkdtempSync(join(tmpdir(), 'serin-test-promote-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  writeFileSync(join(folder, '.gitconfig'), `${identity}[init]\n\tdefaultBranch = main\n`);
  const env = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, GIT_CONFIG_NOSYSTEM: '1' },
    ...{ GIT_AUTHOR_DATE: '2026-11-24T09:00:00Z', GIT_COMMITTER_DATE: '2026-11-24T09:00:00Z' },
  };
  return { folder, env };
}

/** A bare repository with those files on `main`. */
export function repository(
  { folder, env }: Home,
  files: Readonly<Record<string, string>>,
  name = 'acme/env.git',
): Repository {
  const path = join(folder, name);
  const run = (cwd: string, ...args: readonly string[]): string =>
    execFileSync('git', args, {
      ...{ cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      env: {
        ...env,
        GIT_AUTHOR_NAME: 'Eve',
        GIT_AUTHOR_EMAIL: 'eve@example.com',
        GIT_COMMITTER_NAME: 'Eve',
        GIT_COMMITTER_EMAIL: 'eve@example.com',
      },
    });
  mkdirSync(path, { recursive: true });
  run(folder, 'init', '--quiet', '--bare', path);
  run(path, 'config', 'http.receivepack', 'true');
  const change = (branch: string, changes: (work: string) => void): void => {
    const work = mkdtempSync(join(folder, 'work-'));
    run(folder, 'clone', '--quiet', path, work);
    if (branch !== 'main') run(work, 'checkout', '--quiet', branch);
    changes(work);
    run(work, 'add', '--all');
    run(work, 'commit', '--quiet', '--message', 'somebody else');
    run(work, 'push', '--quiet', 'origin', `HEAD:${branch}`);
    rmSync(work, { recursive: true });
  };
  const written =
    (changes: Readonly<Record<string, string>>) =>
    (work: string): void => {
      for (const [file, text] of Object.entries(changes)) {
        mkdirSync(dirname(join(work, file)), { recursive: true });
        writeFileSync(join(work, file), text);
      }
    };
  change('main', written(files));
  return {
    path,
    git: (...args) =>
      run(path, ...args)
        .split('\n')
        .filter((line) => line !== ''),
    file: (file, branch = 'main') => run(path, 'show', `${branch}:${file}`),
    change: (file, text, branch = 'main') => change(branch, written({ [file]: text })),
    link: (file, to) => change('main', (work) => symlinkSync(to, join(work, file))),
  };
}

/** What a golden file keeps: no folders, ports or commits of this run. */
export function plain(text: string, { folder }: Home): string {
  return text
    .replaceAll(`file://${folder}`, 'HOME')
    .replaceAll(folder, 'HOME')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'FORGE')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replaceAll(/\b[0-9a-f]{7}\b(?= (on|to) branch)/g, 'COMMIT');
}

/** The text of a file of this folder. */
export function here(path: string): string {
  return readFileSync(join(import.meta.dirname, path), 'utf8');
}
