import { spawn } from 'node:child_process';
import type { Io } from './verb.ts';

/** What opens an address in the user's browser, on each system. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // Not `cmd /c start`, which takes an & for the end of a command.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  linux: ['xdg-open'],
};

/** Opens an address in the user's browser where there is one; that there is none is no failure, since the address was told. */
export function browse(url: string, env: Io['env']): void {
  const [program, ...args] = openers[process.platform] ?? [];
  const hasScreen =
    process.platform !== 'linux' || env['DISPLAY'] !== undefined || env['WAYLAND_DISPLAY'] !== undefined;
  if (program === undefined || !hasScreen) return;
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
