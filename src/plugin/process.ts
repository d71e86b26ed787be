// The real terminal, files, clock and cluster.
import { readFile } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { text as wholeText } from 'node:stream/consumers';
import { systemClock } from '../clock.ts';
import type { Io, Terminal } from './verb.ts';

/** What a verb runs with in this process. */
export function realIo(argv: readonly string[]): Io {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  // Whoever reads no more (`| head`) has what they wanted.
  process.stdout.on('error', () => process.exit());
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: terminalOf(process.stdout, process.env, argv.includes('--no-color')),
    clock: systemClock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    env: process.env,
    signal: stop.signal,
    readFile: (path) => (path === '-' ? wholeText(process.stdin) : readFile(path, 'utf8')),
    // The Kubernetes client takes most of the time that a plugin takes to start.
    cluster: async (args) => (await import('./cluster.ts')).openCluster(args),
  };
}

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>;

/** What the output can show. Colour is for a terminal whose user has not switched it off (no-color.org). */
export function terminalOf(stream: Partial<Stream>, env: Io['env'], isPlain: boolean): Terminal {
  const isTty = stream.isTTY === true;
  const isDumb = env['TERM'] === 'dumb';
  const noColour = (env['NO_COLOR'] ?? '') !== '';
  const unknown = positive(Number(env['COLUMNS'])) ?? (isTty ? 80 : Number.POSITIVE_INFINITY);
  return {
    isTty: isTty && !isDumb,
    colour: isTty && !isPlain && !isDumb && !noColour,
    size: () => ({
      columns: positive(stream.columns) ?? unknown,
      rows: positive(stream.rows) ?? 24,
    }),
  };
}

/** A terminal that does not know how large it is says 0. */
function positive(size: number | undefined): number | undefined {
  return size !== undefined && size > 0 ? size : undefined;
}
