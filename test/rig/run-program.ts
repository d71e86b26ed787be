import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** What to do about it when the program is not installed. */
  readonly ifMissing?: string;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and answers what it said, whatever its exit code; throws only where it cannot start. */
export async function attempt(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', (cause) => {
      const hint = options.ifMissing === undefined ? '' : `: ${options.ifMissing}`;
      reject(new Error(`cannot run ${program}${hint} (${cause.message})`, { cause }));
    });
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
  // A program that ends without reading its input is its own business.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Runs a program that has to succeed; answers its standard output. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, args, options);
  if (code === 0) return stdout;
  const said = `${stdout}${stderr}`.trim().split('\n').slice(-30).join('\n');
  throw new Error(`${program} ${args.slice(0, 3).join(' ')} ended with exit code ${code}:\n${said}`);
}
