// Real programs as children of the rig: each with a log file, gone at the latest when the rig's namespace goes.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Called when it ends on its own; without it, that is a fault of the rig and is shown. */
  readonly onExit?: (exit: Exit) => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly name: string;
  readonly pid: number;
  /** Whether it still runs. */
  isAlive(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Kills it outright (what it holds is the rig's and goes with it) and waits for its end. */
  stop(): Promise<void>;
}

/** Starts a program; throws where it cannot be started at all. */
export function start(program: Program): Running {
  mkdirSync(dirname(program.logFile), { recursive: true });
  const log = openSync(program.logFile, 'a');
  const child = spawn(program.file, program.args, {
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'] ?? '', HOME: dirname(program.logFile), ...program.env },
    // A session of its own: a terminal's Ctrl-C goes to the rig, not to its parts.
    detached: true,
  });
  closeSync(log);
  child.unref();
  let isStopping = false;
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = (exit: Exit, why: string): void => {
      hasEnded = true;
      resolve();
      if (isStopping) return;
      if (program.onExit !== undefined) program.onExit(exit);
      else console.error(`${program.name} ${why}; its last lines:\n${lastLines(program.logFile)}`);
    };
    child.on('exit', (code, signal) =>
      end({ code, signal }, `ended by itself (${signal ?? `exit code ${code}`})`),
    );
    child.on('error', (error) => end({ code: null, signal: null }, `cannot start: ${error.message}`));
  });
  return {
    name: program.name,
    pid: child.pid ?? 0,
    isAlive: () => !hasEnded,
    kill: (signal) => {
      // Its end is near and somebody waits for it.
      if (signal === 'SIGKILL') child.ref();
      child.kill(signal);
    },
    stop: async () => {
      isStopping = true;
      if (hasEnded) return;
      child.ref();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The end of a log file. */
export function lastLines(file: string, count = 20): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

interface Patience {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  /** Waiting ends at once when one of these has ended. */
  readonly needs?: readonly Running[];
}

/**
 * Asks `probe` again and again until it answers something other than undefined or false, and answers that; a probe that
 * throws has no answer yet. Throws, naming `what` was awaited and the last error, when patience is over.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 50, needs = [] }: Patience = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    } catch (error: unknown) {
      last = error;
    }
    const dead = needs.find((running) => !running.isAlive());
    if (dead !== undefined) throw new Error(`waited for ${what}, but ${dead.name} has ended`);
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs / 1000} s for ${what}`, last === undefined ? {} : { cause: last });
    }
    await sleep(everyMs);
  }
}
