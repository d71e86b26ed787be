// kubectl canary dashboard: one page for one person, from their own machine and with their own rights.
import { randomBytes } from 'node:crypto';
import type { Random } from '../clock.ts';
import { hasCode } from '../errors.ts';
import type { Transport } from '../kube/transport.ts';
import type { Source } from '../report/read.ts';
import { watchReports } from '../report/watch.ts';
import { loadAssets } from './assets.ts';
import { createBoard, type LiveBoard } from './board.ts';
import { heardKube } from './heard-kube.ts';
import { createPast } from './past.ts';
import { serve } from './server.ts';

interface DashboardOptions extends Source {
  readonly random: Random;
  readonly transport: Transport;
  /** Of the kubeconfig. */
  readonly context: string;
  /** What is shown where not everything may be read. */
  readonly namespace: string;
  /** 0: any that is free. */
  readonly port: number;
  /** The namespace that Serin is installed in. */
  readonly home: string;
  readonly allowActions: boolean;
  readonly signal: AbortSignal;
}

/** Serves the page until `signal` aborts; `ready` is told its address, with the token, once it can be opened. */
export async function runDashboard(options: DashboardOptions, ready: (url: string) => void): Promise<void> {
  const { kube, clock, context, allowActions, port, home } = options;
  const secret = (): string => randomBytes(24).toString('base64url');
  const past = createPast(options, home);
  // Of what is watched only the breaks are told there: what is polled may not notice an API server that restarts.
  const heard = heardKube(kube, (trouble) => board.hear(trouble));
  const board: LiveBoard = createBoard({ kube: heard, clock, past, context, allowActions, boot: secret() });
  const keys = { token: secret(), session: secret(), allowActions };
  const server = await serve({ board, assets: await loadAssets(), clock, keys, port });
  try {
    ready(server.url);
    await follow({ ...options, kube: heard }, board);
  } finally {
    await server.close();
  }
}

/** Every namespace, or the one of the context where only that may be read. */
async function follow(options: DashboardOptions, board: LiveBoard): Promise<void> {
  const { namespace, signal } = options;
  const lookAt = async (where: string | undefined): Promise<void> => {
    for await (const look of watchReports(options, where, signal)) board.look(look);
  };
  try {
    await lookAt(undefined);
  } catch (error: unknown) {
    if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
    await lookAt(namespace);
  }
}
