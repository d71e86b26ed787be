// A terminal in memory, and a cluster in memory behind it.
import { SerinError } from '../../src/errors.ts';
import { run } from '../../src/plugin/run.ts';
import type { Cluster, ExitCode, Io } from '../../src/plugin/verb.ts';
import { verbs } from '../../src/plugin/verbs.ts';
import { type VirtualClock, virtualClock } from '../rig/virtual-clock.ts';
import { now } from '../report/shop.ts';

export interface Terminal {
  readonly io: Io;
  readonly clock: VirtualClock;
  /** Everything written so far. */
  readonly said: { out: string; err: string };
  /** Presses Ctrl-C. */
  readonly stop: () => void;
  /** Runs a command line, words apart by blanks. */
  readonly does: (line: string) => Promise<ExitCode>;
}

export interface Shape {
  readonly kube?: Cluster['kube'];
  readonly columns?: number;
  readonly rows?: number;
  readonly isTty?: boolean;
}

/** Nobody looks at it until somebody types. */
export function terminal({ kube, columns = 100, rows = 40, isTty = false }: Shape = {}): Terminal {
  const clock = virtualClock(now);
  const stop = new AbortController();
  const said = { out: '', err: '' };
  const io: Io = {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    terminal: { isTty, colour: false, size: () => ({ columns, rows }) },
    ...{ clock, random: () => 0.5, env: {}, signal: stop.signal },
    readFile: async () => '',
    cluster: async (args) => {
      if (kube === undefined)
        throw new SerinError('CONFIG_INVALID', 'the kubeconfig names no current cluster');
      return {
        kube,
        transport: nowhere,
        clock,
        namespace: args.text('namespace') ?? 'shop',
        context: 'test',
      };
    },
  };
  const does = (line: string): Promise<ExitCode> =>
    run(
      verbs,
      line.split(' ').filter((word) => word !== ''),
      io,
    );
  return { io, clock, said, does, stop: () => stop.abort() };
}

const nowhere: Cluster['transport'] = {
  send: () => Promise.reject(new Error('there is no API server here')),
};
