// What a verb has to say, for people or for programs.
import type { Report } from '../report/report.ts';
import { type Line, painted } from './lines.ts';
import type { Look } from './render-status.ts';
import type { Args, Io } from './verb.ts';

/** Writes the lines as the terminal has them. */
export function show(io: Io, lines: readonly Line[]): void {
  io.out(lines.map((line) => `${painted(line, io.terminal.colour)}\n`).join(''));
}

/** Writes what JSON or YAML can say, where `-o` asks for one of them; false where it does not. */
export async function showData(io: Io, args: Args, data: unknown): Promise<boolean> {
  switch (args.text('output')) {
    case 'json':
      io.out(`${JSON.stringify(data, null, 2)}\n`);
      return true;
    case 'yaml': {
      const { stringify } = await import('yaml');
      io.out(stringify(data, { lineWidth: 0, aliasDuplicateObjects: false }));
      return true;
    }
    default:
      return false;
  }
}

/** How wide it may be, and how much is to be seen. */
export function lookOf(io: Io, args: Args, now: number): Look {
  const wide = args.text('output') === 'wide';
  return { width: wide ? Number.POSITIVE_INFINITY : io.terminal.size().columns, now, wide };
}

/** Several reports, as kubectl has lists. */
export function listData(reports: readonly Report[]): { readonly items: readonly Report[] } {
  return { items: reports };
}
