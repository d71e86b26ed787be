// The platforms of kubectl-canary, and where a Node for each comes from: npm, where a package has it.
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './executable.ts';

export interface Platform {
  /** As Node says: `${process.platform}-${process.arch}`, with win for win32. */
  readonly name: string;
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
}

export const platforms: readonly Platform[] = [
  { name: 'linux-x64', os: 'linux', arch: 'amd64' },
  { name: 'linux-arm64', os: 'linux', arch: 'arm64' },
  { name: 'darwin-x64', os: 'darwin', arch: 'amd64' },
  { name: 'darwin-arm64', os: 'darwin', arch: 'arm64' },
  { name: 'win-x64', os: 'windows', arch: 'amd64' },
  { name: 'win-arm64', os: 'windows', arch: 'arm64' },
];

/** A Node of this very version for the platform: this one where it is the same, else npm's, kept in the cache. */
export function nodeFor({ name, os }: Platform): string {
  if (name === `${process.platform}-${process.arch}`) return process.execPath;
  const wanted = `node-${name}@${process.versions.node}`;
  const folder = join(homedir(), '.cache/serin', wanted);
  const node = join(folder, os === 'windows' ? 'package/bin/node.exe' : 'package/bin/node');
  if (existsSync(node)) return node;
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const [packed] = JSON.parse(run('npm', ['pack', wanted, '--json', '--pack-destination', partial])) as [
    { filename: string },
  ];
  run('tar', ['-xzf', join(partial, packed.filename), '-C', partial]);
  renameSync(partial, folder);
  return node;
}
