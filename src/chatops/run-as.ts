// A verb of `kubectl canary`, run for somebody who is not at a terminal: what it would have written there.
import type { Clock, Random } from '../clock.ts';
import { run } from '../plugin/run.ts';
import type { Cluster, ExitCode, Io } from '../plugin/verb.ts';
import { verbs } from '../plugin/verbs.ts';
import type { Commands } from './argv.ts';

export interface Running {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** The API server, asked as whoever the verb is run for. */
  readonly cluster: Omit<Cluster, 'namespace' | 'context'>;
}

export interface Written {
  readonly code: ExitCode;
  readonly text: string;
}

/** As wide as a comment shows without a bar to scroll by. */
export const columns = 90;

/** Runs the verb; nothing of this process's own (files, environment, kubeconfig) is in its reach. */
export async function runAs({ clock, random, signal, cluster }: Running, argv: Commands): Promise<Written> {
  let text = '';
  const write = (more: string): void => void (text += more);
  const io: Io = {
    ...{ out: write, err: write, clock, random, signal, env: {} },
    terminal: { isTty: false, colour: false, size: () => ({ columns, rows: 100 }) },
    readFile: () => Promise.reject(new Error('there are no files here')),
    cluster: async (args) => ({
      ...cluster,
      ...{ namespace: args.text('namespace') ?? '', context: '' },
    }),
  };
  const code = await run(verbs, argv, io);
  return { code, text };
}
