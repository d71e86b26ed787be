// What a verb of `kubectl canary` is, and what it is given to run with.
import type { Clock, Random } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import type { Transport } from '../kube/transport.ts';

/** Exit codes, for scripts: what was asked for is done or so; it failed; nobody can say yet; the command line is wrong. */
export const exit = { done: 0, failed: 1, undecided: 2, usage: 3 } as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** A flag of a verb; without `value` it is a switch. */
export interface Flag {
  /** One line for help. */
  readonly about: string;
  readonly short?: string;
  /** What stands for its value in help, as `NAME`. */
  readonly value?: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  /** True where the value is a time as `5m` or `1m30s`. */
  readonly duration?: true;
  /** True where it may be said more than once. */
  readonly multiple?: true;
}

export type Flags = { readonly [name: string]: Flag };

export interface Verb {
  readonly name: string;
  /** What it is a verb of, where that is not `kubectl canary`. */
  readonly program?: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What follows the name in help, as `NAME` or `[NAME...]`. */
  readonly takes: string;
  /** How many words may follow; each is completed with the names of Deployments unless `words` says which there are. */
  readonly positionals: { readonly least: number; readonly most: number; readonly words?: readonly string[] };
  readonly flags: Flags;
  /** Lines for its help, each what somebody would type. */
  readonly examples?: readonly string[];
  readonly run: (io: Io, args: Args) => Promise<ExitCode>;
}

/** What a verb was given on the command line, checked against its flags. */
export interface Args {
  readonly positionals: readonly string[];
  /** The value of a flag; the last where it was said more than once. */
  text(flag: string): string | undefined;
  /** Every value of a flag. */
  texts(flag: string): readonly string[];
  isSet(flag: string): boolean;
  /** Milliseconds of a flag that is a time. */
  ms(flag: string): number | undefined;
}

/** Everything a verb may touch. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the user stops the verb (Ctrl-C). */
  readonly signal: AbortSignal;
  /** The whole of a file; of standard input where it is `-`. */
  readonly readFile: (path: string) => Promise<string>;
  /** The cluster that the flags name, as the user of them; throws SerinError where there is none. */
  readonly cluster: (args: Args) => Promise<Cluster>;
}

export interface Terminal {
  /** False where the output goes to a file or a pipe. */
  readonly isTty: boolean;
  readonly colour: boolean;
  /** How wide and high it is now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

export interface Cluster {
  readonly kube: Kube;
  /** For what Kube has no word for: a dry run, with its warnings. */
  readonly transport: Transport;
  /** The API server's clock, once it has answered; what stands in the cluster is of its time. */
  readonly clock: Clock;
  /** `-n`, else the namespace of the context, else `default`. */
  readonly namespace: string;
  /** Of the kubeconfig. */
  readonly context: string;
}
