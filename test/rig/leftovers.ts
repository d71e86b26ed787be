// Folders that a process names with its id, so that the next one can tell whose they are when it was killed outright.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Makes a folder in `parent` that counts as left over once this process is no more. */
export function makeFolder(parent: string, prefix: string): string {
  removeLeftovers(parent, prefix);
  return mkdtempSync(join(parent, `${prefix}${process.pid}-`));
}

/** Removes such a folder; complains where it cannot, since there is nothing else to do about it. */
export function removeFolder(folder: string): void {
  try {
    // Processes that are being killed may still write into it.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  } catch (error: unknown) {
    console.error(`could not remove ${folder}: ${String(error)}`);
  }
}

/** True while a process with that id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function removeLeftovers(parent: string, prefix: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (!Number.isNaN(pid) && !isAlive(pid)) removeFolder(join(parent, name));
  }
}
