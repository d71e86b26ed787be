// Programs the rig runs, kept in the user's cache folder: each in a folder named after what it was made from, with its
// checksum beside it, so that a damaged or half-written one is never run.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, makeFolder, removeFolder } from './leftovers.ts';

const root = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'serin');

/** The path of a cached program, or undefined where there is none or its checksum is wrong (then it is removed). */
export async function cached(name: string, key: string): Promise<string | undefined> {
  const folder = join(root, `${name}-${key}`);
  const path = join(folder, name);
  const wanted = await readFile(`${path}.sha256`, 'utf8').catch(() => undefined);
  if (wanted === undefined) return undefined;
  if (wanted === (await sha256(path).catch(() => ''))) return path;
  await rm(folder, { recursive: true, force: true });
  return undefined;
}

/** Puts a copy of the program at `source` into the cache, whole or not at all, and answers where it stands. */
export async function keep(name: string, key: string, source: string): Promise<string> {
  const folder = join(root, `${name}-${key}`);
  await withTemporaryFolder(async (temporary) => {
    const copy = join(temporary, name);
    await copyFile(source, copy);
    await chmod(copy, 0o755);
    await writeFile(`${copy}.sha256`, await sha256(copy));
    await rename(temporary, folder).catch(async (error: unknown) => {
      // Somebody else put it there first.
      if ((await cached(name, key)) === undefined) throw error;
    });
  });
  return join(folder, name);
}

/** Runs `work` with a folder on the cache's own disk, gone afterwards. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(root, { recursive: true });
  const folder = makeFolder(root, '.tmp-');
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}

/** Runs `work` while no other process works under the same name; a lock whose owner has died is taken over. */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(root, { recursive: true });
  const lock = join(root, `.lock-${name}`);
  while (!(await tookLock(lock))) await sleep(300);
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

// The owner is written before the lock gets its name, so a lock without an owner is never seen.
async function tookLock(lock: string): Promise<boolean> {
  const mine = makeFolder(root, '.taking-');
  await writeFile(join(mine, 'pid'), String(process.pid));
  const taken = await rename(mine, lock).then(
    () => true,
    () => false,
  );
  if (taken) return true;
  removeFolder(mine);
  const owner = await readFile(join(lock, 'pid'), 'utf8').catch(() => undefined);
  // Two that find the same dead owner may both go on: a build for nothing, no harm, since keep() is atomic.
  if (owner !== undefined && !isAlive(Number(owner))) await rm(lock, { recursive: true, force: true });
  return false;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
