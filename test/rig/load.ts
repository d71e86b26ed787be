import { BlockList, isIP } from 'node:net';
import { Worker } from 'node:worker_threads';
import { type Sample, Tally, type Totals } from './load-tally.ts';

export interface LoadOptions {
  /** Where the gateway listens: an address of the rig's own, never a name. */
  readonly url: string;
  /** The Host header: what the shop's VirtualService routes. */
  readonly host: string;
  /** Further headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly ratePerSecond: number;
  readonly maxSeconds: number;
  readonly maxRequests: number;
  /** After how long a request without a whole answer is a failure; 5 s unless told. */
  readonly timeoutMs?: number;
}

export interface Snapshot extends Totals {
  /** Requests that have left; those not yet counted as ok or failed are on their way. */
  readonly sent: number;
}

export interface Load {
  /** What is known now (at most a twentieth of a second old). */
  snapshot(): Snapshot;
  /** Requests sent from now on count under `byPhase.get(name)`; the first phase is `start`. */
  mark(name: string): void;
  /** Sends nothing more, waits for what is on its way: every request that was sent is then counted. */
  stop(): Promise<Snapshot>;
  /** Settles when the load ended, by its own bounds or by `stop`. */
  readonly ended: Promise<Snapshot>;
}

/** What the two halves tell each other. */
export type LoadPlan = Required<LoadOptions> & { readonly phase: string };
export type LoadOrder = { readonly do: 'stop' } | { readonly do: 'mark'; readonly name: string };
export interface LoadReport {
  readonly sent: number;
  readonly samples: readonly Sample[];
  readonly done: boolean;
}

const LIMITS = { ratePerSecond: 1_000, maxSeconds: 900, maxRequests: 200_000 } as const;

/** Starts an open loop of requests, bounded in rate, time and number; throws where a bound or the target is not allowed. */
export function startLoad(options: LoadOptions): Load {
  refuseForeignTarget(options.url);
  refuseUnbounded(options);
  const plan: LoadPlan = { timeoutMs: 5_000, headers: {}, ...options, phase: 'start' };
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: plan });
  const tally = new Tally();
  let sent = 0;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule is about windows
  const order = (message: LoadOrder): void => worker.postMessage(message);
  const snapshot = (): Snapshot => ({ sent, ...tally.totals() });

  const ended = new Promise<Snapshot>((resolve, reject) => {
    worker.on('message', (report: LoadReport) => {
      sent = report.sent;
      for (const sample of report.samples) tally.add(sample);
      if (report.done) resolve(snapshot());
    });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(new Error(`The load ended before its last report (exit code ${code})`)),
    );
  });
  // Whoever waits sees the failure; nobody waiting is no reason to end the process.
  ended.catch(() => undefined);

  return {
    snapshot,
    mark: (name) => order({ do: 'mark', name }),
    stop: () => {
      order({ do: 'stop' });
      return ended;
    },
    ended,
  };
}

const ownAddresses = new BlockList();
ownAddresses.addSubnet('127.0.0.0', 8);
ownAddresses.addSubnet('10.244.0.0', 16);

/** A load must never meet a machine that is not the rig's: loopback and the rig's pods only. */
function refuseForeignTarget(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' || isIP(hostname) !== 4 || !ownAddresses.check(hostname)) {
    throw new Error(`A load goes to http://127.0.0.0/8 or http://10.244.0.0/16 only, not to ${url}`);
  }
}

function refuseUnbounded(options: LoadOptions): void {
  for (const bound of ['ratePerSecond', 'maxSeconds', 'maxRequests'] as const) {
    const value = options[bound];
    if (!(value > 0 && value <= LIMITS[bound])) {
      throw new Error(`${bound} of a load must be above 0 and at most ${LIMITS[bound]}, not ${value}`);
    }
  }
}
