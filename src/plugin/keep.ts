// Shows what is read again and again until the user stops it: on a screen where there is one, else a line for each change.
import type { Report } from '../report/report.ts';
import type { Look as Reading } from '../report/watch.ts';
import { type Line, painted, span } from './lines.ts';
import { showData } from './output.ts';
import { changeLine } from './render-change.ts';
import type { Look } from './render-status.ts';
import { openScreen, usable } from './screen.ts';
import { type Args, type Cluster, exit, type ExitCode, type Io } from './verb.ts';

/** What is read, and how it is shown. */
export interface Kept<T> {
  readonly looks: AsyncIterable<Reading<T>>;
  readonly screen: (seen: T, look: Look) => readonly Line[];
  readonly reports: (seen: T) => readonly Report[];
}

/** Keeps it current; comes back when the user stops it. */
export async function keep<T>(io: Io, args: Args, cluster: Cluster, kept: Kept<T>): Promise<ExitCode> {
  const isData = ['json', 'yaml'].includes(args.text('output') ?? '');
  if (io.terminal.isTty && !isData) await onScreen(io, args, cluster, kept);
  else await inLines(io, args, cluster, kept);
  return exit.done;
}

/** Times go by while nothing changes. */
const redrawMs = 1_000;

async function onScreen<T>(
  io: Io,
  args: Args,
  { clock }: Cluster,
  { looks, screen }: Kept<T>,
): Promise<void> {
  const shown = openScreen(io);
  const stop = new AbortController();
  let [seen, trouble]: [T | undefined, string | undefined] = [undefined, undefined];
  const draw = (): void => {
    const { columns } = io.terminal.size();
    const look: Look = { width: usable(columns), now: clock.now(), wide: args.text('output') === 'wide' };
    const above: readonly Line[] =
      trouble === undefined ? [] : [[span(`not current: ${trouble}`, 'bad')], []];
    shown.draw([...above, ...(seen === undefined ? [] : screen(seen, look))]);
  };
  const redrawing = again(io, stop.signal, draw);
  try {
    for await (const each of looks) {
      if ('seen' in each) [seen, trouble] = [each.seen, undefined];
      else trouble = each.trouble;
      draw();
    }
  } finally {
    stop.abort();
    await redrawing;
    shown.close();
  }
}

async function again(io: Io, signal: AbortSignal, draw: () => void): Promise<void> {
  for (;;) {
    await io.clock.sleep(redrawMs, signal);
    if (signal.aborted) return;
    draw();
  }
}

async function inLines<T>(
  io: Io,
  args: Args,
  { clock }: Cluster,
  { looks, reports }: Kept<T>,
): Promise<void> {
  const said = new Map<string, string>();
  for await (const each of looks) {
    if ('trouble' in each) {
      io.err(`${span(each.trouble).text}\n`);
      continue;
    }
    for (const report of reports(each.seen)) {
      const line = changeLine(report, clock.now());
      const key = `${report.namespace}/${report.name}`;
      // What time it is is no change.
      const text = painted(line.slice(1), false);
      if (said.get(key) === text) continue;
      said.set(key, text);
      if (args.text('output') === 'json') io.out(`${JSON.stringify(report)}\n`);
      else if (args.text('output') === 'yaml') {
        io.out('---\n');
        await showData(io, args, report);
      } else io.out(`${painted(line, io.terminal.colour)}\n`);
    }
  }
}
