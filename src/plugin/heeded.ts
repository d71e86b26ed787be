// Waits until what was said has come about.
import type { Command } from '../rollout/command.ts';
import type { Report } from '../report/report.ts';
import { follow } from './follow.ts';
import { type Args, type Cluster, exit, type ExitCode, type Io } from './verb.ts';
import { usualWaitMs, waitFor } from './wait.ts';
import { lengthText } from './words.ts';

export interface Told {
  readonly name: string;
  readonly command: Command;
}

/** Follows the rollout until it is as the command wants it; of what begins a trial, to the end of that. */
export async function untilHeeded(
  io: Io,
  args: Args,
  cluster: Cluster,
  { name, command }: Told,
): Promise<ExitCode> {
  const timeoutMs = args.ms('timeout') ?? usualWaitMs;
  const begun = cluster.clock.now();
  const seen = await follow(io, cluster, { name, timeoutMs }, (report) =>
    report !== undefined && isHeeded(report, command) ? report : undefined,
  );
  if (seen === undefined) {
    const over = io.signal.aborted ? 'stopped' : `not heeded after ${lengthText(timeoutMs)}`;
    io.err(`${name}: ${over}; its Events say why: kubectl canary status ${name} -o wide\n`);
    return exit.undecided;
  }
  if (!['promote', 'retry', 'rollback'].includes(command.do)) return exit.done;
  const { revision } = seen.candidate ?? seen.stable;
  const left = Math.max(0, timeoutMs - (cluster.clock.now() - begun));
  return waitFor(io, cluster, { name, target: { revision }, timeoutMs: left });
}

function isHeeded({ phase, pause, candidate, stable }: Report, { do: word, revision }: Command): boolean {
  switch (word) {
    case 'pause':
      return pause !== undefined;
    case 'resume':
      return pause === undefined;
    case 'abort':
      return phase === 'Failed' || phase === 'Aborted';
    case 'retry':
      return phase !== 'Failed';
    case 'rollback':
      return (candidate ?? stable).revision !== revision;
    case 'promote':
      return true;
  }
}
