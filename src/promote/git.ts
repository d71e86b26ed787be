// The `git` program: without a shell, a prompt, hooks or what the folder above says, limited in time and output.
import { spawn } from 'node:child_process';
import { line, withoutSecrets } from '../gates/shown.ts';
import type { Io } from '../plugin/verb.ts';
import { Stop } from './stop.ts';
import type { Token } from './token.ts';

/** Runs git in a folder. */
export interface Git {
  /** What it wrote; throws Stop where it failed. `doing` begins the message. */
  does(doing: string, folder: string | undefined, args: readonly string[]): Promise<string>;
  /** The same, and a failure is an answer. */
  tries(folder: string | undefined, args: readonly string[]): Promise<Said>;
}

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  /** What went wrong, in one line that may be shown. */
  readonly why: string;
}

const limitMs = 300_000;
const mostBytes = 16 * 1024 * 1024;

/** git as the user; with a token, that is what it says to `origin`, and to nobody else. */
export function createGit(
  { env, signal }: Pick<Io, 'env' | 'signal'>,
  access?: { readonly token: Token; readonly origin: string },
): Git {
  const given = gitEnv(env, access);
  const secrets = access?.token.secrets ?? [];
  const tries: Git['tries'] = async (folder, args) => {
    const { code, stdout, stderr, error } = await run(args, { folder, env: given, signal });
    const why = error ?? reasonIn(stderr);
    return { code, stdout, why: line(withoutSecrets(why, secrets)) };
  };
  return {
    tries,
    does: async (doing, folder, args) => {
      const { code, stdout, why } = await tries(folder, args);
      if (code !== 0) throw new Stop(`${doing}: ${why}${hintOf(why)}`);
      return stdout;
    },
  };
}

const withHelper = String.raw`!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$SERIN_GIT_USER" "$SERIN_GIT_TOKEN"; }; f`;

function gitEnv(
  env: Io['env'],
  access: { readonly token: Token; readonly origin: string } | undefined,
): NodeJS.ProcessEnv {
  const config: (readonly [key: string, value: string])[] = [
    // A link of the repository leads nowhere, its file ends are its own, and nothing of it is run.
    ...([
      ['core.symlinks', 'false'],
      ['core.autocrlf', 'false'],
      ['core.hooksPath', '/dev/null'],
    ] as const),
    ['core.fsmonitor', 'false'],
    // Whoever is root@machine is not who promotes.
    ['user.useConfigOnly', 'true'],
    ...(access === undefined
      ? []
      : ([
          [`credential.${access.origin}.helper`, ''],
          [`credential.${access.origin}.helper`, withHelper],
        ] as const)),
  ];
  const first = Number(env['GIT_CONFIG_COUNT'] ?? 0);
  const pairs = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  // In a hook or an alias git says which repository is meant; it is another one here.
  const { GIT_DIR: _, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, GIT_PREFIX: _prefix, ...own } = env;
  return {
    ...own,
    ...(Object.fromEntries(pairs) as Record<string, string>),
    GIT_CONFIG_COUNT: String(first + config.length),
    ...{ GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '', GCM_INTERACTIVE: 'never' },
    ...{ GIT_ALLOW_PROTOCOL: 'https:http:ssh:file', GIT_LFS_SKIP_SMUDGE: '1', LC_ALL: 'C' },
    GIT_SSH_COMMAND: env['GIT_SSH_COMMAND'] ?? 'ssh -o BatchMode=yes -o ConnectTimeout=30',
    ...(access === undefined
      ? {}
      : { SERIN_GIT_USER: access.token.user, SERIN_GIT_TOKEN: access.token.text }),
  };
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not run to its end. */
  readonly error?: string;
}

function run(
  args: readonly string[],
  { folder, env, signal }: { folder: string | undefined; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn('git', args, {
      ...{ env, signal, timeout: limitMs, stdio: ['ignore', 'pipe', 'pipe'] },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    const said: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    let size = 0;
    let error: string | undefined;
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= mostBytes) return said[name].push(chunk);
        error = `git said more than ${mostBytes / 1024 / 1024} MiB`;
        return child.kill();
      });
    child.on('error', (cause) => {
      const isMissing = 'code' in cause && cause.code === 'ENOENT';
      error = signal.aborted ? 'stopped' : isMissing ? 'the program git is not there' : cause.message;
      if (child.pid === undefined) resolve({ code: null, stdout: '', stderr: '', error });
    });
    child.on('close', (code, killed) => {
      const late =
        code === null && error === undefined ? `no end after ${limitMs / 1000}s (${killed})` : error;
      const [stdout, stderr] = [said.stdout, said.stderr].map((all) => Buffer.concat(all).toString('utf8'));
      const why = late === undefined ? {} : { error: late };
      resolve({ code, stdout: stdout ?? '', stderr: stderr ?? '', ...why });
    });
  });
}

/** The line that says it: git says much around it. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((each) => each.trim() !== '');
  const found = lines.find((each) => /^(fatal|error|remote: error| ! \[)/.test(each)) ?? lines.at(-1) ?? '';
  return found.replace(/^(fatal|error): /, '');
}

function hintOf(why: string): string {
  if (/identity unknown|auto-detect|no (email|name) was given|empty ident/i.test(why))
    return '; git config --global user.name and user.email say who promotes';
  if (
    /Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied/.test(
      why,
    )
  )
    return '; a token that may read and push there belongs into GIT_TOKEN';
  return '';
}
