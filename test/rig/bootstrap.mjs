// Runs a script of the project on the project's own Node, whatever Node (>= 20) starts it: installs the packages when
// they are missing or not those of package-lock.json, then hands over arguments, streams, signals and exit code.
// Plain JavaScript for the oldest Node we start on, so no type is known here.
/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-argument, typescript/no-unsafe-return */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import process from 'node:process';

const root = resolve(import.meta.dirname ?? '.', '../..');
const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node test/rig/bootstrap.mjs <script.ts> [arguments]');
  process.exit(2);
}

// npm writes no mark of its own that says which lock file a node_modules came from, so we leave one.
const stamp = join(root, 'node_modules/.installed-from');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.error('installing packages (npm ci): about half a minute, once');
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (install.status !== 0) {
    console.error(`npm ci failed: ${install.error?.message ?? `exit code ${install.status}`}`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

const bin = join(root, 'node_modules/node/bin');
const child = spawn(join(bin, 'node'), [script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: [bin, join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    // Lets the script end when this process is killed in a way it cannot pass on (rig/parent.ts).
    SERIN_PARENT_PID: String(process.pid),
  },
});
// The child ends first (a terminal's Ctrl-C reaches it twice, which is once too many but harmless), then we do, alike.
const passed = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of passed) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`cannot start node_modules/node/bin/node: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  for (const name of passed) process.removeAllListeners(name);
  process.kill(process.pid, signal);
});
