// The rig lives in namespaces of its own (network, processes, mounts; users too where we are not root), so it needs no
// root and leaves no address, process or file behind. A script runs twice: outside, where it only gets what needs the
// internet and then waits, and inside, as process 1, whose end is the end of everything it started.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, removeFolder } from './leftovers.ts';
import { messageOf } from '../../src/errors.ts';
import { whenParentIsGone } from './parent.ts';
import { attempt, run } from './run-program.ts';

export interface Namespace<T> {
  /** A folder that goes when the rig goes. */
  readonly stateDir: string;
  /** What was prepared outside. */
  readonly prepared: T;
  /** Makes 127.0.0.1:`port` of the inside reachable from outside; answers the port of 127.0.0.1 there. */
  readonly expose: (port: number) => Promise<number>;
}

interface Inside {
  readonly stateDir: string;
  readonly prepared: unknown;
}

const variable = 'SERIN_RIG';
/** Every pod address of the rig: all of it is local, and who connects where nobody listens is refused. */
const podRange = '10.244.0.0/16';
const isRoot = process.getuid?.() === 0;
const unshare = 'unshare';
const unshareFlags = [
  ...(isRoot ? [] : ['--user', '--map-root-user']),
  ...['--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
];

/**
 * Runs this script again inside the namespaces and returns only there. `prepare` runs outside, first; its result must
 * survive JSON. Outside, the process ends with the exit code of the inside, whatever happens to either.
 */
export async function enterNamespace<T>(prepare: () => Promise<T>): Promise<Namespace<T>> {
  const said = process.env[variable];
  if (said !== undefined) return settleIn(JSON.parse(said) as Inside & { prepared: T });
  await refuseWhereImpossible();
  const prepared = await prepare();
  const stateDir = makeFolder(tmpdir(), 'serin-rig-');
  return standOutside({ stateDir, prepared });
}

async function refuseWhereImpossible(): Promise<void> {
  if (process.platform !== 'linux') {
    fail(
      'it runs in Linux namespaces; use a Linux machine, or `npm run demo -- --cluster` with a cluster you have',
    );
  }
  try {
    await attempt('ip', ['-V'], { ifMissing: 'install iproute2' });
    const tried = await attempt(unshare, [...unshareFlags, 'true'], { ifMissing: 'install util-linux' });
    if (tried.code !== 0) {
      fail(
        `this machine does not let us have namespaces of our own (${tried.stderr.trim()}); ` +
          'run as root, or allow unprivileged user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0)',
      );
    }
  } catch (error: unknown) {
    fail(messageOf(error));
  }
}

function fail(sentence: string): never {
  console.error(`cannot start the rig: ${sentence}`);
  process.exit(1);
}

async function standOutside(inside: Inside): Promise<never> {
  const child = spawn(
    unshare,
    [...unshareFlags, process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [variable]: JSON.stringify(inside) },
    },
  );
  child.on('message', (message) => exposeOutside(child, message));
  let raised: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals): void => {
    raised ??= signal;
    child.kill('SIGKILL');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  whenParentIsGone(() => end('SIGTERM'));
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve) => {
      child.on('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
    },
  );
  removeFolder(inside.stateDir);
  for (const name of signals) process.removeAllListeners(name);
  const deadly = raised ?? signal;
  if (deadly !== null) process.kill(process.pid, deadly);
  process.exit(code ?? 1);
}

async function settleIn<T>({ stateDir, prepared }: Inside & { prepared: T }): Promise<Namespace<T>> {
  const exposed = new Map<string, (port: number) => void>();
  process.on('message', (message: { exposed: string; port: number }) =>
    exposed.get(message.exposed)?.(message.port),
  );
  // The channel closes when the outside is gone, even killed outright: then nobody else cleans up.
  process.on('disconnect', () => {
    process.kill(-1, 'SIGKILL');
    removeFolder(stateDir);
    process.exit(1);
  });
  // Neither listener is a reason to stay.
  process.channel?.unref();
  await run('ip', ['link', 'set', 'lo', 'up']);
  await run('ip', ['route', 'add', 'local', podRange, 'dev', 'lo']);
  return {
    stateDir,
    prepared,
    expose: async (port) => {
      const path = join(stateDir, `${port}.sock`);
      const server = createServer((near) => splice(near, connect(port, '127.0.0.1')));
      await new Promise<void>((resolve) => server.listen(path, resolve));
      server.unref();
      const answer = new Promise<number>((resolve) => exposed.set(path, resolve));
      process.send?.({ expose: path });
      return answer;
    },
  };
}

function exposeOutside(child: ChildProcess, message: unknown): void {
  const path = (message as { expose: string }).expose;
  const server = createServer((near) => splice(near, connect(path)));
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') child.send({ exposed: path, port: address.port });
  });
}

function splice(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}
