// Follows one rollout in lines until something is so.
import type { Report } from '../report/report.ts';
import { watchReport } from '../report/watch.ts';
import { type Line, painted, span } from './lines.ts';
import { changeLine } from './render-change.ts';
import type { Cluster, Io } from './verb.ts';
import { clockText } from './words.ts';

/** How often it is read where nothing is heard: who waits wants to know soon. */
const everyMs = 2_000;

export interface Following {
  readonly name: string;
  readonly timeoutMs: number;
}

/**
 * Reads the rollout until `settled` answers something, which is answered; undefined where the time is over or the user
 * stopped it. Writes a line for each change meanwhile.
 */
export async function follow<T>(
  io: Io,
  cluster: Cluster,
  { name, timeoutMs }: Following,
  settled: (report: Report | undefined) => T | undefined,
): Promise<T | undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
  const timer = io.clock.sleep(timeoutMs, signal).then(() => stop.abort());
  let last = '';
  try {
    const source = { ...cluster, random: io.random, everyMs };
    for await (const look of watchReport(source, cluster.namespace, name, signal)) {
      const line = 'trouble' in look ? noted(look.trouble, cluster) : lineOf(look.seen, cluster);
      // What time it is is no change.
      const said = painted(line.slice(1), false);
      if (said !== last) io.out(`${painted(line, io.terminal.colour)}\n`);
      last = said;
      const answer = 'trouble' in look ? undefined : settled(look.seen);
      if (answer !== undefined) return answer;
      if (signal.aborted) return undefined;
    }
    return undefined;
  } finally {
    stop.abort();
    await timer;
  }
}

function lineOf(report: Report | undefined, cluster: Cluster): Line {
  return report === undefined ? noted('it is gone', cluster) : changeLine(report, cluster.clock.now());
}

function noted(text: string, { clock }: Cluster): Line {
  return [span(`${clockText(clock.now())} `, 'faint'), span(text, 'warn')];
}
