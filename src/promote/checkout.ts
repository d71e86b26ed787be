// A copy of the environment's repository for one promotion: read, changed, committed, pushed, thrown away.
import { isUtf8 } from 'node:buffer';
import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Git } from './git.ts';
import type { File } from './search.ts';
import { Stop } from './stop.ts';

export interface Checkout {
  /** The branch that it stands on. */
  readonly branch: string;
  /** Every file that may be YAML and is not too large. */
  readonly files: readonly File[];
  /** Commits the file with that text; answers the commit. */
  commit(path: string, text: string, message: string): Promise<string>;
  /** Pushes what was committed; `moved` where somebody pushed to the branch meanwhile. */
  push(branch: string): Promise<'pushed' | 'moved'>;
  /** Pushes what was committed to a branch of ours, whatever was there; answers the commit that is there then. */
  offer(branch: string): Promise<string>;
}

const mostFiles = 20_000;
const mostBytesOfFile = 1024 * 1024;
const mostBytes = 64 * 1024 * 1024;

/** Copies the newest commit of a branch (undefined: the repository's own) for `use`, and throws the copy away after it. */
export async function withCheckout<T>(
  git: Git,
  url: string,
  branch: string | undefined,
  use: (checkout: Checkout) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'serin-promote-'));
  try {
    const which = branch === undefined ? [] : ['--branch', branch];
    const how = ['--quiet', '--depth', '1', '--single-branch', '--no-tags', ...which];
    await git.does(`cannot clone ${url}`, undefined, ['clone', ...how, '--', url, folder]);
    return await use(await checkoutIn(git, folder, url));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function checkoutIn(git: Git, folder: string, url: string): Promise<Checkout> {
  const does = (doing: string, ...args: readonly string[]): Promise<string> =>
    git.does(`${url}: cannot ${doing}`, folder, args);
  const on = (await does('tell its branch', 'rev-parse', '--abbrev-ref', 'HEAD')).trim();
  const head = async (what: string): Promise<string> => (await does('read it', 'rev-parse', what)).trim();
  return {
    branch: on,
    files: await filesIn(folder, await does('list its files', 'ls-files', '-z')),
    commit: async (path, text, message) => {
      await writeFile(join(folder, path), text);
      await does('commit', 'commit', '--quiet', '--message', message, '--', path);
      return head('HEAD');
    },
    push: async (branch) => {
      const { code, why } = await git.tries(folder, [
        'push',
        '--quiet',
        'origin',
        `HEAD:refs/heads/${branch}`,
      ]);
      if (code === 0) return 'pushed';
      if (/\[rejected\]|fetch first|non-fast-forward|cannot lock ref/.test(why)) return 'moved';
      throw new Stop(`${url}: cannot push to ${branch}: ${why}`);
    },
    offer: async (branch) => {
      const ref = `refs/heads/${branch}`;
      const there =
        (await does('list its branches', 'ls-remote', '--heads', 'origin', ref)).split('\t')[0] ?? '';
      if (there !== '' && (await isSame(git, folder, ref))) return there;
      const lease = `--force-with-lease=${ref}:${there}`;
      await does(`push to ${branch}`, 'push', '--quiet', lease, 'origin', `HEAD:${ref}`);
      return head('HEAD');
    },
  };
}

/** True where the branch holds the same change of the same commit: somebody was here, with this very promotion. */
async function isSame(git: Git, folder: string, ref: string): Promise<boolean> {
  const fetched = await git.tries(folder, ['fetch', '--quiet', '--depth', '2', 'origin', ref]);
  if (fetched.code !== 0) return false;
  const seen = async (commit: string): Promise<string> => {
    const { code, stdout } = await git.tries(folder, ['rev-parse', `${commit}^{tree}`, `${commit}^`]);
    return code === 0 ? stdout : commit;
  };
  return (await seen('FETCH_HEAD')) === (await seen('HEAD'));
}

async function filesIn(folder: string, list: string): Promise<readonly File[]> {
  const paths = list.split('\0').filter((path) => /\.(ya?ml|gotmpl)$|(^|\/)[Kk]ustomization$/.test(path));
  if (paths.length > mostFiles)
    throw new Stop(`the repository has ${paths.length} files of YAML, and at most ${mostFiles} are read`);
  const files: File[] = [];
  let bytes = 0;
  for (const path of paths) {
    const file = join(folder, path);
    const { size } = await lstat(file);
    if (size > mostBytesOfFile) continue;
    bytes += size;
    if (bytes > mostBytes)
      throw new Stop(`the repository has more than ${mostBytes / 1024 / 1024} MiB of YAML: too much to read`);
    const content = await readFile(file);
    // What is no text could not be written back as it was.
    if (isUtf8(content)) files.push({ path, text: content.toString('utf8') });
  }
  return files;
}
